//! What training promises of a GPU. Ignored without being asked for, since most machines have none; `BENCH_TEST_DEVICE=cpu`
//! lets the tests try themselves there.
#![cfg(unix)]

use std::ffi::CString;
use std::path::Path;
use std::sync::Once;
use std::time::Instant;

use bench_models::computation::{self, Computation};
use bench_models::device::Device;
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::precision::Precision;
use bench_models::trainer::Losses;
use bench_models::transfers::{Transfers, made};
use bench_models::variants::{VARIANTS, Variant, find};
use bench_models::{ModelError, Recipe, Trainer};

const CLASSES: usize = 10;

/// The device that the tests are of.
fn device() -> Device {
    let device = match std::env::var("BENCH_TEST_DEVICE").as_deref() {
        Ok("cpu") => Device::Cpu,
        _ => Device::Cuda(0),
    };
    if device.is_cuda() {
        load_cuda();
        let hint = "libtorch sees no GPU; BENCH_TEST_DEVICE=cpu runs these tests without one";
        assert!(tch::Cuda::is_available(), "{hint}");
    }
    computation::compute(device, Computation::Repeatable).unwrap();
    device
}

/// Loads the half of libtorch that computes on GPUs, as the program does, from where `scripts/setup.sh --cuda` put it; a libtorch
/// that the tests are linked with has it already.
fn load_cuda() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.deps/cuda/lib");
        let library = folder.join("libtorch_cuda.so");
        if library.exists() {
            let name = CString::new(library.to_str().unwrap()).unwrap();
            // SAFETY: the name ends in 0, and libtorch readies itself when it is loaded.
            let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
            assert!(!handle.is_null(), "{} does not load", library.display());
        }
    });
}

struct Data {
    pixels: Vec<u8>,
    labels: Vec<u32>,
    shape: ImageShape,
}

impl Data {
    /// 40 images of this side whose bytes go round.
    fn new(side: usize) -> Self {
        let shape = ImageShape { height: side, width: side, channels: 3 };
        let pixels = (0..40 * shape.len()).map(|i| (i * 7919 % 251) as u8).collect();
        Self { pixels, labels: (0..40).map(|i| i % CLASSES as u32).collect(), shape }
    }

    fn trainer(&self, variant: &Variant, recipe: &Recipe, device: Device) -> Trainer<'_> {
        let data = LabelledImages::new(&self.pixels, &self.labels, self.shape, CLASSES).unwrap();
        Trainer::new(variant, recipe.clone(), data, 1, device).unwrap()
    }
}

fn small(variant: &Variant) -> Recipe {
    let recipe = (variant.recipe)();
    Recipe {
        batch_size: 8,
        accumulate: recipe.accumulate.min(2),
        discriminator_steps: recipe.discriminator_steps.min(2),
        generator_channels: 16,
        discriminator_channels: 16,
        ..recipe
    }
}

fn steps(trainer: &mut Trainer, steps: usize) -> Vec<Losses> {
    (0..steps).map(|_| trainer.advance().unwrap()).for_each(drop);
    let mut all = Vec::new();
    trainer
        .take_losses(|_, losses| {
            all.push(losses.clone());
            Ok::<_, ModelError>(())
        })
        .unwrap();
    all
}

/// The bytes of the checkpoint at `path`, made of the trainer's state.
fn saved(trainer: &Trainer, path: &Path) -> Vec<u8> {
    trainer.save(path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
#[ignore = "needs a GPU"]
fn gpu_the_same_seed_gives_the_same_bytes_and_a_resumed_run_too() {
    let (data, folder) = (Data::new(32), tempfile::tempdir().unwrap());
    let path = folder.path().join("state.safetensors");
    for variant in VARIANTS {
        for precision in [Precision::Fp32, Precision::Bf16] {
            let (name, recipe) = (variant.name, Recipe { precision, ..small(variant) });
            let new = || data.trainer(variant, &recipe, device());
            let (mut one, mut other) = (new(), new());
            let losses = steps(&mut one, 4);
            assert_eq!(steps(&mut other, 4), losses, "{name} in {precision:?}");
            let end = saved(&one, &path);
            assert!(saved(&other, &path) == end, "{name} in {precision:?}: another end");
            let mut stopped = new();
            steps(&mut stopped, 2);
            stopped.save(&path).unwrap();
            let mut resumed = new();
            resumed.restore(&path).unwrap();
            assert_eq!(steps(&mut resumed, 2), losses[2..], "{name} in {precision:?}");
            assert!(saved(&resumed, &path) == end, "{name} in {precision:?}: resumed elsewhere");
        }
    }
}

#[test]
#[ignore = "needs a GPU"]
fn gpu_checkpoints_go_from_the_cpu_to_the_gpu_and_back() {
    let (data, folder) = (Data::new(32), tempfile::tempdir().unwrap());
    let path = folder.path().join("state.safetensors");
    for name in ["dcgan", "wgan", "sngan-proj-d4", "sagan64"] {
        let variant = find(name).unwrap();
        let recipe = Recipe { ema_decay: 0.9, ..small(variant) };
        let mut on_cpu = data.trainer(variant, &recipe, Device::Cpu);
        steps(&mut on_cpu, 2);
        let of_cpu = saved(&on_cpu, &path);
        let mut on_gpu = data.trainer(variant, &recipe, device());
        on_gpu.restore(&path).unwrap();
        assert!(saved(&on_gpu, &path) == of_cpu, "{name}: the GPU keeps another state");
        steps(&mut on_gpu, 1);
        let of_gpu = saved(&on_gpu, &path);
        let mut back = data.trainer(variant, &recipe, Device::Cpu);
        back.restore(&path).unwrap();
        assert!(saved(&back, &path) == of_gpu, "{name}: the CPU keeps another state");
        assert_eq!((back.step(), back.images_seen()), (on_gpu.step(), on_gpu.images_seen()));
        assert_eq!(steps(&mut back, 1).len(), 1);
    }
}

/// Of the same parameters, images and draws: fp32 without TF32 differs by the order of sums. Later steps are left out: what
/// differs grows in training.
#[test]
#[ignore = "needs a GPU"]
fn gpu_first_losses_are_near_those_of_the_cpu() {
    let data = Data::new(32);
    for variant in VARIANTS {
        let [cpu, gpu] = [Device::Cpu, device()]
            .map(|device| steps(&mut data.trainer(variant, &small(variant), device), 1).remove(0));
        for (ours, theirs) in
            [(gpu.discriminator, cpu.discriminator), (gpu.generator, cpu.generator)]
        {
            let near = (ours - theirs).abs() <= 1e-2 * (1.0 + theirs.abs());
            assert!(near, "{}: {ours} on the GPU, {theirs} on the CPU", variant.name);
        }
    }
}

#[test]
#[ignore = "needs a GPU"]
fn gpu_bf16_trains_near_fp32() {
    let data = Data::new(32);
    for variant in VARIANTS {
        let [full, reduced] = [Precision::Fp32, Precision::Bf16].map(|precision| {
            let recipe = Recipe { precision, ..small(variant) };
            steps(&mut data.trainer(variant, &recipe, device()), 3)
        });
        assert_ne!(full, reduced, "{}: bf16 changes nothing", variant.name);
        let (one, other) = (full[0].discriminator, reduced[0].discriminator);
        let near = (one - other).abs() <= 0.05 * (1.0 + one.abs());
        assert!(near, "{}: {one} in fp32 and {other} in bf16", variant.name);
    }
}

/// The host has told a GPU of large steps long before that has done them, so nothing in a step waited for it.
#[test]
#[ignore = "needs a GPU"]
fn gpu_steps_are_not_waited_for() {
    let data = Data::new(64);
    let variant = find("dcgan64").unwrap();
    let recipe = Recipe { batch_size: 1024, ..(variant.recipe)() };
    let mut trainer = data.trainer(variant, &recipe, device());
    // The first ones take memory, for which a GPU is waited for.
    steps(&mut trainer, 3);
    let before = made();
    let start = Instant::now();
    for _ in 0..4 {
        trainer.advance().unwrap();
    }
    let told = start.elapsed();
    assert_eq!(made(), Transfers { uploads: before.uploads + 4, ..before });
    steps(&mut trainer, 0);
    let done = start.elapsed();
    let waits = device() == Device::Cpu;
    assert!(waits || 2 * told < done, "{told:?} to tell of steps that took {done:?}");
}
