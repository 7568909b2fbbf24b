//! Memorisation: nearest neighbours by brute force, and planted copies.

use bench_metrics::memorization::{Neighbour, QUANTILE, memorization, nearest_neighbours};
use bench_metrics::{MetricsError, RandomState};
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

fn normal(n: usize, d: usize, seed: u32) -> Array2<f32> {
    let mut random = RandomState::new(seed);
    Array2::from_shape_simple_fn((n, d), || random.randn() as f32)
}

fn brute_force(queries: ArrayView2<'_, f32>, points: ArrayView2<'_, f32>) -> Vec<Neighbour> {
    let distance = |x: ndarray::ArrayView1<'_, f32>, y: ndarray::ArrayView1<'_, f32>| {
        let squares = x.iter().zip(y).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let nearest = |query| {
        let distances = points.outer_iter().map(|point| distance(query, point)).enumerate();
        let (index, distance) = distances.min_by(|a, b| a.1.total_cmp(&b.1)).expect("points");
        Neighbour { index, distance }
    };
    queries.outer_iter().map(nearest).collect()
}

/// Products in `f64` instead of differences: the last digits may differ.
#[test]
fn neighbours_are_those_of_brute_force() {
    // More than one block of either side, and a large common mean.
    let (queries, points) = (normal(1100, 5, 1) + 10.0, normal(2100, 5, 2) + 10.0);
    let found = nearest_neighbours(queries.view(), points.view()).expect("sound features");
    for (found, expected) in found.iter().zip(brute_force(queries.view(), points.view())) {
        assert_eq!(found.index, expected.index);
        assert!((found.distance - expected.distance).abs() < 1e-6, "{found:?} {expected:?}");
    }
    assert_eq!(found.len(), 1100);
}

#[test]
fn planted_copies_are_found_and_counted() {
    let training = normal(1500, 16, 3);
    let held_out = normal(1000, 16, 4);
    let (fresh, copies) = (normal(900, 16, 5), training.slice(s![700..800, ..]));
    let generated = concatenate(Axis(0), &[fresh.view(), copies]).expect("equal widths");
    let found = memorization(generated.view(), training.view(), held_out.view()).expect("sound");
    assert!(found.threshold > 0.0);
    for copy in 0..100 {
        assert_eq!(found.nearest[900 + copy], Neighbour { index: 700 + copy, distance: 0.0 });
        assert!(found.is_memorized(900 + copy));
    }
    // A tenth are copies. Of the 900 others about one in a hundred lies below the threshold: 9 with a standard
    // deviation of about 4, the threshold's own chance included.
    let others = (found.share * 1000.0).round() - 100.0;
    assert!((0.0..=25.0).contains(&others), "{others} of the fresh images");
    assert!(!found.is_memorized(5000));
}

#[test]
fn held_out_images_are_memorised_as_often_as_the_quantile_says() {
    let (training, held_out) = (normal(500, 8, 6), normal(2000, 8, 7));
    let found = memorization(held_out.view(), training.view(), held_out.view()).expect("sound");
    assert_eq!(found.share, QUANTILE);
}

#[test]
fn held_out_copies_of_training_images_leave_nothing_below_the_threshold() {
    let training = normal(300, 4, 8);
    let found =
        memorization(training.view(), training.view(), training.view()).expect("sound features");
    assert_eq!((found.threshold, found.share), (0.0, 0.0));
}

#[test]
fn unusable_sets_are_errors() {
    let (some, none) = (normal(3, 4, 9), normal(0, 4, 9));
    let narrow = normal(3, 2, 9);
    for (generated, training, held_out) in
        [(&none, &some, &some), (&some, &none, &some), (&some, &some, &none)]
    {
        let found = memorization(generated.view(), training.view(), held_out.view());
        assert!(matches!(found, Err(MetricsError::TooFewImages { .. })));
    }
    let found = memorization(some.view(), some.view(), narrow.view());
    assert!(matches!(found, Err(MetricsError::Dimension { .. })));
    let infinite = Array2::from_elem((2, 4), f32::INFINITY);
    let found = memorization(infinite.view(), some.view(), some.view());
    assert!(matches!(found, Err(MetricsError::NonFinite { .. })));
}
