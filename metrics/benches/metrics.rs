//! How long the metrics take: `cargo bench -p bench-metrics`.

use std::hint::black_box;
use std::time::Duration;

use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::inception_score::inception_score;
use bench_metrics::metrics::kid::kernel_distance;
use bench_metrics::{
    Extractor, GaussianStatistics, ImageBatch, Moments, OnnxExtractor, Parameters, Protocol,
    RandomState,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

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

fn kid(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kid, 10 subsets of 1000");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let parameters = Parameters { kid_subsets: 10, ..Protocol::TorchFidelity.parameters() };
    for d in DIMS {
        let (generated, reference) = (features(3000, d, 1), features(3000, d, 2));
        group.bench_function(BenchmarkId::from_parameter(d), |bencher| {
            bencher.iter(|| {
                kernel_distance(black_box(generated.view()), reference.view(), &parameters)
            });
        });
    }
}

fn inception(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inception score of 10000 images");
    group.sample_size(10);
    let parameters = Protocol::TorchFidelity.parameters();
    for classes in [10, 1008] {
        let logits = features(10_000, classes, 1);
        group.bench_function(BenchmarkId::from_parameter(classes), |bencher| {
            bencher.iter(|| inception_score(black_box(logits.view()), &parameters));
        });
    }
}

fn covariance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("moments");
    let n = 2048;
    group.sample_size(10).throughput(Throughput::Elements(n as u64));
    for d in DIMS {
        let features = features(n, d, 1);
        let mut moments = Moments::new(d);
        group.bench_function(BenchmarkId::from_parameter(d), |bencher| {
            bencher.iter(|| moments.push(black_box(features.view())).expect("finite features"));
        });
    }
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

criterion_group!(metrics, fid, kid, inception, covariance, extraction);
criterion_main!(metrics);
