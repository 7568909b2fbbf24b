//! `bench extractor describe`: makes an extractor of an exported network.

use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use bench_metrics::extractor::{ResizeRule, metadata_keys as keys};
use bench_metrics::{Extractor, MetricsError, OnnxExtractor};

use crate::claim::{self, ForceArgs};
use crate::output::outln;

/// Write into an ONNX model how it is to be fed and which of its outputs are features, so that `--extractor` takes it.
///
/// The model takes float32 images, n x 3 x N x N with a free n, and gives features, n x d: export it with the first axis
/// dynamic. The metadata come into a copy; the network stays as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    bench extractor describe resnet50.onnx --features features --size 224 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225\n  \
    bench eval samples/ real/ --extractor resnet50-described.onnx")]
pub struct DescribeArgs {
    /// The model, an ONNX file with its weights inside.
    model: PathBuf,
    /// Name of the output that holds the features.
    #[arg(long, value_name = "OUTPUT")]
    features: String,
    /// Name of the output that holds class logits, if there is one.
    #[arg(long, value_name = "OUTPUT")]
    logits: Option<String>,
    /// Side of the square input in pixels.
    #[arg(long, value_name = "N")]
    size: usize,
    /// What is taken off red, green and blue, on the scale 0 to 1, as timm and torchvision give it.
    #[arg(long, value_name = "R,G,B", value_parser = rgb)]
    mean: Rgb,
    /// What the rest is divided by, on the same scale.
    #[arg(long, value_name = "R,G,B", value_parser = rgb)]
    std: Rgb,
    /// How images come to that size: bilinear, tf1-bilinear, pillow-bicubic or pillow-bicubic-bytes, which is what
    /// torchvision's transforms do with interpolation bicubic.
    #[arg(long, value_name = "RULE", default_value = "pillow-bicubic-bytes", value_parser = rule)]
    resize: ResizeRule,
    /// Take the square in an image's middle, instead of all of it.
    #[arg(long)]
    crop: bool,
    /// Name that stands beside every number. Default: that of the file.
    #[arg(long)]
    name: Option<String>,
    /// File to write. Default: the model's name with -described behind it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

/// Values of red, green and blue.
#[derive(Clone, Copy, Debug)]
struct Rgb([f64; 3]);

fn rgb(text: &str) -> Result<Rgb, String> {
    let values: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let values = values.and_then(|values| <[f64; 3]>::try_from(values).ok());
    let sound = values.filter(|values| values.iter().all(|value| (0.0..=1.0).contains(value)));
    sound
        .map(Rgb)
        .ok_or_else(|| "three numbers from 0 to 1, separated by commas, are expected".to_owned())
}

fn rule(text: &str) -> Result<ResizeRule, String> {
    ResizeRule::ALL
        .into_iter()
        .find(|rule| rule.name() == text)
        .ok_or_else(|| format!("known are {}", ResizeRule::ALL.map(ResizeRule::name).join(", ")))
}

impl Rgb {
    /// On the scale 0 to 255, as metadata have it.
    fn text(self) -> String {
        self.0.map(|value| (255.0 * value).to_string()).join(",")
    }
}

/// Runs the command.
pub fn run(args: &DescribeArgs) -> anyhow::Result<()> {
    let DescribeArgs { model, force, .. } = args;
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    let default = || model.with_file_name(format!("{stem}-described.onnx"));
    let out = args.out.clone().unwrap_or_else(default);
    let bytes = std::fs::read(model)
        .map_err(|reason| MetricsError::ReadModel { path: model.clone(), reason })?;
    let (size, mean, std) = (args.size.to_string(), args.mean.text(), args.std.text());
    let name = args.name.clone().unwrap_or_else(|| stem.clone().into_owned());
    let mut entries = vec![
        (keys::NAME, name.as_str()),
        (keys::INPUT_SIZE, &size),
        (keys::INPUT_RESIZE, args.resize.name()),
        (keys::INPUT_MEAN, &mean),
        (keys::INPUT_STD, &std),
        (keys::OUTPUT_FEATURES, &args.features),
    ];
    entries.extend(args.logits.as_deref().map(|logits| (keys::OUTPUT_LOGITS, logits)));
    entries.extend(args.crop.then_some((keys::INPUT_CROP, keys::CENTRE)));
    let described = bench_onnx::described(&bytes, &entries).map_err(MetricsError::from)?;
    claim::check_file(&out, is_same(&out, &described), *force)?;
    // Opened first, so that nothing is written that is no extractor.
    let extractor = OnnxExtractor::from_bytes(&described, 1)?;
    files::write_atomically(&out, &described)?;
    print(&out, &extractor)?;
    Ok(())
}

fn is_same(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|found| found == bytes)
}

fn print(out: &Path, extractor: &OnnxExtractor) -> Result<(), FileError> {
    outln!("{}", out.display())?;
    outln!("name      {}", extractor.name())?;
    outln!("SHA-256   {}", extractor.sha256())?;
    outln!("features  {}", extractor.feature_dim())
}
