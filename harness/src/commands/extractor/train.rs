//! `bench extractor train`: trains the classifier and writes it as an ONNX extractor.

use std::fmt::Write as _;
use std::path::PathBuf;

use bench_data::datasets::{Dataset, Split};
use bench_data::files;
use bench_models::classifier::network::{FEATURES, STAGES, STEM};
use bench_models::classifier::training::{ClassifierRecipe, ClassifierTraining};
use sha2::{Digest, Sha256};

use crate::claim::{ForceArgs, OutputFolder};
use crate::classifier_onnx;
use crate::console;
use crate::device::{self, DeviceArgs, Work};
use crate::exit::Failure;
use crate::output::outln;
use crate::progress::Progress;
use crate::training::labelled::labelled;

/// The state of the training in its folder.
const CHECKPOINT: &str = "checkpoint.safetensors";

/// Train the classifier behind the embedded extractor and write it as ONNX with a card.
///
/// The training stops and resumes at epochs: the same command goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bench extractor train --dataset cifar10 --data data --out extractor"
)]
pub struct TrainArgs {
    /// Dataset of labelled images.
    #[arg(long, default_value = "cifar10")]
    dataset: String,
    /// Folder that holds the dataset's files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Folder for the model, its card and the checkpoint.
    #[arg(long, default_value = "extractor")]
    out: PathBuf,
    /// Name that the extractor bears in every table.
    #[arg(long, default_value = "embedded")]
    name: String,
    /// Passes over the training split in the first cycle of the learning rate.
    #[arg(long, default_value_t = ClassifierRecipe::default().epochs)]
    epochs: u64,
    /// Passes in the second cycle, a warm restart; 0 for none.
    #[arg(long, default_value_t = ClassifierRecipe::default().restart_epochs)]
    restart_epochs: u64,
    /// Stop after so many epochs; the same command without it goes on.
    #[arg(long, value_name = "EPOCHS")]
    stop_after: Option<u64>,
    /// At most so many images of either split.
    #[arg(long)]
    n: Option<usize>,
    /// Seed of all random streams.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    device: DeviceArgs,
    /// CPU threads; the result depends on their number in its last digits.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    threads: usize,
    #[command(flatten)]
    force: ForceArgs,
}

impl TrainArgs {
    fn recipe(&self) -> ClassifierRecipe {
        ClassifierRecipe {
            epochs: self.epochs,
            restart_epochs: self.restart_epochs,
            seed: self.seed,
            ..Default::default()
        }
    }
}

/// Runs the command.
pub fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let device = device::of_libtorch(device::select(args.device.device, Work::Training)?);
    crate::set_threads(args.threads)?;
    let train = load(args, Split::Train)?;
    let test = load(args, Split::Test)?;
    let recipe = args.recipe();
    let total = recipe.total_epochs();
    let mut training = ClassifierTraining::new(recipe, labelled(&train)?, device)?;

    let (model_name, card_name) = (format!("{}.onnx", args.name), format!("{}.md", args.name));
    let folder = claim(args, [&train, &test], [CHECKPOINT, &model_name, &card_name])?;
    let checkpoint = args.out.join(CHECKPOINT);
    if checkpoint.exists() {
        training.restore(&checkpoint)?;
        console::line(&format!("resuming after epoch {}", training.epoch()));
    }
    let mut accuracy = training.accuracy(labelled(&test)?);
    let last = args.stop_after.map_or(total, |n| total.min(training.epoch() + n));
    while training.epoch() < last {
        let label = format!("epoch {}/{}", training.epoch() + 1, total);
        let mut progress = Progress::new(label, training.steps_per_epoch());
        let loss = training.train_epoch(&mut |step| progress.set(step, ""))?;
        accuracy = training.accuracy(labelled(&test)?);
        progress.finish(format!("loss {loss:.4}, test accuracy {:.2} %", 100.0 * accuracy));
        files::replace_atomically(&checkpoint, |path| -> anyhow::Result<()> {
            Ok(training.save(path)?)
        })?;
    }

    if training.epoch() < total {
        console::line(&format!("stopped after epoch {} of {total}", training.epoch()));
        return Ok(());
    }
    let model = classifier_onnx::build(&training.folded()?, &args.name)?;
    let path = args.out.join(model_name);
    files::write_atomically(&path, &model)?;
    let card = card(args, &train, &test, accuracy, &model);
    files::write_atomically(&args.out.join(card_name), card.as_bytes())?;
    folder.complete()?;
    outln!("{}: test accuracy {:.2} %, {} bytes", path.display(), 100.0 * accuracy, model.len())?;
    Ok(())
}

/// The folder for what is trained on these two splits.
fn claim(
    args: &TrainArgs,
    splits: [&Dataset; 2],
    files: [&str; 3],
) -> anyhow::Result<OutputFolder> {
    let made_from = serde_json::json!({
        "command": "extractor train",
        "splits": splits.map(|split| &split.sha256),
        "epochs": args.epochs,
        "restart_epochs": args.restart_epochs,
        "seed": args.seed,
    });
    OutputFolder::claim(&args.out, made_from, files.map(str::to_owned).to_vec(), args.force)
}

fn load(args: &TrainArgs, split: Split) -> anyhow::Result<Dataset> {
    let cache = bench_data::datasets::ImageCache::of_user();
    let options = bench_data::datasets::LoadOptions {
        cache: cache.as_ref(),
        size: Some(classifier_onnx::INPUT_SIZE as u32),
        channels: Some(3),
        limit: args.n,
        ..Default::default()
    };
    let dataset = crate::commands::load_dataset(&args.dataset, split, &args.data, &options)?;
    if dataset.labels.is_none() {
        let text =
            format!("{} has no labels; an extractor is trained on class folders", args.dataset);
        return Err(Failure::usage(text).into());
    }
    Ok(dataset)
}

fn card(args: &TrainArgs, train: &Dataset, test: &Dataset, accuracy: f64, model: &[u8]) -> String {
    let ClassifierRecipe {
        epochs,
        restart_epochs,
        restart_share,
        batch_size,
        learning_rate,
        weight_decay,
        label_smoothing,
        crop_padding,
        ema_decay,
        seed,
    } = args.recipe();
    let stages = STAGES.map(|c| c.to_string()).join(", ");
    let mut text = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "| {key} | {value} |");
    };
    line("name", args.name.clone());
    line("file", format!("{}.onnx, {} bytes", args.name, model.len()));
    line("SHA-256", files::hexadecimal(&Sha256::digest(model)));
    line(
        "architecture",
        format!(
            "residual convolutional network: stem {STEM}; stages of {stages} channels, each a strided 3x3 convolution \
             and one residual block of two; batch norms folded; ReLU; global average pool to {FEATURES} \
             features; linear to {} logits",
            train.classes.len()
        ),
    );
    line(
        "input",
        "RGB 32x32, bilinear resize, per-channel normalisation (in the model's metadata)".into(),
    );
    line("training set", format!("{} images of {}, SHA-256 {}", train.n, train.name, train.sha256));
    line(
        "test accuracy",
        format!("{:.2} % of {} images, SHA-256 {}", 100.0 * accuracy, test.n, test.sha256),
    );
    line(
        "recipe",
        format!(
            "{epochs} epochs, batch {batch_size}, SGD with Nesterov momentum 0.9, peak learning rate {learning_rate}, \
             10 % linear warm-up, cosine decay, then {restart_epochs} epochs of cosine decay from \
             {restart_share} of the peak, weight decay {weight_decay}, label smoothing {label_smoothing}, \
             flips, crops padded by {crop_padding}, moving average {ema_decay}"
        ),
    );
    line("seed", seed.to_string());
    line(
        "command",
        format!(
            "`bench extractor train --dataset {} --epochs {epochs} --restart-epochs {restart_epochs} --seed {seed} --threads {}`",
            args.dataset, args.threads
        ),
    );
    line("made by", format!("bench {}", env!("CARGO_PKG_VERSION")));
    format!("# Extractor `{}`\n\n| | |\n| --- | --- |\n{text}", args.name)
}
