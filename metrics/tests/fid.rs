//! FID against distances known in closed form.

use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::fid::{Fid, confidence_interval};
use bench_metrics::{
    Activations, Evidence, GaussianStatistics, Metric, MetricsError, RandomState, Sample, Settings,
    linear_algebra,
};
use ndarray::{Array1, Array2, Axis, array};

fn gaussian(mean: Array1<f64>, covariance: Array2<f64>) -> GaussianStatistics {
    GaussianStatistics::new(mean, covariance, None).expect("sound statistics")
}

fn distance(first: &GaussianStatistics, second: &GaussianStatistics) -> f64 {
    frechet_distance(first, second).expect("comparable statistics")
}

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn())
}

/// A random orthogonal matrix: the eigenvectors of a random symmetric one.
fn rotation(random: &mut RandomState, d: usize) -> Array2<f64> {
    let x = normal(random, d, d);
    linear_algebra::symmetric_eigen((&x + &x.t()).view()).expect("a symmetric matrix").vectors
}

/// `V diag(values) Vᵀ`, exactly symmetric.
fn rotated(vectors: &Array2<f64>, values: &Array1<f64>) -> Array2<f64> {
    let matrix = (vectors * values).dot(&vectors.t());
    (&matrix + &matrix.t()) / 2.0
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected} within {tolerance}"
    );
}

#[test]
fn diagonal_covariances() {
    // |dm|² + Σ (√a - √b)²
    let first = gaussian(array![1.0, 2.0, 3.0], Array2::from_diag(&array![1.0, 4.0, 9.0]));
    let second = gaussian(array![1.0, 0.0, 6.0], Array2::from_diag(&array![4.0, 4.0, 1.0]));
    assert_near(distance(&first, &second), 13.0 + 1.0 + 0.0 + 4.0, 1e-12);
}

#[test]
fn commuting_covariances_in_any_basis() {
    let mut random = RandomState::new(11);
    let d = 40;
    let vectors = rotation(&mut random, d);
    let a = Array1::from_shape_fn(d, |i| 0.1 + i as f64);
    let b = Array1::from_shape_fn(d, |i| 50.0 / (1.0 + i as f64));
    let expected: f64 = a.iter().zip(&b).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum();
    let mean = Array1::zeros(d);
    let found = distance(
        &gaussian(mean.clone(), rotated(&vectors, &a)),
        &gaussian(mean, rotated(&vectors, &b)),
    );
    assert_near(found, expected, 1e-10 * expected);
}

#[test]
fn ill_conditioned_covariances() {
    // Spectra that fall by 10^8, as those of deep features do, against themselves and against their mirror image.
    let mut random = RandomState::new(12);
    let d = 100;
    let vectors = rotation(&mut random, d);
    let falling = Array1::from_shape_fn(d, |i| 10_f64.powf(-8.0 * i as f64 / (d - 1) as f64));
    let rising = falling.slice(ndarray::s![..;-1]).to_owned();
    let mean = Array1::zeros(d);
    for other in [&falling, &rising] {
        let expected: f64 =
            falling.iter().zip(other).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum();
        let first = gaussian(mean.clone(), rotated(&vectors, &falling));
        let second = gaussian(mean.clone(), rotated(&vectors, other));
        assert_near(distance(&first, &second), expected, 1e-8 * falling.sum());
    }
}

#[test]
fn two_dimensions_that_do_not_commute() {
    // tr √(AB) = √(tr AB + 2 √(det A det B)) for 2 x 2 matrices.
    let (a, b) = (array![[2.0, 1.0], [1.0, 3.0]], array![[5.0, -2.0], [-2.0, 1.5]]);
    let trace = (2.0 * 5.0 + 1.0 * -2.0) + (1.0 * -2.0 + 3.0 * 1.5);
    let root = f64::sqrt(trace + 2.0 * f64::sqrt(5.0 * 3.5));
    let mean = array![0.0, 0.0];
    let found = distance(&gaussian(mean.clone(), a), &gaussian(mean, b));
    assert_near(found, 5.0 + 6.5 - 2.0 * root, 1e-12);
}

#[test]
fn singular_covariances() {
    // Rank one: tr √(u uᵀ v vᵀ) = |u·v|.
    let (u, v) = (array![1.0, 2.0, -1.0, 0.5], array![0.3, -1.0, 2.0, 1.0]);
    let outer = |x: &Array1<f64>| Array2::from_shape_fn((4, 4), |(i, j)| x[i] * x[j]);
    let mean = Array1::zeros(4);
    let found = distance(&gaussian(mean.clone(), outer(&u)), &gaussian(mean.clone(), outer(&v)));
    assert_near(found, u.dot(&u) + v.dot(&v) - 2.0 * u.dot(&v).abs(), 1e-7);

    // A point: its distance from a Gaussian is the trace.
    let point = gaussian(mean.clone(), Array2::zeros((4, 4)));
    let wide = gaussian(mean, Array2::from_diag(&array![1.0, 2.0, 3.0, 4.0]));
    assert_near(distance(&point, &wide), 10.0, 1e-12);
    assert_near(distance(&wide, &point), 10.0, 1e-12);
    assert_eq!(distance(&point, &point), 0.0);
}

#[test]
fn fewer_images_than_features() {
    // Two sets of the same rank-deficient shape in rotated, disjoint coordinates: tr √(AB) = 0.
    let mut random = RandomState::new(13);
    let d = 64;
    let vectors = rotation(&mut random, d);
    let half = |low: bool| {
        Array1::from_shape_fn(d, |i| if (i < d / 2) == low { 1.0 + i as f64 } else { 0.0 })
    };
    let (a, b) = (half(true), half(false));
    let mean = Array1::zeros(d);
    let found = distance(
        &gaussian(mean.clone(), rotated(&vectors, &a)),
        &gaussian(mean, rotated(&vectors, &b)),
    );
    // The square root turns a rounding of 1e-16 into 1e-8: no program in f64 is nearer.
    assert_near(found, a.sum() + b.sum(), 1e-5 * (a.sum() + b.sum()));
}

#[test]
fn the_same_set_has_distance_zero() {
    let mut random = RandomState::new(14);
    for n in [10, 50, 400] {
        let features = normal(&mut random, n, 50).mapv(|value| value as f32);
        let side = GaussianStatistics::from_features(features.view()).expect("enough features");
        let trace = side.covariance().diag().sum();
        let found = distance(&side, &side);
        assert!(
            (0.0..1e-10 * trace).contains(&found),
            "n = {n}: {found} beside a trace of {trace}"
        );
    }
}

#[test]
fn a_shifted_set_is_the_shift_squared_away() {
    let mut random = RandomState::new(15);
    let features = normal(&mut random, 300, 20).mapv(|value| (value * 64.0).round() as f32 / 64.0);
    let shifted = &features + 0.5;
    let first = GaussianStatistics::from_features(features.view()).expect("enough features");
    let second = GaussianStatistics::from_features(shifted.view()).expect("enough features");
    assert_near(distance(&first, &second), 20.0 * 0.25, 1e-10);
}

#[test]
fn the_order_does_not_matter() {
    let mut random = RandomState::new(16);
    let sets = [30, 500].map(|n| {
        let features = normal(&mut random, n, 40).mapv(|value| (value * 1.3 + 0.1) as f32);
        GaussianStatistics::from_features(features.view()).expect("enough features")
    });
    let there = distance(&sets[0], &sets[1]);
    assert!(there > 1.0, "{there}");
    assert_near(distance(&sets[1], &sets[0]), there, 1e-10 * there);
}

/// FID with every image's features at hand, and the settings given.
fn with_features(first: &Array2<f32>, second: &Array2<f32>, settings: &Settings) -> Vec<f64> {
    let sides = [first, second].map(|features| {
        let logits = Array2::zeros((features.nrows(), 1));
        let activations =
            Activations { features: features.clone(), spatial: logits.clone(), logits };
        let gaussian = GaussianStatistics::from_features(features.view()).expect("enough features");
        (activations, gaussian)
    });
    let [generated, reference] = sides.each_ref().map(|(activations, gaussian)| Sample {
        activations: Some(activations),
        gaussian: Some(gaussian),
        spatial: None,
    });
    let evidence = Evidence { generated, reference: Some(reference), held_out: None };
    let values = Fid.compute(&evidence, settings).expect("complete evidence");
    values.into_iter().map(|(_, value)| value).collect()
}

/// Few images make the distance cheaper through their own coordinates; it is the one from the covariances, to 1e-9.
#[test]
fn features_at_hand_do_not_change_the_distance() {
    let mut random = RandomState::new(17);
    let d = 60;
    let mixing = normal(&mut random, d, d);
    for (n, m) in [(20, 25), (25, 20), (60, 61), (30, 200), (200, 30), (150, 200), (2, 40)] {
        let [first, second] = [(n, 1.0), (m, 1.4)].map(|(rows, scale)| {
            let mixed = normal(&mut random, rows, d).dot(&mixing) * scale + 0.5;
            mixed.mapv(|value| value as f32)
        });
        let [one, other] = [&first, &second]
            .map(|side| GaussianStatistics::from_features(side.view()).expect("enough features"));
        let expected = distance(&one, &other);
        let found = with_features(&first, &second, &Settings::defaults(&Fid));
        assert_eq!(found.len(), 1);
        assert_near(found[0], expected, 1e-9 * expected);
    }
}

#[test]
fn the_confidence_interval_holds_the_expected_distance() {
    // 200 pairs of sets of 100 images in 5 dimensions; the mean of their distances is the expected one. An interval of 95 %
    // holds it in 190 of them, give or take 3; bootstrap intervals of 100 images are a little too narrow.
    let mut random = RandomState::new(18);
    let (trials, n, d) = (200, 100, 5);
    let sets: Vec<[Array2<f32>; 2]> = (0..trials)
        .map(|_| {
            [(1.0, 0.0), (1.3, 0.5)].map(|(scale, shift)| {
                normal(&mut random, n, d).mapv(|value| (scale * value + shift) as f32)
            })
        })
        .collect();
    let settings = Settings::defaults(&Fid).with("bootstrap", 100).expect("within bounds");
    let found: Vec<Vec<f64>> =
        sets.iter().map(|[first, second]| with_features(first, second, &settings)).collect();
    let expected = found.iter().map(|values| values[0]).sum::<f64>() / trials as f64;
    let holds = |values: &&Vec<f64>| values[1] <= expected && expected <= values[2];
    let hits = found.iter().filter(holds).count();
    eprintln!("{hits} of {trials} intervals hold {expected}");
    assert!((180..=199).contains(&hits), "{hits} of {trials}");
    assert!(found.iter().all(|values| values[1] <= values[0] && values[0] <= values[2]));
}

/// Resampled images written out one by one, and the distances of their covariances; 1e-8 relative.
#[test]
fn the_confidence_interval_by_brute_force() {
    for (n, m, d) in [(60, 50, 5), (20, 25, 40), (20, 90, 40)] {
        let mut random = RandomState::new(20);
        let sets = [(n, 0.0), (m, 0.5)]
            .map(|(rows, shift)| normal(&mut random, rows, d).mapv(|value| (value + shift) as f32));
        let gaussian = |set: &Array2<f32>| {
            GaussianStatistics::from_features(set.view()).expect("enough features")
        };
        let fid = distance(&gaussian(&sets[0]), &gaussian(&sets[1]));
        let mut drawn = RandomState::new(2020);
        let mut distances: Vec<f64> = (0..5)
            .map(|_| {
                let [one, other] = sets.each_ref().map(|set| {
                    let rows: Vec<usize> =
                        (0..set.nrows()).map(|_| drawn.randint(set.nrows())).collect();
                    gaussian(&set.select(Axis(0), &rows))
                });
                distance(&one, &other)
            })
            .collect();
        distances.sort_by(f64::total_cmp);
        let offset = fid - distances.iter().sum::<f64>() / 5.0;
        // 2.5 % of the way from the first to the fifth value is a tenth of the way to the second.
        let low = 0.9 * distances[0] + 0.1 * distances[1] + offset;
        let high = 0.9 * distances[4] + 0.1 * distances[3] + offset;
        let found = confidence_interval(sets[0].view(), sets[1].view(), fid, 5, 2020)
            .expect("enough images");
        assert_near(found.low, low, 1e-8 * fid);
        assert_near(found.high, high, 1e-8 * fid);
    }
}

#[test]
fn the_confidence_interval_needs_images_and_resamples() {
    let mut random = RandomState::new(19);
    let set = normal(&mut random, 20, 3).mapv(|value| value as f32);
    for resamples in [0, 1] {
        let refused = confidence_interval(set.view(), set.view(), 0.0, resamples, 1);
        assert!(matches!(refused, Err(MetricsError::Parameter { .. })));
    }
    let gaussian = GaussianStatistics::from_features(set.view()).expect("enough features");
    let sample = Sample { gaussian: Some(&gaussian), ..Sample::default() };
    let evidence = Evidence { generated: sample, reference: Some(sample), held_out: None };
    let settings = Settings::defaults(&Fid).with("bootstrap", 9).expect("within bounds");
    assert!(matches!(Fid.compute(&evidence, &settings), Err(MetricsError::MissingEvidence { .. })));
}

#[test]
fn incomparable_statistics_are_errors() {
    let small = gaussian(Array1::zeros(2), Array2::eye(2));
    let large = gaussian(Array1::zeros(3), Array2::eye(3));
    assert!(matches!(
        frechet_distance(&small, &large),
        Err(MetricsError::Dimension { expected: 2, found: 3, .. })
    ));
    let huge = gaussian(Array1::zeros(2), Array2::eye(2) * 1e300);
    assert!(matches!(frechet_distance(&huge, &huge), Err(MetricsError::NonFinite { .. })));
}
