//! What a convolution looks like, and how it is divided.

use crate::points::{ONE, Points, SIX, TEN};
use crate::product::WIDTH;
use crate::register;

/// Most taps along an axis.
const TAPS: usize = 7;
/// Most points along an axis.
const POINTS_OF_AXIS: usize = 10;
/// Most points of a tile.
const POINTS_OF_TILE: usize = 36;

/// What a convolution looks like but for its weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Channels that lie side by side, see [`register::lanes`].
    pub(super) lanes: usize,
    /// Channels.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Down and across.
    pub(super) taps: [usize; 2],
    /// Zeros on either side.
    pub(super) padding: [usize; 2],
}

impl Shape {
    /// Whether it can be computed here, on this processor.
    pub(super) fn is_supported(&self) -> bool {
        register::supports(self.lanes)
            && matches!(self.taps, [3, 3] | [5, 5] | [1, 7] | [7, 1])
            && [self.inputs, self.outputs]
                .into_iter()
                .all(|n| n > 0 && n.is_multiple_of(self.lanes))
            && self.padding.iter().zip(self.taps).all(|(&padding, taps)| padding < taps)
    }

    /// Height and width of the output for an input of `size`, if there are any.
    pub(super) fn output_size(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |axis: usize| {
            let padded = size[axis] + 2 * self.padding[axis] + 1;
            padded.checked_sub(self.taps[axis]).filter(|&n| n > 0 && size[axis] > 0)
        };
        Some([along(0)?, along(1)?])
    }

    /// Points of a tile, down and across.
    pub(super) fn axes(&self) -> [&'static Points; 2] {
        self.taps.map(|taps| match taps {
            1 => &ONE,
            7 => &TEN,
            _ => &SIX,
        })
    }

    /// Number of points of a tile.
    pub(super) fn points(&self) -> usize {
        self.axes().map(Points::count).iter().product()
    }

    /// Number of tiles down and across of an output of `size`.
    pub(super) fn tiles(&self, size: [usize; 2]) -> [usize; 2] {
        let points = self.axes().map(Points::count);
        [0, 1].map(|axis| size[axis].div_ceil(points[axis] + 1 - self.taps[axis]))
    }

    /// Groups of output channels that are multiplied at a time: the first channel and the number of registers.
    pub(super) fn groups(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (lanes, registers) = (self.lanes, self.outputs / self.lanes);
        let groups = registers.div_ceil(WIDTH);
        (0..groups).map(move |group| {
            let (start, end) = (registers * group / groups, registers * (group + 1) / groups);
            (start * lanes, end - start)
        })
    }

    /// What one kernel becomes: as many values as there are points.
    pub(super) fn transform_kernel(&self, taps: &[f32]) -> [f64; POINTS_OF_TILE] {
        let [down, across] = self.axes();
        let [points_down, points_across] = [down, across].map(Points::count);
        let mut rows = [[0.0; POINTS_OF_AXIS]; TAPS];
        let mut taps_of_row = [0.0; TAPS];
        for (row, taps) in rows.iter_mut().zip(taps.chunks_exact(self.taps[1])) {
            for (target, tap) in taps_of_row.iter_mut().zip(taps) {
                *target = f64::from(*tap);
            }
            across.transform_taps(&taps_of_row[..taps.len()], &mut row[..points_across]);
        }
        let mut values = [0.0; POINTS_OF_TILE];
        let (mut taps_of_column, mut column) = ([0.0; TAPS], [0.0; POINTS_OF_AXIS]);
        for x in 0..points_across {
            for (target, row) in taps_of_column.iter_mut().zip(&rows) {
                *target = row[x];
            }
            down.transform_taps(&taps_of_column[..self.taps[0]], &mut column[..points_down]);
            for (y, value) in column[..points_down].iter().enumerate() {
                values[y * points_across + x] = *value;
            }
        }
        values
    }
}
