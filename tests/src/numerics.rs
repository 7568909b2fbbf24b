//! libtorch and LAPACK in one process: both bring BLAS, and whichever is loaded first must not
//! spoil the other.

use bench_metrics::linear_algebra::{symmetric_eigen, symmetric_square_root};
use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::kid::{Subsets, kernel_distance};
use bench_metrics::{Extractor, GaussianStatistics, ImageBatch, OnnxExtractor};
use ndarray::{Array1, Array2};
use tch::{Device, Kind, Tensor};

/// Side of the matrices: large enough for every blocked and threaded path.
const N: usize = 384;

/// Eigenvalues 1..=N of a matrix that a Householder reflection has rotated: all known exactly.
fn known_matrix() -> Array2<f64> {
    let norm = (N as f64).sqrt();
    let v = |i: usize| if i.is_multiple_of(2) { 1.0 / norm } else { -1.0 / norm };
    let reflection =
        Array2::from_shape_fn((N, N), |(i, j)| f64::from(u8::from(i == j)) - 2.0 * v(i) * v(j));
    let scaled = Array2::from_shape_fn((N, N), |(i, j)| reflection[(i, j)] * (j + 1) as f64);
    scaled.dot(&reflection.t())
}

/// ndarray-linalg: eigenvalues, and the square root squared.
///
/// # Panics
/// If they are wrong.
pub fn lapack_is_right() {
    let matrix = known_matrix();
    let eigen = symmetric_eigen(matrix.view()).expect("a symmetric matrix");
    for (i, value) in eigen.values.iter().enumerate() {
        assert!((value - (i + 1) as f64).abs() < 1e-9 * N as f64, "eigenvalue {i} is {value}");
    }
    let root = symmetric_square_root(matrix.view()).expect("a symmetric matrix");
    let worst = (root.dot(&root) - &matrix).iter().fold(0.0f64, |worst, d| worst.max(d.abs()));
    assert!(worst < 1e-9 * N as f64, "root squared is off by {worst}");
}

/// BLAS and LAPACK behind the metrics: a Fréchet distance through a Cholesky factor, and KID through products in `f32`.
///
/// # Panics
/// If they are wrong.
pub fn metrics_are_right() {
    let gaussian = |covariance| {
        GaussianStatistics::new(Array1::zeros(N), covariance, None).expect("sound statistics")
    };
    let distance = frechet_distance(&gaussian(known_matrix()), &gaussian(Array2::eye(N) * 4.0));
    let expected: f64 = (1..=N).map(|value| ((value as f64).sqrt() - 2.0).powi(2)).sum();
    let distance = distance.expect("equal dimensions");
    assert!((distance - expected).abs() < 1e-9 * expected, "{distance} instead of {expected}");

    // All features of an image are equal, and so are the images of a side: kernels (1 + 1)³, (4 + 1)³ and (2 + 1)³.
    let side = |value| Array2::from_elem((N, 64), value);
    let subsets = Subsets { count: 2, size: N, seed: 2020 };
    let kid = kernel_distance(side(1.0).view(), side(2.0).view(), subsets);
    assert_eq!(kid.expect("enough images").mean, 8.0 + 125.0 - 2.0 * 27.0);
}

/// libtorch: an integer product, exact in f64, a Cholesky factor and a convolution.
///
/// # Panics
/// If they are wrong.
pub fn libtorch_is_right() {
    let entry = |i: usize, j: usize| ((i * 7 + j * 13) % 17) as f64 - 8.0;
    let a = Array2::from_shape_fn((N, N), |(i, j)| entry(i, j));
    let flat: Vec<f64> = a.iter().copied().collect();
    let tensor = Tensor::from_slice(&flat).view([N as i64, N as i64]);
    let product = Vec::<f64>::try_from(&tensor.matmul(&tensor).view([-1])).expect("f64");
    for i in (0..N).step_by(37) {
        for j in (0..N).step_by(41) {
            let exact: f64 = (0..N).map(|k| entry(i, k) * entry(k, j)).sum();
            assert_eq!(product[i * N + j], exact, "entry {i}, {j}");
        }
    }
    let gram = tensor.matmul(&tensor.tr()) + Tensor::eye(N as i64, (Kind::Double, Device::Cpu));
    let factor = gram.linalg_cholesky(false);
    let worst = (factor.matmul(&factor.tr()) - &gram).abs().max().double_value(&[]);
    assert!(worst < 1e-8 * gram.abs().max().double_value(&[]), "Cholesky is off by {worst}");
    let ones = Tensor::ones([2, 16, 20, 20], (Kind::Float, Device::Cpu));
    let kernel = Tensor::ones([8, 16, 3, 3], (Kind::Float, Device::Cpu));
    let sums = ones.conv2d(&kernel, None::<Tensor>, [1, 1], [0, 0], [1, 1], 1);
    assert_eq!((&sums - 144.0).abs().max().double_value(&[]), 0.0);
}

/// ONNX Runtime: the embedded extractor gives the same features every time it is asked.
///
/// # Panics
/// If they are not finite or change.
pub fn onnx_runtime_is_right() -> Vec<f32> {
    let pixels: Vec<u8> = (0..3 * 32 * 32 * 3).map(|i| (i * 31 % 256) as u8).collect();
    let images = ImageBatch::new(&pixels, 3, 32, 32, 3).expect("a whole batch");
    let mut extractor = OnnxExtractor::embedded(2).expect("the embedded extractor");
    let first = extractor.extract(&images).expect("features");
    let second = extractor.extract(&images).expect("features");
    assert_eq!(first, second);
    first.features.iter().copied().collect()
}
