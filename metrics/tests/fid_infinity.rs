//! FID-infinity against distances known in closed form.

use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::fid_infinity::frechet_distance_at_infinity;
use bench_metrics::{GaussianStatistics, MetricsError, RandomState};
use ndarray::{Array1, Array2};

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn() as f32)
}

/// N(0, I) of `d` dimensions.
fn standard(d: usize) -> GaussianStatistics {
    GaussianStatistics::new(Array1::zeros(d), Array2::eye(d), None).expect("sound statistics")
}

/// N(0.1, 1.44 I) is d (0.1² + 0.2²) away from N(0, I).
#[test]
fn it_is_nearer_the_truth_than_fid() {
    let (d, n, trials) = (24, 600, 10);
    let truth = d as f64 * (0.1 * 0.1 + 0.2 * 0.2);
    let reference = standard(d);
    let mut random = RandomState::new(41);
    let (mut error, mut error_of_fid) = (0.0, 0.0);
    for _ in 0..trials {
        let generated = normal(&mut random, n, d) * 1.2 + 0.1;
        let gaussian = GaussianStatistics::from_features(generated.view()).expect("enough images");
        let fid = frechet_distance(&gaussian, &reference).expect("equal dimensions");
        let extrapolated = frechet_distance_at_infinity(generated.view(), &reference, 2020)
            .expect("enough images");
        error += (extrapolated - truth).abs() / f64::from(trials);
        error_of_fid += (fid - truth).abs() / f64::from(trials);
    }
    eprintln!("truth {truth}: off by {error}, plain fid by {error_of_fid}");
    // The bias of FID is about d²/4n of a variance of 1.44, 0.35; the sampling error of either is about 0.1.
    assert!(error_of_fid > 0.25 && error < error_of_fid / 2.0, "{error} and {error_of_fid}");
}

#[test]
fn the_seed_decides() {
    let generated = normal(&mut RandomState::new(42), 100, 4);
    let with = |seed| {
        frechet_distance_at_infinity(generated.view(), &standard(4), seed).expect("enough images")
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn unusable_sets_are_errors() {
    let few = normal(&mut RandomState::new(43), 29, 4);
    assert!(matches!(
        frechet_distance_at_infinity(few.view(), &standard(4), 1),
        Err(MetricsError::TooFewImages { needed: 30, found: 29, .. })
    ));
    let many = normal(&mut RandomState::new(44), 40, 4);
    assert!(matches!(
        frechet_distance_at_infinity(many.view(), &standard(5), 1),
        Err(MetricsError::Dimension { .. })
    ));
}
