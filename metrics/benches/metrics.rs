//! How long the metrics take: `cargo bench -p bench-metrics`.

#[path = "../tests/extractor/large_network.rs"]
mod large_network;

use std::hint::black_box;
use std::time::Duration;

use bench_metrics::metrics::fid::{Fid, frechet_distance};
use bench_metrics::metrics::inception_score::inception_score;
use bench_metrics::metrics::kid::{Subsets, kernel_distance};
use bench_metrics::metrics::prdc::{Balls, precision_and_coverage};
use bench_metrics::{
    Activations, Computation, Convolutions, Evidence, Extractor, GaussianStatistics, ImageBatch,
    Metric, Moments, OnnxExtractor, RandomState, Sample, Settings,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

/// Seed of all draws, as torch-fidelity has it.
const SEED: u32 = 2020;

/// Feature dimensions of the embedded extractor and of InceptionV3.
const DIMS: [usize; 2] = [160, 2048];

fn features(n: usize, d: usize, seed: u32) -> Array2<f32> {
    let mut random = RandomState::new(seed);
    Array2::from_shape_simple_fn((n, d), || random.randn().max(0.0) as f32)
}

fn fid(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frechet distance");
    group.sample_size(10);
    for d in DIMS {
        let sides = [1, 2].map(|seed| {
            GaussianStatistics::from_features(features(2 * d, d, seed).view())
                .expect("enough features")
        });
        group.bench_function(BenchmarkId::from_parameter(d), |bencher| {
            bencher.iter(|| {
                frechet_distance(black_box(&sides[0]), &sides[1]).expect("comparable statistics")
            });
        });
    }
}

/// 1000 images a side, fewer than features: from the features instead of the covariances.
fn fid_of_few(criterion: &mut Criterion) {
    let sides = [1, 2].map(|seed| {
        let features = features(1000, 2048, seed);
        let gaussian = GaussianStatistics::from_features(features.view()).expect("enough features");
        (
            Activations {
                features,
                logits: Array2::zeros((1000, 1)),
                spatial: Array2::zeros((1000, 0)),
            },
            gaussian,
        )
    });
    let [generated, reference] = sides.each_ref().map(|(activations, gaussian)| Sample {
        activations: Some(activations),
        gaussian: Some(gaussian),
        spatial: None,
    });
    let evidence = Evidence { generated, reference: Some(reference), held_out: None };
    let settings = Settings::defaults(&Fid);
    let mut group = criterion.benchmark_group("fid of 1000 images");
    group.sample_size(10);
    group.bench_function("2048", |bencher| {
        bencher.iter(|| Fid.compute(black_box(&evidence), &settings));
    });
}

/// Images of either side, pairs of subsets, and features. All but the first share the products of all images.
fn kid(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kid of subsets of 1000");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for (n, count, d) in [(3000, 10, 160), (2000, 100, 2048), (10_000, 100, 2048)] {
        let subsets = Subsets { count, size: 1000, seed: SEED };
        let (generated, reference) = (features(n, d, 1), features(n, d, 2));
        let name = format!("{n} images, {count} subsets");
        group.bench_function(BenchmarkId::new(name, d), |bencher| {
            bencher
                .iter(|| kernel_distance(black_box(generated.view()), reference.view(), subsets));
        });
    }
}

fn inception(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inception score of 50000 images");
    group.sample_size(10);
    for classes in [10, 1008] {
        let logits = features(50_000, classes, 1);
        group.bench_function(BenchmarkId::from_parameter(classes), |bencher| {
            bencher.iter(|| inception_score(black_box(logits.view()), 10, SEED));
        });
    }
}

fn covariance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statistics of 10000 images");
    let n = 10_000;
    group.sample_size(10).throughput(Throughput::Elements(n as u64));
    for d in DIMS {
        let features = features(n, d, 1);
        group.bench_function(BenchmarkId::from_parameter(d), |bencher| {
            bencher.iter(|| {
                let mut moments = Moments::new(d);
                moments.push(black_box(features.view())).expect("finite features");
                moments.finish().expect("enough features")
            });
        });
    }
}

fn prdc(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prdc of 10000 images");
    group.sample_size(10);
    let (generated, reference) = (features(10_000, 2048, 1), features(10_000, 2048, 2));
    group.bench_function("2048", |bencher| {
        let balls = Balls { k: 5, closed: false };
        bencher
            .iter(|| precision_and_coverage(black_box(generated.view()), reference.view(), balls));
    });
}

fn extraction(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("embedded extractor");
    let (n, side) = (640, 32);
    group.sample_size(10).throughput(Throughput::Elements(n as u64));
    let mut random = RandomState::new(1);
    let pixels: Vec<u8> =
        (0..n * side * side * 3).map(|_| (random.uniform() * 256.0) as u8).collect();
    let images = ImageBatch::new(&pixels, n, side, side, 3).expect("sound images");
    for threads in [1, 2] {
        let mut extractor = OnnxExtractor::embedded(threads).expect("onnx runtime as set up");
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            bencher.iter(|| extractor.extract(black_box(&images)).expect("a working extractor"));
        });
    }
}

/// The same network with this crate's convolutions, where the processor can, and with ONNX Runtime's.
fn large_extraction(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("large network on one thread");
    let (n, side) = (8, 32);
    group.sample_size(10).throughput(Throughput::Elements(n as u64));
    let pixels = vec![100; n * side * side * 3];
    let images = ImageBatch::new(&pixels, n, side, side, 3).expect("sound images");
    let model = large_network::model();
    for convolutions in [Convolutions::Auto, Convolutions::OnnxRuntime] {
        let computation = Computation { threads: 1, convolutions, ..Computation::default() };
        let extractor = OnnxExtractor::from_bytes(&model, computation);
        let mut extractor = extractor.expect("onnx runtime as set up");
        group.bench_function(convolutions.name(), |bencher| {
            bencher.iter(|| extractor.extract(black_box(&images)).expect("a working extractor"));
        });
    }
}

criterion_group!(
    metrics,
    fid,
    fid_of_few,
    kid,
    inception,
    covariance,
    prdc,
    extraction,
    large_extraction
);
criterion_main!(metrics);
