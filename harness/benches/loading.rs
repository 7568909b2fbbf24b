//! How many images a second are loaded, and how many a second the training loop can draw from them:
//! `cargo bench -p bench-harness`.
//!
//! The images are `shapes` of 32x32 pixels as PNG files in the class folders of `cifar10`.

use std::fs;
use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;

use bench_harness::datasets::{Dataset, ImageCache, LoadOptions, Split, load};
use bench_harness::training::labelled::labelled;
use bench_models::device;
use bench_models::streams::Streams;
use bench_models::trainer::RealBatches;
use bench_models::variants;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Images that are loaded.
const IMAGES: usize = 5000;

/// Writes the images into `root/train/<class>/`.
fn write_class_folders(root: &Path) {
    let options = LoadOptions { limit: Some(IMAGES), ..LoadOptions::default() };
    let shapes = load("shapes", Split::Train, None, &options).expect("drawn by the program");
    let cifar10 = bench_harness::datasets::find("cifar10").expect("a known name");
    for (index, pixels) in shapes.images.chunks(shapes.image_len()).enumerate() {
        let class = cifar10.classes()[index % cifar10.classes().len()];
        let folder = root.join("train").join(class);
        fs::create_dir_all(&folder).expect("a writable folder");
        let mut png = Cursor::new(Vec::new());
        PngEncoder::new(&mut png)
            .write_image(pixels, 32, 32, ExtendedColorType::Rgb8)
            .expect("pixels of this size");
        fs::write(folder.join(format!("{index:05}.png")), png.into_inner()).expect("room");
    }
}

fn loading(criterion: &mut Criterion) {
    let root = tempfile::tempdir().expect("a temporary folder");
    write_class_folders(root.path());
    let cache = ImageCache::at(&root.path().join("cache"));
    let mut group = criterion.benchmark_group("loading");
    group.sample_size(10).throughput(Throughput::Elements(IMAGES as u64));
    for size in [32, 64] {
        for (name, cache) in [("without cache", None), ("from the cache", Some(&cache))] {
            let options = LoadOptions { size: Some(size), cache, ..LoadOptions::default() };
            let load = || load("cifar10", Split::Train, Some(root.path()), &options);
            load().expect("images as written");
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter(|| black_box(load()));
            });
        }
    }
}

/// Batches in random order, half of the images mirrored, as the training loop draws them.
fn batches(criterion: &mut Criterion) {
    let options = LoadOptions { limit: Some(50_000), ..LoadOptions::default() };
    let dataset: Dataset = load("shapes", Split::Train, None, &options).expect("drawn");
    let data = labelled(&dataset).expect("labels");
    let variant = variants::find("gan").expect("a variant");
    let mut group = criterion.benchmark_group("batches");
    for batch_size in [64, 128] {
        for flip in [0.0, 0.5] {
            let recipe = bench_models::Recipe { batch_size, flip, ..(variant.recipe)() };
            let mut batches = RealBatches::new(
                &recipe,
                data,
                Streams::new(0),
                device::select("cpu").expect("a CPU"),
            );
            group.throughput(Throughput::Elements(batch_size as u64));
            let mut at = 0;
            let name = if flip > 0.0 { "mirrored" } else { "plain" };
            group.bench_function(BenchmarkId::new(name, batch_size), |bencher| {
                bencher.iter(|| {
                    at += 1;
                    black_box(batches.batch(at))
                });
            });
        }
    }
}

criterion_group!(images, loading, batches);
criterion_main!(images);
