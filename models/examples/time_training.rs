//! Times training steps of a variant on random images, and prints seconds and values as JSON.
//!
//! `scripts/peers/compare.py` and `scripts/training_speed.sh` run it beside the same networks in plain PyTorch
//! (`scripts/peers/training.py`):
//!
//!     time_training VARIANT THREADS STEPS [DEVICE [fp32|bf16 [fast]]]
//!
//! The recipe is the variant's own. The values are the trainable parameters of generator and discriminator. DEVICE is cpu, the
//! default, cuda or cuda:N. `processor_seconds` are those of all threads, which work beside changes less.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bench_models::computation::{self, Computation};
use bench_models::device::{self, Device};
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::precision::Precision;
use bench_models::{ModelError, Recipe, Trainer, variants};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Images that steps draw their batches from, and their classes.
const IMAGES: usize = 512;
const CLASSES: usize = 10;

/// Steps before the clock starts: the first ones start threads and take memory, and a GPU tries ways to compute.
const WARM_UP: u32 = 1;
const WARM_UP_OF_GPU: u32 = 10;

/// What was measured.
struct Timing {
    wall: Duration,
    processor: Duration,
    parameters: (u64, u64),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(Timing { wall, processor, parameters: (generator, discriminator) }) => {
            let (seconds, processor) = (wall.as_secs_f64(), processor.as_secs_f64());
            println!(
                "{{\"seconds\": {seconds}, \"values\": [{generator}, {discriminator}], \"processor_seconds\": {processor}}}"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("time_training: error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<Timing, Box<dyn Error>> {
    let [variant, threads, steps, options @ ..] = arguments else {
        return Err("give a variant, the number of threads and the number of steps".into());
    };
    let variant = variants::find(variant).ok_or_else(|| format!("no variant {variant:?}"))?;
    let steps: u32 = steps.parse()?;
    let mut options = options.iter().map(String::as_str);
    let device = named(options.next().unwrap_or("cpu"))?;
    let precision = match options.next() {
        None | Some("fp32") => Precision::Fp32,
        Some("bf16") => Precision::Bf16,
        Some(other) => return Err(format!("no precision {other:?}").into()),
    };
    computation::compute(device, Computation::asked(options.next() == Some("fast")))?;
    device::set_threads(threads.parse()?);
    let side = variant.image_size as usize;
    let shape = ImageShape { height: side, width: side, channels: 3 };
    let pixels: Vec<u8> =
        ChaCha8Rng::seed_from_u64(1).random_iter().take(IMAGES * side * side * 3).collect();
    let labels: Vec<u32> = (0..IMAGES).map(|i| (i % CLASSES) as u32).collect();
    let images = LabelledImages::new(&pixels, &labels, shape, CLASSES)?;
    let recipe = Recipe { precision, ..(variant.recipe)() };
    let mut trainer = Trainer::new(variant, recipe, images, 0, device)?;
    train(&mut trainer, if device.is_cuda() { WARM_UP_OF_GPU } else { WARM_UP })?;
    let (start, used) = (Instant::now(), processor_time());
    train(&mut trainer, steps)?;
    Ok(Timing {
        wall: start.elapsed(),
        processor: processor_time() - used,
        parameters: trainer.parameter_counts(),
    })
}

/// The losses are waited for in the end, and with them a GPU.
fn train(trainer: &mut Trainer, steps: u32) -> Result<(), ModelError> {
    for _ in 0..steps {
        trainer.advance()?;
    }
    trainer.take_losses(|_, _| Ok(()))
}

fn named(device: &str) -> Result<Device, Box<dyn Error>> {
    match device.strip_prefix("cuda") {
        None if device == "cpu" => Ok(Device::Cpu),
        Some("") => Ok(Device::Cuda(0)),
        Some(number) => Ok(Device::Cuda(number.trim_start_matches(':').parse()?)),
        None => Err(format!("no device {device:?}").into()),
    }
}

/// What all threads of this process have taken of the processors.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes to the place that it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
