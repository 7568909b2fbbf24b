//! Times training steps of a variant on random images, and prints seconds and values as JSON.
//!
//! `scripts/peers/compare.py` runs it beside the same networks in plain PyTorch (`scripts/peers/training.py`):
//!
//!     time_training VARIANT THREADS STEPS
//!
//! The recipe is the variant's own. The values are the trainable parameters of generator and discriminator.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bench_models::images::{ImageShape, LabelledImages};
use bench_models::trainer::Trainer;
use bench_models::{device, variants};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Images that steps draw their batches from, and their classes.
const IMAGES: usize = 512;
const CLASSES: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok((time, (generator, discriminator))) => {
            let seconds = time.as_secs_f64();
            println!("{{\"seconds\": {seconds}, \"values\": [{generator}, {discriminator}]}}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("time_training: error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(Duration, (u64, u64)), Box<dyn Error>> {
    let [variant, threads, steps] = arguments else {
        return Err("give a variant, the number of threads and the number of steps".into());
    };
    let variant = variants::find(variant).ok_or_else(|| format!("no variant {variant:?}"))?;
    let steps: u32 = steps.parse()?;
    device::set_threads(threads.parse()?);
    let side = variant.image_size as usize;
    let shape = ImageShape { height: side, width: side, channels: 3 };
    let pixels: Vec<u8> =
        ChaCha8Rng::seed_from_u64(1).random_iter().take(IMAGES * side * side * 3).collect();
    let labels: Vec<u32> = (0..IMAGES).map(|i| (i % CLASSES) as u32).collect();
    let images = LabelledImages::new(&pixels, &labels, shape, CLASSES)?;
    let mut trainer = Trainer::new(variant, (variant.recipe)(), images, 0, device::Device::Cpu)?;
    // The first step starts the threads.
    trainer.train_step()?;
    let start = Instant::now();
    for _ in 0..steps {
        trainer.train_step()?;
    }
    Ok((start.elapsed(), trainer.parameter_counts()))
}
