//! Bilinear resizing without antialiasing.

/// Where pixels are thought to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    /// Values belong to the centres of square pixels.
    Centres,
    /// Values belong to corners: output position i has the value at input position i · input / output.
    Corners,
}

/// One output position between two input positions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Between {
    low: usize,
    high: usize,
    /// Weight of `high`; `low` has the rest.
    weight: f32,
}

/// Resizes images of one size to squares of another.
#[derive(Clone, Debug)]
pub(super) struct Bilinear {
    rows: Vec<Between>,
    columns: Vec<Between>,
    /// Columns of the input.
    width: usize,
}

impl Bilinear {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(grid: Grid, height: usize, width: usize, size: usize) -> Self {
        let (rows, columns) = (positions(grid, height, size), positions(grid, width, size));
        Self { rows, columns, width }
    }

    /// Calls `put(row, values)` for each output row in turn, on the scale 0 to 255: the row of the first of `C` channels,
    /// then of the next. `image` is H x W x C.
    pub(super) fn for_each_row<const C: usize>(
        &self,
        image: &[u8],
        mut put: impl FnMut(usize, &[f32]),
    ) {
        // Neighbouring output rows lie between the same input rows: each is stretched once.
        let mut above = StretchedRow::<C>::none(self);
        let mut below = above.clone();
        let mut mixed = above.values.clone();
        for (row, vertical) in self.rows.iter().enumerate() {
            if below.row == Some(vertical.low) {
                std::mem::swap(&mut above, &mut below);
            }
            above.fill(self, image, vertical.low);
            below.fill(self, image, vertical.high);
            let neighbours = above.values.iter().zip(&below.values);
            for (value, (&above, &below)) in mixed.iter_mut().zip(neighbours) {
                *value = blend(above, below, vertical.weight);
            }
            put(row, &mixed);
        }
    }
}

/// Resizing as two products: rows x image x columns.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::extractor) struct Matrices {
    /// `[size, height]`, row-major.
    pub(in crate::extractor) rows: Vec<f32>,
    /// `[width, size]`, row-major.
    pub(in crate::extractor) columns: Vec<f32>,
}

impl Matrices {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(grid: Grid, height: usize, width: usize, size: usize) -> Self {
        let (mut rows, mut columns) = (vec![0.0; size * height], vec![0.0; width * size]);
        // Where both neighbours are one position, their weights add up to 1.
        for (row, between) in positions(grid, height, size).into_iter().enumerate() {
            let Between { low, high, weight } = between;
            rows[row * height + low] += 1.0 - weight;
            rows[row * height + high] += weight;
        }
        for (column, between) in positions(grid, width, size).into_iter().enumerate() {
            let Between { low, high, weight } = between;
            columns[low * size + column] += 1.0 - weight;
            columns[high * size + column] += weight;
        }
        Self { rows, columns }
    }
}

/// An input row brought to the output's width, channel after channel.
#[derive(Clone)]
struct StretchedRow<const C: usize> {
    /// Which row, unless none yet.
    row: Option<usize>,
    values: Vec<f32>,
}

impl<const C: usize> StretchedRow<C> {
    fn none(resize: &Bilinear) -> Self {
        Self { row: None, values: vec![0.0; C * resize.columns.len()] }
    }

    /// Takes row `row` of `image`, unless it is there already.
    fn fill(&mut self, resize: &Bilinear, image: &[u8], row: usize) {
        if self.row.replace(row) == Some(row) {
            return;
        }
        let size = resize.columns.len();
        let line = image[row * resize.width * C..][..resize.width * C].as_chunks::<C>().0;
        for (column, horizontal) in resize.columns.iter().enumerate() {
            let (low, high) = (line[horizontal.low], line[horizontal.high]);
            for channel in 0..C {
                let (low, high) = (f32::from(low[channel]), f32::from(high[channel]));
                self.values[channel * size + column] = blend(low, high, horizontal.weight);
            }
        }
    }
}

fn blend(low: f32, high: f32, weight: f32) -> f32 {
    (1.0 - weight) * low + weight * high
}

/// Where each of `output` positions lies among `input` positions.
fn positions(grid: Grid, input: usize, output: usize) -> Vec<Between> {
    let scale = input as f32 / output as f32;
    (0..output)
        .map(|index| {
            let source = match grid {
                Grid::Centres => (scale * (index as f32 + 0.5) - 0.5).max(0.0),
                Grid::Corners => scale * index as f32,
            };
            let low = (source as usize).min(input - 1);
            Between { low, high: (low + 1).min(input - 1), weight: source - low as f32 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(image: &[u8], height: usize, width: usize, size: usize) -> Vec<f32> {
        resized(Grid::Centres, image, height, width, size)
    }

    fn resized(grid: Grid, image: &[u8], height: usize, width: usize, size: usize) -> Vec<f32> {
        let mut values = Vec::new();
        Bilinear::new(grid, height, width, size)
            .for_each_row::<1>(image, |_, row| values.extend_from_slice(row));
        values
    }

    // Expected values: by hand, source = (output + 0.5) * scale - 0.5, cut at the border.

    #[test]
    fn enlarging_mixes_neighbours() {
        let found = grey(&[0, 10, 20, 30], 2, 2, 4);
        let expected = [
            0.0, 2.5, 7.5, 10.0, 5.0, 7.5, 12.5, 15.0, 15.0, 17.5, 22.5, 25.0, 20.0, 22.5, 27.5,
            30.0,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn shrinking_does_not_antialias() {
        let image: Vec<u8> = (0..25).collect();
        assert_eq!(grey(&image, 5, 5, 1), [12.0]);
        assert_eq!(grey(&[0, 100, 200, 50], 1, 4, 2), [50.0, 125.0, 50.0, 125.0]);
    }

    #[test]
    fn tensorflow_1_puts_the_first_pixel_first() {
        let found = resized(Grid::Corners, &[0, 10, 20, 30], 2, 2, 4);
        let expected = [
            0.0, 5.0, 10.0, 10.0, 10.0, 15.0, 20.0, 20.0, 20.0, 25.0, 30.0, 30.0, 20.0, 25.0, 30.0,
            30.0,
        ];
        assert_eq!(found, expected);
        let shrunk = resized(Grid::Corners, &[0, 100, 200, 50], 1, 4, 2);
        assert_eq!(shrunk, [0.0, 200.0, 0.0, 200.0]);
    }

    /// Every value by its own four pixels: to the last bit, since the operations are the same.
    #[test]
    fn rows_are_mixed_like_single_pixels() {
        let image: Vec<u8> = (0..23 * 17 * 3).map(|i| (i * 89 % 251) as u8).collect();
        for grid in [Grid::Centres, Grid::Corners] {
            for size in [1, 5, 17, 40] {
                let (rows, columns) = (positions(grid, 23, size), positions(grid, 17, size));
                let pixel = |row: usize, column: usize, channel: usize| {
                    f32::from(image[(row * 17 + column) * 3 + channel])
                };
                let mut seen = 0;
                Bilinear::new(grid, 23, 17, size).for_each_row::<3>(&image, |row, values| {
                    assert_eq!((row, values.len()), (seen, 3 * size));
                    seen += 1;
                    for (place, &value) in values.iter().enumerate() {
                        let (channel, across, down) =
                            (place / size, columns[place % size], rows[row]);
                        let [above, below] = [down.low, down.high].map(|row| {
                            let ends = [across.low, across.high].map(|at| pixel(row, at, channel));
                            blend(ends[0], ends[1], across.weight)
                        });
                        let expected = blend(above, below, down.weight);
                        assert_eq!(value, expected, "{grid:?} to {size}: {row}, {place}");
                    }
                });
                assert_eq!(seen, size);
            }
        }
    }

    #[test]
    fn two_matrices_resize_alike() {
        let (height, width, size) = (23, 17, 40);
        let image: Vec<u8> = (0..height * width).map(|i| (i * 89 % 251) as u8).collect();
        for grid in [Grid::Centres, Grid::Corners] {
            let Matrices { rows, columns } = Matrices::new(grid, height, width, size);
            let expected = resized(grid, &image, height, width, size);
            for (place, &expected) in expected.iter().enumerate() {
                let (row, column) = (place / size, place % size);
                let across = |y: usize| -> f32 {
                    let pixels = image[y * width..][..width].iter().enumerate();
                    pixels.map(|(x, &value)| f32::from(value) * columns[x * size + column]).sum()
                };
                let found: f32 = (0..height).map(|y| rows[row * height + y] * across(y)).sum();
                assert!((found - expected).abs() < 1e-4, "{grid:?}, {place}: {found}, {expected}");
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image: Vec<u8> = (0..49).map(|value| value * 5).collect();
        let same: Vec<f32> = image.iter().map(|&value| f32::from(value)).collect();
        for grid in [Grid::Centres, Grid::Corners] {
            assert_eq!(resized(grid, &image, 7, 7, 7), same, "{grid:?}");
        }
    }
}
