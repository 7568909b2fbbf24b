//! How many images a second are loaded: `cargo bench -p bench-data`.
//!
//! The images are `shapes` of 32x32 pixels as PNG files in the class folders of `cifar10`.

use std::fs;
use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;

use bench_data::datasets::{self, ImageCache, LoadOptions, Split, load};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Images that are loaded.
const IMAGES: usize = 5000;

/// Writes the images into `root/train/<class>/`.
fn write_class_folders(root: &Path) {
    let options = LoadOptions { limit: Some(IMAGES), ..LoadOptions::default() };
    let shapes = load("shapes", Split::Train, None, &options).expect("drawn by the program");
    let cifar10 = datasets::find("cifar10").expect("a known name");
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

criterion_group!(images, loading);
criterion_main!(images);
