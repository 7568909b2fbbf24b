//! Keys of the entries in an ONNX model's `metadata_props` that make it an extractor.
//!
//! The model takes `f32` images, N x 3 x S x S with a free N, and gives features `[N, d]` and, unless it is
//! an extractor of features alone, logits `[N, c]`.

/// Name of the extractor, as it stands beside numbers: 1 to 64 printable characters.
pub const NAME: &str = "bench.extractor.name";
/// Side S of the square input in pixels, such as `32`.
pub const INPUT_SIZE: &str = "bench.input.size";
/// How images are brought to that size: `bilinear`, with half-pixel centres and without antialiasing, as
/// `torch.nn.functional.interpolate(align_corners=False)`; `tf1-bilinear`, likewise but with pixels at their upper
/// left corners, as `tf.image.resize_bilinear(align_corners=False)` of TensorFlow 1; `pillow-bicubic`, with
/// antialiasing and not rounded, as `PIL.Image.resize` on one channel in mode `F`, cut to 0 to 255; or
/// `pillow-bicubic-bytes`, the same rounded to bytes, as `PIL.Image.resize` in mode `RGB`.
pub const INPUT_RESIZE: &str = "bench.input.resize";
/// Which part of an image is resized: [`CENTRE`], the largest square in its middle; all of it if left out.
pub const INPUT_CROP: &str = "bench.input.crop";
/// Value of [`INPUT_CROP`].
pub const CENTRE: &str = "centre";
/// What is subtracted from red, green and blue, on the scale 0 to 255: three numbers separated by commas.
pub const INPUT_MEAN: &str = "bench.input.mean";
/// What red, green and blue are then divided by, on the scale 0 to 255: three numbers above 0 separated by commas.
pub const INPUT_STD: &str = "bench.input.std";
/// Name of the output that holds the features.
pub const OUTPUT_FEATURES: &str = "bench.output.features";
/// Name of a further output that holds spatial features, for sFID; left out by an extractor that has none.
pub const OUTPUT_SPATIAL: &str = "bench.output.spatial";
/// Name of the output that holds the logits; left out by an extractor that has none.
pub const OUTPUT_LOGITS: &str = "bench.output.logits";
