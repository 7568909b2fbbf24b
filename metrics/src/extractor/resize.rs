//! Bilinear resizing without antialiasing.

/// Where pixels are thought to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResizeRule {
    /// Pixels are squares and values belong to their centres, as in
    /// `torch.nn.functional.interpolate(align_corners=False)`.
    HalfPixel,
    /// Output position i has the value at input position i · input / output, as in
    /// `tf.image.resize_bilinear(align_corners=False)` of TensorFlow 1.
    Tensorflow1,
}

impl ResizeRule {
    /// All rules.
    pub(super) const ALL: [Self; 2] = [Self::HalfPixel, Self::Tensorflow1];

    /// The name in a model's metadata.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HalfPixel => "bilinear",
            Self::Tensorflow1 => "tf1-bilinear",
        }
    }
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
}

impl Bilinear {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(rule: ResizeRule, height: usize, width: usize, size: usize) -> Self {
        Self { rows: positions(rule, height, size), columns: positions(rule, width, size) }
    }

    /// Calls `put(row, column, values)` for each output pixel with the first `C` channels of `image`,
    /// H x W x C, on the scale 0 to 255.
    pub(super) fn for_each<const C: usize>(
        &self,
        image: &[u8],
        width: usize,
        mut put: impl FnMut(usize, usize, [f32; C]),
    ) {
        for (row, vertical) in self.rows.iter().enumerate() {
            let line = |row: usize| &image[row * width * C..(row + 1) * width * C];
            let (above, below) = (line(vertical.low), line(vertical.high));
            for (column, horizontal) in self.columns.iter().enumerate() {
                let mix = |line: &[u8], channel| {
                    let value = |column: usize| f32::from(line[column * C + channel]);
                    blend(value(horizontal.low), value(horizontal.high), horizontal.weight)
                };
                let values =
                    std::array::from_fn(|c| blend(mix(above, c), mix(below, c), vertical.weight));
                put(row, column, values);
            }
        }
    }
}

fn blend(low: f32, high: f32, weight: f32) -> f32 {
    (1.0 - weight) * low + weight * high
}

/// Where each of `output` positions lies among `input` positions.
fn positions(rule: ResizeRule, input: usize, output: usize) -> Vec<Between> {
    let scale = input as f32 / output as f32;
    (0..output)
        .map(|index| {
            let source = match rule {
                ResizeRule::HalfPixel => (scale * (index as f32 + 0.5) - 0.5).max(0.0),
                ResizeRule::Tensorflow1 => scale * index as f32,
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
        resized(ResizeRule::HalfPixel, image, height, width, size)
    }

    fn resized(
        rule: ResizeRule,
        image: &[u8],
        height: usize,
        width: usize,
        size: usize,
    ) -> Vec<f32> {
        let mut values = Vec::new();
        Bilinear::new(rule, height, width, size)
            .for_each::<1>(image, width, |_, _, [value]| values.push(value));
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
        let found = resized(ResizeRule::Tensorflow1, &[0, 10, 20, 30], 2, 2, 4);
        let expected = [
            0.0, 5.0, 10.0, 10.0, 10.0, 15.0, 20.0, 20.0, 20.0, 25.0, 30.0, 30.0, 20.0, 25.0, 30.0,
            30.0,
        ];
        assert_eq!(found, expected);
        let shrunk = resized(ResizeRule::Tensorflow1, &[0, 100, 200, 50], 1, 4, 2);
        assert_eq!(shrunk, [0.0, 200.0, 0.0, 200.0]);
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image: Vec<u8> = (0..49).map(|value| value * 5).collect();
        let same: Vec<f32> = image.iter().map(|&value| f32::from(value)).collect();
        for rule in ResizeRule::ALL {
            assert_eq!(resized(rule, &image, 7, 7, 7), same, "{rule:?}");
        }
    }
}
