//! KID against brute force and its own expectation.

use bench_metrics::metrics::kid::{KernelDistance, Subsets, kernel_distance};
use bench_metrics::{MetricsError, RandomState};
use ndarray::{Array2, ArrayView1, Axis, s};

/// Relative error allowed beside brute force in `f64`: inner products are computed in `f32`.
const SINGLE: f64 = 1e-6;

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn() as f32)
}

fn kernel(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    (product / a.len() as f64 + 1.0).powi(3)
}

/// The unbiased estimator, pair by pair.
fn brute_force(x: &Array2<f32>, y: &Array2<f32>) -> f64 {
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

fn subsets(count: usize, size: usize) -> Subsets {
    Subsets { count, size, seed: 2020 }
}

/// The estimate from all images at once.
fn whole(x: &Array2<f32>, y: &Array2<f32>) -> KernelDistance {
    kernel_distance(x.view(), y.view(), subsets(1, x.nrows())).expect("enough images")
}

#[test]
fn the_estimator_by_brute_force() {
    let mut random = RandomState::new(21);
    for (m, d) in [(2, 1), (7, 3), (40, 16), (150, 64)] {
        let (x, y) = (normal(&mut random, m, d), normal(&mut random, m, d) * 1.5 + 0.2);
        let expected = brute_force(&x, &y);
        let found = whole(&x, &y).mean;
        assert!(
            (found - expected).abs() < SINGLE * expected.abs().max(1.0),
            "{found} instead of {expected}"
        );
    }
}

#[test]
fn subsets_are_drawn_generated_first() {
    let mut random = RandomState::new(22);
    let x = normal(&mut random, 50, 64);
    let y = normal(&mut random, 40, 64) + 0.3;
    // So few subsets that each pair has its own products, and so many that all share theirs.
    for subsets in [3, 120] {
        let mut drawn = RandomState::new(2020);
        let estimates: Vec<f64> = (0..subsets)
            .map(|_| {
                let first = x.select(Axis(0), &drawn.choice(50, 8));
                let second = y.select(Axis(0), &drawn.choice(40, 8));
                brute_force(&first, &second)
            })
            .collect();
        let mean = estimates.iter().sum::<f64>() / subsets as f64;
        let variance =
            estimates.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / subsets as f64;
        let std = variance.sqrt();
        let kid =
            kernel_distance(x.view(), y.view(), self::subsets(subsets, 8)).expect("enough images");
        assert!(
            (kid.mean - mean).abs() < SINGLE && (kid.std - std).abs() < SINGLE,
            "{kid:?}, not {mean} and {std}"
        );
    }
}

#[test]
fn single_precision_is_far_below_the_standard_deviation() {
    // Positive features of InceptionV3's number and scale, whose products are about 0.3.
    let mut random = RandomState::new(25);
    let mut features = |rows, shift: f32| {
        (normal(&mut random, rows, 2048) * 0.4 + shift).mapv(|value| value.max(0.0))
    };
    let (x, y) = (features(60, 0.40), features(60, 0.41));
    let mut drawn = RandomState::new(2020);
    let exact: Vec<f64> = (0..4)
        .map(|_| {
            let first = x.select(Axis(0), &drawn.choice(60, 40));
            brute_force(&first, &y.select(Axis(0), &drawn.choice(60, 40)))
        })
        .collect();
    let mean = exact.iter().sum::<f64>() / 4.0;
    let kid = kernel_distance(x.view(), y.view(), subsets(4, 40)).expect("enough images");
    let error = (kid.mean - mean).abs();
    eprintln!("single precision: off by {error:.1e} beside a std of {:.1e}", kid.std);
    assert!(error < 1e-4 * kid.std, "{kid:?} instead of {mean}");
}

#[test]
fn equal_distributions_average_to_zero() {
    let mut random = RandomState::new(23);
    let draws = 400;
    let estimates: Vec<f64> = (0..draws)
        .map(|_| whole(&normal(&mut random, 50, 8), &normal(&mut random, 50, 8)).mean)
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

/// The standard error against the scatter of the estimate over 600 draws of both sets.
///
/// Of 600 estimates the variance scatters by 6 %, more where they are skewed: the mean squared standard error is to agree
/// with it within 20 %. For equal distributions it is to be up to half more: the variance that single images add is then
/// nought, and its estimate from such small subsets scatters around nought but is not let below it.
#[test]
fn the_standard_error_is_the_scatter_over_draws() {
    // Equal distributions, where first-order variance vanishes, and different ones; all images, or subsets of them.
    let draws = 600;
    for (seed, n, m, shift, subsets, size) in [
        (26, 40, 40, 0.0, 1, 40),
        (27, 40, 40, 0.4, 1, 40),
        (28, 90, 60, 0.0, 20, 30),
        (29, 90, 60, 0.4, 20, 30),
        (30, 90, 60, 0.4, 1, 30),
    ] {
        let mut random = RandomState::new(seed);
        let found: Vec<KernelDistance> = (0..draws)
            .map(|draw| {
                let (x, y) = (normal(&mut random, n, 6), normal(&mut random, m, 6) + shift);
                let subsets = Subsets { seed: draw, ..self::subsets(subsets, size) };
                kernel_distance(x.view(), y.view(), subsets).expect("enough images")
            })
            .collect();
        let average = |value: &dyn Fn(&KernelDistance) -> f64| {
            found.iter().map(value).sum::<f64>() / f64::from(draws)
        };
        let mean = average(&|kid| kid.mean);
        let variance = average(&|kid| (kid.mean - mean).powi(2));
        let claimed = average(&|kid| kid.standard_error.expect("large subsets").powi(2));
        let ratio = claimed / variance;
        eprintln!("n = {n}, m = {m}, shift {shift}, {subsets} of {size}: ratio {ratio:.3}");
        let most = if shift == 0.0 { 1.5 } else { 1.2 };
        assert!((0.8..most).contains(&ratio), "{ratio} of {variance}");
    }
}

#[test]
fn tiny_subsets_have_no_standard_error() {
    let mut random = RandomState::new(31);
    let (x, y) = (normal(&mut random, 9, 4), normal(&mut random, 9, 4));
    for (size, expected) in [(3, false), (4, true)] {
        let kid = kernel_distance(x.view(), y.view(), subsets(5, size)).expect("enough images");
        assert_eq!(kid.standard_error.is_some(), expected, "{kid:?}");
    }
}

#[test]
fn one_set_against_itself() {
    // With both subsets the whole set in some order, the pairs of a point with itself remain in the cross term.
    let mut random = RandomState::new(24);
    let x = normal(&mut random, 12, 4);
    let expected = brute_force(&x, &x);
    let kid = kernel_distance(x.view(), x.view(), subsets(4, 12)).expect("enough images");
    assert!(
        (kid.mean - expected).abs() < SINGLE && kid.std < SINGLE,
        "{kid:?} instead of {expected}"
    );
    assert!(kid.mean < 0.0);
}

#[test]
fn threads_do_not_matter() {
    let mut random = RandomState::new(32);
    let (x, y) = (normal(&mut random, 300, 64), normal(&mut random, 310, 64));
    // Own products of each pair with fewer threads than pairs and with more, and common ones.
    for subsets in [subsets(4, 100), subsets(2, 200), subsets(40, 200)] {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads")
                .install(|| kernel_distance(x.view(), y.view(), subsets))
                .expect("enough images")
        };
        let one = with(1);
        assert_eq!((with(2), with(3)), (one, one), "{subsets:?}");
    }
}

#[test]
fn the_layout_of_features_does_not_matter() {
    let mut random = RandomState::new(33);
    let (x, y) = (normal(&mut random, 80, 64), normal(&mut random, 60, 64));
    // Columns one after the other, and rows with something between them.
    let x_by_columns = x.t().as_standard_layout().into_owned().reversed_axes();
    let mut y_apart = Array2::zeros((60, 100));
    y_apart.slice_mut(s![.., 20..84]).assign(&y);
    for subsets in [subsets(2, 30), subsets(40, 30)] {
        let expected = kernel_distance(x.view(), y.view(), subsets).expect("enough images");
        let found = kernel_distance(x_by_columns.view(), y_apart.slice(s![.., 20..84]), subsets);
        assert_eq!(found.expect("enough images"), expected, "{subsets:?}");
    }
}

#[test]
fn unusable_parameters_are_errors() {
    let x = Array2::<f32>::zeros((10, 3));
    let other = Array2::<f32>::zeros((10, 4));
    let try_with =
        |subsets| kernel_distance(x.view(), x.view(), subsets).expect_err("unusable parameters");
    assert!(matches!(
        try_with(subsets(5, 11)),
        MetricsError::TooFewImages { needed: 11, found: 10, .. }
    ));
    assert!(matches!(try_with(subsets(0, 5)), MetricsError::Parameter { .. }));
    assert!(matches!(try_with(subsets(5, 1)), MetricsError::Parameter { .. }));
    assert!(kernel_distance(x.view(), other.view(), subsets(5, 5)).is_err());
    let nothing = Array2::<f32>::zeros((10, 0));
    assert!(kernel_distance(nothing.view(), nothing.view(), subsets(5, 5)).is_err());
    let infinite = Array2::from_elem((10, 3), f32::INFINITY);
    assert!(kernel_distance(infinite.view(), x.view(), subsets(5, 5)).is_err());
}
