//! KID against brute force and its own expectation.

use bench_metrics::metrics::kid::{kernel_distance, squared_mmd};
use bench_metrics::{MetricsError, Parameters, Protocol, RandomState};
use ndarray::{Array2, ArrayView1, Axis};

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn())
}

fn kernel(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    (a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64 + 1.0).powi(3)
}

/// The unbiased estimator, pair by pair.
fn brute_force(x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let m = x.nrows();
    let (mut within, mut between) = (0.0, 0.0);
    for i in 0..m {
        for j in 0..m {
            if i != j {
                within += kernel(x.row(i), x.row(j)) + kernel(y.row(i), y.row(j));
            }
            between += kernel(x.row(i), y.row(j));
        }
    }
    within / (m * (m - 1)) as f64 - 2.0 * between / (m * m) as f64
}

fn parameters(kid_subsets: usize, kid_subset_size: usize) -> Parameters {
    Parameters { kid_subsets, kid_subset_size, ..Protocol::TorchFidelity.parameters() }
}

#[test]
fn the_estimator_by_brute_force() {
    let mut random = RandomState::new(21);
    for (m, d) in [(2, 1), (7, 3), (40, 16)] {
        let (x, y) = (normal(&mut random, m, d), normal(&mut random, m, d) * 1.5 + 0.2);
        let expected = brute_force(&x, &y);
        let found = squared_mmd(x.view(), y.view()).expect("comparable sets");
        assert!(
            (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
            "{found} instead of {expected}"
        );
    }
}

#[test]
fn subsets_are_drawn_generated_first() {
    let mut random = RandomState::new(22);
    let x = normal(&mut random, 50, 5).mapv(|value| value as f32);
    let y = normal(&mut random, 40, 5).mapv(|value| value as f32 + 0.3);
    let mut drawn = RandomState::new(2020);
    let estimates: Vec<f64> = (0..3)
        .map(|_| {
            let first = x.select(Axis(0), &drawn.choice(50, 8)).mapv(f64::from);
            let second = y.select(Axis(0), &drawn.choice(40, 8)).mapv(f64::from);
            brute_force(&first, &second)
        })
        .collect();
    let mean = estimates.iter().sum::<f64>() / 3.0;
    let std =
        (estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    let kid = kernel_distance(x.view(), y.view(), &parameters(3, 8)).expect("enough images");
    assert!(
        (kid.mean - mean).abs() < 1e-12 && (kid.std - std).abs() < 1e-12,
        "{kid:?}, not {mean} and {std}"
    );
}

#[test]
fn equal_distributions_average_to_zero() {
    let mut random = RandomState::new(23);
    let draws = 400;
    let estimates: Vec<f64> = (0..draws)
        .map(|_| {
            let (x, y) = (normal(&mut random, 50, 8), normal(&mut random, 50, 8));
            squared_mmd(x.view(), y.view()).expect("comparable sets")
        })
        .collect();
    let mean = estimates.iter().sum::<f64>() / f64::from(draws);
    let variance = estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum::<f64>()
        / f64::from(draws - 1);
    let standard_error = (variance / f64::from(draws)).sqrt();
    // The draws are fixed; they lie within one standard error of 0, and a biased estimator lies far outside.
    assert!(mean.abs() < standard_error, "{mean} with standard error {standard_error}");
    assert!(
        estimates.iter().any(|&estimate| estimate < 0.0),
        "an unbiased estimate of 0 is sometimes negative"
    );
    let bias = 2.0 / 50.0;
    assert!(bias > 5.0 * standard_error, "the test would not notice the bias of the diagonal");
}

#[test]
fn one_set_against_itself() {
    // With both subsets the whole set in some order, the pairs of a point with itself remain in the cross term.
    let mut random = RandomState::new(24);
    let x = normal(&mut random, 12, 4);
    let x32 = x.mapv(|value| value as f32);
    let wide = x32.mapv(f64::from);
    let expected = brute_force(&wide, &wide);
    let kid = kernel_distance(x32.view(), x32.view(), &parameters(4, 12)).expect("enough images");
    assert!(
        (kid.mean - expected).abs() < 1e-12 && kid.std < 1e-12,
        "{kid:?} instead of {expected}"
    );
    assert!(kid.mean < 0.0);
}

#[test]
fn unusable_parameters_are_errors() {
    let x = Array2::<f32>::zeros((10, 3));
    let other = Array2::<f32>::zeros((10, 4));
    let try_with = |parameters| {
        kernel_distance(x.view(), x.view(), &parameters).expect_err("unusable parameters")
    };
    assert!(matches!(
        try_with(parameters(5, 11)),
        MetricsError::TooFewImages { needed: 11, found: 10, .. }
    ));
    assert!(matches!(try_with(parameters(0, 5)), MetricsError::Parameter { .. }));
    assert!(matches!(try_with(parameters(5, 1)), MetricsError::Parameter { .. }));
    assert!(kernel_distance(x.view(), other.view(), &parameters(5, 5)).is_err());
    let infinite = Array2::from_elem((10, 3), f32::INFINITY);
    assert!(kernel_distance(infinite.view(), x.view(), &parameters(5, 5)).is_err());
}
