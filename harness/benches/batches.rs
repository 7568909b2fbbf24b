//! How many images a second the training loop can draw: `cargo bench -p bench-harness`.

use std::hint::black_box;

use bench_data::datasets::{Dataset, LoadOptions, Split, load};
use bench_harness::training::labelled::labelled;
use bench_models::device;
use bench_models::streams::Streams;
use bench_models::trainer::RealBatches;
use bench_models::variants;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

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
            let mut batches = RealBatches::new(&recipe, data, Streams::new(0), device::Device::Cpu);
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

criterion_group!(images, batches);
criterion_main!(images);
