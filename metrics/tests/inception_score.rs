//! Inception Scores of known distributions.

use bench_metrics::metrics::inception_score::inception_score;
use bench_metrics::{MetricsError, RandomState};
use ndarray::{Array2, Axis};

/// Seed of the order of images, as torch-fidelity has it.
const SEED: u32 = 2020;

/// The score by its definition, in probabilities.
fn by_definition(logits: &Array2<f64>, splits: usize) -> (f64, f64) {
    let n = logits.nrows();
    let order = RandomState::new(2020).permutation(n);
    let scores: Vec<f64> = (0..splits)
        .map(|i| {
            let p =
                logits.select(Axis(0), &order[i * n / splits..(i + 1) * n / splits]).mapv(f64::exp);
            let p = &p / &p.sum_axis(Axis(1)).insert_axis(Axis(1));
            let q = p.mean_axis(Axis(0)).expect("a split that is not empty");
            let divergences = (&p * &(&p / &q).mapv(f64::ln)).sum_axis(Axis(1));
            divergences.mean().expect("a split that is not empty").exp()
        })
        .collect();
    let mean = scores.iter().sum::<f64>() / splits as f64;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / splits as f64;
    (mean, variance.sqrt())
}

#[test]
fn sure_and_even_predictions_score_the_number_of_classes() {
    for classes in [2, 10, 1000] {
        let logits =
            Array2::from_shape_fn(
                (3 * classes, classes),
                |(i, j)| {
                    if i % classes == j { 1e4 } else { 0.0 }
                },
            );
        let score = inception_score(logits.view(), 1, SEED).expect("enough images");
        assert!((score.mean - classes as f64).abs() < 1e-9 * classes as f64, "{score:?}");
        assert_eq!(score.std, 0.0);
    }
}

#[test]
fn equal_predictions_score_one() {
    for row in [[0.0_f32, 0.0, 0.0], [5.0, -3.0, 100.0]] {
        let logits = Array2::from_shape_fn((50, 3), |(_, j)| row[j]);
        let score = inception_score(logits.view(), 10, SEED).expect("enough images");
        assert!((score.mean - 1.0).abs() < 1e-12 && score.std < 1e-12, "{score:?}");
    }
}

#[test]
fn agrees_with_the_definition() {
    let mut random = RandomState::new(31);
    for (n, splits) in [(103, 10), (10, 10), (64, 3)] {
        let logits = Array2::from_shape_simple_fn((n, 7), || (2.0 * random.randn()) as f32);
        let (mean, std) = by_definition(&logits.mapv(f64::from), splits);
        let score = inception_score(logits.view(), splits, SEED).expect("enough images");
        assert!(
            (score.mean - mean).abs() < 1e-12 && (score.std - std).abs() < 1e-12,
            "{score:?}, not {mean}, {std}"
        );
    }
}

#[test]
fn extreme_logits_stay_finite() {
    let mut logits = Array2::<f32>::zeros((20, 4));
    for (i, mut row) in logits.outer_iter_mut().enumerate() {
        row[i % 4] = f32::MAX;
        row[(i + 1) % 4] = f32::MIN;
    }
    let score = inception_score(logits.view(), 1, SEED).expect("finite logits");
    assert!((score.mean - 4.0).abs() < 1e-12, "{score:?}");
}

#[test]
fn unusable_logits_are_errors() {
    let logits = Array2::<f32>::zeros((5, 3));
    assert!(matches!(
        inception_score(logits.view(), 10, SEED),
        Err(MetricsError::TooFewImages { .. })
    ));
    assert!(matches!(inception_score(logits.view(), 0, SEED), Err(MetricsError::Parameter { .. })));
    let infinite = Array2::from_elem((5, 3), f32::NAN);
    assert!(matches!(
        inception_score(infinite.view(), 2, SEED),
        Err(MetricsError::NonFinite { .. })
    ));
    assert!(inception_score(Array2::zeros((5, 0)).view(), 2, SEED).is_err());
}
