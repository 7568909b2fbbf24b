//! A convolution without stride in the blocked layout.

use std::ops::Range;

use crate::product::{self, TILES, WIDTH};
use crate::register::{Narrow, Register, Wide};
use crate::shape::Shape;
use crate::transform::{Place, transform_inputs, transform_products};

/// Bytes of transformed values that are kept at a time, about: they should stay in the second-level cache.
const BLOCK_BYTES: usize = 1 << 19;
/// Alignment of transformed values in bytes: a cache line.
const LINE_BYTES: usize = 64;

/// A convolution of given weights.
#[derive(Debug)]
pub(super) struct Convolution {
    shape: Shape,
    /// For each group of registers of output channels, `[points, inputs, registers * lanes]`.
    kernels: Vec<f32>,
    /// `[outputs]`.
    bias: Vec<f32>,
    /// Smaller outputs become this.
    least: f32,
}

/// Some tiles of the output of an image.
pub(super) struct Part<'a> {
    /// `[inputs / lanes, height, width, lanes]`.
    pub(super) image: &'a [f32],
    /// Height and width of the image.
    pub(super) size: [usize; 2],
    pub(super) tiles: Range<usize>,
}

/// Memory for the transformed values of some tiles, kept from call to call.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    inputs: Vec<f32>,
    products: Vec<f32>,
}

/// The output of one image, `[outputs / lanes, height, width, lanes]`, to which several threads write different tiles.
#[derive(Clone, Copy)]
pub(super) struct Output(*mut f32);

// SAFETY: threads write to different places, which the callers of `Convolution::run` see to.
unsafe impl Send for Output {}
// SAFETY: as above.
unsafe impl Sync for Output {}

impl Output {
    pub(super) fn new(values: &mut [f32]) -> Self {
        Self(values.as_mut_ptr())
    }
}

/// The first output of a tile: its row and column.
type Corner = [isize; 2];

impl Convolution {
    /// Prepares `weight`, `[outputs, inputs, taps down, taps across]`, and `bias`, `[outputs]`; with `relu`, negative
    /// outputs become 0. None if the shape is not supported or the lengths do not fit it.
    pub(super) fn new(shape: Shape, weight: &[f32], bias: &[f32], relu: bool) -> Option<Self> {
        let area = shape.taps.iter().product::<usize>();
        let fits =
            bias.len() == shape.outputs && weight.len() == shape.outputs * shape.inputs * area;
        if !shape.is_supported() || !fits {
            return None;
        }
        let points = shape.points();
        let mut kernels = vec![0.0; points * shape.inputs * shape.outputs];
        for (base, registers) in shape.groups() {
            let width = registers * shape.lanes;
            let group =
                &mut kernels[points * shape.inputs * base..][..points * shape.inputs * width];
            let weight = weight[base * shape.inputs * area..].chunks_exact(area);
            for (index, taps) in weight.take(width * shape.inputs).enumerate() {
                let (output, input) = (index / shape.inputs, index % shape.inputs);
                let transformed = shape.transform_kernel(taps);
                for (point, value) in transformed.into_iter().take(points).enumerate() {
                    group[(point * shape.inputs + input) * width + output] = value as f32;
                }
            }
        }
        let least = if relu { 0.0 } else { f32::NEG_INFINITY };
        Some(Self { shape, kernels, bias: bias.to_vec(), least })
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Parts into which the tiles of an output of `size` are divided to run one after the other or side by side; at
    /// least `parts` where there are so many tiles.
    pub(super) fn parts(&self, size: [usize; 2], parts: usize) -> Vec<Range<usize>> {
        let tiles = self.shape.tiles(size).iter().product::<usize>();
        let bytes = 4 * self.shape.points() * (self.shape.inputs + WIDTH * self.shape.lanes);
        let parts = parts.max(tiles.div_ceil((BLOCK_BYTES / bytes).max(1))).min(tiles);
        (0..parts).map(|part| tiles * part / parts..tiles * (part + 1) / parts).collect()
    }

    /// Computes a part of the output of an image.
    ///
    /// # Safety
    /// `output` must be that of an image of this size, and no one else may use these tiles of it.
    ///
    /// # Panics
    /// If the image is not of this size, or there is no output.
    pub(super) unsafe fn run(&self, part: Part<'_>, scratch: &mut Scratch, output: Output) {
        let Part { image, size: [height, width], .. } = part;
        assert_eq!(image.len(), self.shape.inputs * height * width, "size of an image");
        // SAFETY: a supported shape, so the processor has the registers; the rest is the caller's.
        unsafe {
            match self.shape.lanes {
                Wide::LANES => self.run_wide(part, scratch, output),
                _ => self.run_narrow(part, scratch, output),
            }
        }
    }

    /// [`run`](Self::run) with AVX-512.
    #[target_feature(enable = "avx512f")]
    unsafe fn run_wide(&self, part: Part<'_>, scratch: &mut Scratch, output: Output) {
        // SAFETY: the caller's.
        unsafe { self.run_in::<Wide>(part, scratch, output) }
    }

    /// [`run`](Self::run) with AVX2.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn run_narrow(&self, part: Part<'_>, scratch: &mut Scratch, output: Output) {
        // SAFETY: the caller's.
        unsafe { self.run_in::<Narrow>(part, scratch, output) }
    }

    /// [`run`](Self::run) with registers of this kind.
    #[inline(always)]
    unsafe fn run_in<R: Register>(&self, part: Part<'_>, scratch: &mut Scratch, output: Output) {
        // SAFETY: the caller's.
        unsafe {
            match self.shape.taps {
                [3, _] => self.run_tiles::<R, 6, 6, 4, 4>(part, scratch, output),
                [5, _] => self.run_tiles::<R, 6, 6, 2, 2>(part, scratch, output),
                [7, _] => self.run_tiles::<R, 10, 1, 4, 1>(part, scratch, output),
                _ => self.run_tiles::<R, 1, 10, 1, 4>(part, scratch, output),
            }
        }
    }

    /// [`run`](Self::run) for tiles of PY x PX points and OY x OX outputs.
    #[inline(always)]
    unsafe fn run_tiles<
        R: Register,
        const PY: usize,
        const PX: usize,
        const OY: usize,
        const OX: usize,
    >(
        &self,
        part: Part<'_>,
        scratch: &mut Scratch,
        output: Output,
    ) {
        let Part { image, size, tiles } = part;
        let inputs = self.shape.inputs;
        let output_size = self.shape.output_size(size).expect("an image as large as the taps");
        let [_, across] = self.shape.tiles(output_size);
        let corners: Vec<Corner> = tiles
            .map(|tile| [tile / across * OY, tile % across * OX].map(|at| at as isize))
            .collect();
        // Behind each point's values there is room for the tiles that products are rounded up to, and one line more,
        // so that points do not fall on the same places of the cache.
        let rows = corners.len() + TILES;
        let step = rows * inputs + R::LANES;
        let transformed = aligned(&mut scratch.inputs, PY * PX * step);
        // SAFETY: every tile and channel has room in every point's values.
        unsafe {
            self.transform_image::<R, PY, PX>(
                image,
                size,
                &corners,
                transformed.as_mut_ptr(),
                step,
            );
        }
        for group @ (base, registers) in self.shape.groups() {
            let line = registers * R::LANES;
            let product_step = rows * line + R::LANES;
            let products = aligned(&mut scratch.products, PY * PX * product_step);
            let kernels = &self.kernels[PY * PX * inputs * base..][..PY * PX * inputs * line];
            let sides = [corners.len(), inputs, registers];
            for (point, kernels) in kernels.chunks_exact(inputs * line).enumerate() {
                let (transformed, products) =
                    (&transformed[point * step..], &mut products[point * product_step..]);
                // SAFETY: values and products of a point have room for the rounded number of tiles.
                unsafe {
                    let (inputs, kernels) = (transformed.as_ptr(), kernels.as_ptr());
                    product::multiply::<R>(inputs, kernels, sides, products.as_mut_ptr());
                }
            }
            // SAFETY: the products have been computed; the rest is the caller's.
            unsafe {
                let source = (products.as_ptr(), product_step);
                self.write_outputs::<R, PY, PX, OY, OX>(
                    group,
                    source,
                    output_size,
                    &corners,
                    output,
                );
            }
        }
    }

    /// Transforms the inputs of tiles: channels of a tile, tiles of a point, and points `step` values apart.
    ///
    /// # Safety
    /// `target` must have room for them.
    #[inline(always)]
    unsafe fn transform_image<R: Register, const PY: usize, const PX: usize>(
        &self,
        image: &[f32],
        [height, width]: [usize; 2],
        corners: &[Corner],
        target: *mut f32,
        step: usize,
    ) {
        let padding = self.shape.padding.map(|padding| padding as isize);
        for (channel, plane) in image.chunks_exact(height * width * R::LANES).enumerate() {
            for (index, [top, left]) in corners.iter().enumerate() {
                let place = Place { height, width, top: top - padding[0], left: left - padding[1] };
                // SAFETY: the plane is as large; the target's room is the caller's.
                unsafe {
                    let target = target.add(index * self.shape.inputs + channel * R::LANES);
                    let axes = self.shape.axes();
                    transform_inputs::<R, PY, PX>(axes, plane.as_ptr(), place, target, step);
                }
            }
        }
    }

    /// Writes the outputs of tiles in a group of channels from its products, whose points are so many values apart.
    ///
    /// # Safety
    /// There must be products of every tile; for `output` as [`run`](Self::run).
    #[inline(always)]
    unsafe fn write_outputs<
        R: Register,
        const PY: usize,
        const PX: usize,
        const OY: usize,
        const OX: usize,
    >(
        &self,
        (base, registers): (usize, usize),
        (products, step): (*const f32, usize),
        [height, width]: [usize; 2],
        corners: &[Corner],
        output: Output,
    ) {
        let axes = self.shape.axes();
        for register in 0..registers {
            let channel = base + register * R::LANES;
            // SAFETY: there are `R::LANES` values of bias from every register's first channel on.
            let limits = unsafe { [R::load(self.bias[channel..].as_ptr()), R::splat(self.least)] };
            for (index, &[top, left]) in corners.iter().enumerate() {
                let place = Place { height, width, top, left };
                // SAFETY: the caller's.
                unsafe {
                    let source = products.add((index * registers + register) * R::LANES);
                    let plane = output.0.add(channel * height * width);
                    transform_products::<R, PY, PX, OY, OX>(
                        axes, source, step, limits, plane, place,
                    );
                }
            }
        }
    }
}

/// `length` values that start at a cache line; their contents are whatever was there.
fn aligned(values: &mut Vec<f32>, length: usize) -> &mut [f32] {
    let slack = LINE_BYTES / size_of::<f32>();
    if values.len() < length + slack {
        values.resize(length + slack, 0.0);
    }
    let offset = values.as_ptr().align_offset(LINE_BYTES).min(slack);
    &mut values[offset..][..length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::supports;
    use bench_metrics::RandomState;

    /// Place of a value in the blocked layout.
    fn at(lanes: usize, channel: usize, [y, x]: [usize; 2], [height, width]: [usize; 2]) -> usize {
        ((channel / lanes * height + y) * width + x) * lanes + channel % lanes
    }

    /// Multiplied out in `f64`.
    fn direct(
        shape: Shape,
        weight: &[f32],
        bias: &[f32],
        image: &[f32],
        size: [usize; 2],
        place: (usize, usize, usize),
    ) -> f64 {
        let (output, y, x) = place;
        let [down, across] = shape.taps;
        let mut sum = f64::from(bias[output]);
        for (tap, input) in
            (0..down * across).flat_map(|tap| (0..shape.inputs).map(move |i| (tap, i)))
        {
            let row = (y + tap / across).checked_sub(shape.padding[0]).filter(|&row| row < size[0]);
            let column = (x + tap % across).checked_sub(shape.padding[1]).filter(|&c| c < size[1]);
            if let (Some(row), Some(column)) = (row, column) {
                let weight = weight[(output * shape.inputs + input) * down * across + tap];
                sum += f64::from(weight)
                    * f64::from(image[at(shape.lanes, input, [row, column], size)]);
            }
        }
        sum
    }

    fn random(random: &mut RandomState, count: usize) -> Vec<f32> {
        std::iter::repeat_with(|| random.randn() as f32).take(count).collect()
    }

    /// The largest error of all outputs, and the largest output.
    fn worst(source: &mut RandomState, shape: Shape, size: [usize; 2], parts: usize) -> [f64; 2] {
        let Shape { inputs, outputs, taps, padding, .. } = shape;
        let relu = padding != [0, 0];
        let weight = random(source, inputs * outputs * taps[0] * taps[1]);
        let bias = random(source, outputs);
        let image = random(source, inputs * size[0] * size[1]);
        let convolution = Convolution::new(shape, &weight, &bias, relu).expect("a supported shape");
        let output_size @ [height, width] = shape.output_size(size).expect("an output");
        let mut values = vec![f32::NAN; outputs * height * width];
        let mut scratch = Scratch::default();
        for tiles in convolution.parts(output_size, parts) {
            let output = Output::new(&mut values);
            // SAFETY: an output of this size, used here alone.
            unsafe { convolution.run(Part { image: &image, size, tiles }, &mut scratch, output) };
        }
        let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
        for index in 0..values.len() {
            let (output, y, x) = (index / (height * width), index / width % height, index % width);
            let expected = direct(shape, &weight, &bias, &image, size, (output, y, x));
            let expected = if relu { expected.max(0.0) } else { expected };
            let found = f64::from(values[at(shape.lanes, output, [y, x], output_size)]);
            assert!(found.is_finite(), "{shape:?}: {output} {y} {x}");
            worst = worst.max((found - expected).abs());
            largest = largest.max(expected.abs());
        }
        [worst, largest]
    }

    /// All numbers of registers in a group, tiles that stick out, and parts of few tiles; 2e-5 of the largest value.
    fn as_multiplied_out(lanes: usize) {
        if !supports(lanes) {
            eprintln!("skipped: this processor has no registers of {lanes} values");
            return;
        }
        let mut source = RandomState::new(61);
        for taps in [[3, 3], [5, 5], [1, 7], [7, 1]] {
            for (inputs, outputs, size, parts) in [
                (1, 1, [13, 13], 1),
                (2, 2, [9, 20], 3),
                (1, 3, [8, 8], 2),
                (3, 4, [21, 7], 1),
                (1, 5, [7, 7], 50),
            ] {
                let [inputs, outputs] = [inputs, outputs].map(|blocks| blocks * lanes);
                for padding in [taps.map(|taps| taps / 2), [0, 0]] {
                    let shape = Shape { lanes, inputs, outputs, taps, padding };
                    let [worst, largest] = worst(&mut source, shape, size, parts);
                    assert!(worst < 2e-5 * largest, "{shape:?} of {size:?}: {worst} of {largest}");
                }
            }
        }
    }

    #[test]
    fn as_multiplied_out_with_avx512() {
        as_multiplied_out(Wide::LANES);
    }

    #[test]
    fn as_multiplied_out_with_avx2() {
        as_multiplied_out(Narrow::LANES);
    }

    /// Multiplications a second that a convolution multiplied out would take to be as fast, on one thread.
    #[test]
    #[ignore = "measures: cargo test --release -p bench-winograd rates -- --ignored --nocapture"]
    fn rates() {
        let mut source = RandomState::new(61);
        for lanes in [Wide::LANES, Narrow::LANES].into_iter().filter(|&lanes| supports(lanes)) {
            // The shapes of InceptionV3 that take most of its time.
            for (taps, channels, side) in [
                ([3, 3], [32, 64], 147),
                ([3, 3], [96, 96], 35),
                ([5, 5], [48, 64], 35),
                ([1, 7], [128, 128], 17),
                ([7, 1], [192, 192], 17),
            ] {
                let [inputs, outputs] = channels;
                let shape =
                    Shape { lanes, inputs, outputs, taps, padding: taps.map(|taps| taps / 2) };
                let area = taps[0] * taps[1];
                let weight = random(&mut source, inputs * outputs * area);
                let convolution = Convolution::new(shape, &weight, &vec![0.0; outputs], true)
                    .expect("a supported shape");
                let image = random(&mut source, inputs * side * side);
                let mut values = vec![0.0; outputs * side * side];
                let mut scratch = Scratch::default();
                let mut once = || {
                    let start = std::time::Instant::now();
                    for tiles in convolution.parts([side; 2], 1) {
                        let output = Output::new(&mut values);
                        let part = Part { image: &image, size: [side; 2], tiles };
                        // SAFETY: an output of this size, used here alone.
                        unsafe { convolution.run(part, &mut scratch, output) };
                    }
                    start.elapsed().as_secs_f64()
                };
                let best = std::iter::repeat_with(&mut once).take(200).fold(f64::MAX, f64::min);
                let operations = 2 * inputs * outputs * area * side * side;
                println!(
                    "{lanes:>2} lanes, {taps:?} taps, {inputs} to {outputs} channels, side {side}: {:.0} GFLOP/s",
                    operations as f64 / best / 1e9
                );
            }
        }
    }
}
