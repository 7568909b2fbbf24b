//! Precision, recall, density and coverage against brute force, closed cases and published values.

use std::collections::BTreeMap;

use bench_metrics::metrics::prdc::{Balls, PrecisionAndCoverage, precision_and_coverage};
use bench_metrics::{MetricsError, RandomState};
use ndarray::{Array2, ArrayView1, Axis, array, concatenate, s};

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn() as f32)
}

fn distance(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>().sqrt()
}

/// The balls of the program prdc.
fn open(k: usize) -> Balls {
    Balls { k, closed: false }
}

/// The definitions, pair by pair.
fn brute_force(
    generated: &Array2<f32>,
    reference: &Array2<f32>,
    Balls { k, closed }: Balls,
) -> PrecisionAndCoverage {
    let radii = |set: &Array2<f32>| -> Vec<f64> {
        let radius = |i| {
            let others = (0..set.nrows()).filter(|&j| j != i);
            let mut all: Vec<f64> = others.map(|j| distance(set.row(i), set.row(j))).collect();
            all.sort_by(f64::total_cmp);
            all[k - 1]
        };
        (0..set.nrows()).map(radius).collect()
    };
    let (of_generated, of_reference) = (radii(generated), radii(reference));
    let (n, m) = (generated.nrows(), reference.nrows());
    let between = |i: usize, j: usize| distance(generated.row(i), reference.row(j));
    let inside = |distance: f64, radius: f64| distance < radius || closed && distance == radius;
    let in_reference = |i: usize, j: usize| inside(between(i, j), of_reference[j]);
    let in_generated = |i: usize, j: usize| inside(between(i, j), of_generated[i]);
    let share = |hits: usize, of: usize| hits as f64 / of as f64;
    let balls: usize = (0..n).map(|i| (0..m).filter(|&j| in_reference(i, j)).count()).sum();
    PrecisionAndCoverage {
        precision: share((0..n).filter(|&i| (0..m).any(|j| in_reference(i, j))).count(), n),
        recall: share((0..m).filter(|&j| (0..n).any(|i| in_generated(i, j))).count(), m),
        density: balls as f64 / (k * n) as f64,
        coverage: share((0..m).filter(|&j| (0..n).any(|i| in_reference(i, j))).count(), m),
    }
}

#[test]
fn small_sets_by_brute_force() {
    let mut random = RandomState::new(31);
    for (n, m, d, k, shift) in [(7, 9, 2, 1, 0.0), (60, 50, 3, 5, 0.5), (40, 90, 16, 3, 0.3)] {
        let generated = normal(&mut random, n, d) * 1.2 + shift;
        let reference = normal(&mut random, m, d);
        for closed in [false, true] {
            let balls = Balls { k, closed };
            let expected = brute_force(&generated, &reference, balls);
            let found = precision_and_coverage(generated.view(), reference.view(), balls)
                .expect("enough images");
            assert_eq!(found, expected, "{n} {m} {d} {balls:?}");
            assert!(expected.precision > 0.0 && expected.precision < 1.0, "it tells nothing");
        }
    }
}

#[test]
fn several_blocks_are_one_set() {
    // More points than a block has, in two dimensions where brute force is quick.
    let mut random = RandomState::new(32);
    let (generated, reference) = (normal(&mut random, 2100, 2) * 1.5, normal(&mut random, 1030, 2));
    let expected = brute_force(&generated, &reference, open(5));
    let found =
        precision_and_coverage(generated.view(), reference.view(), open(5)).expect("enough images");
    assert_eq!(found, expected);
}

#[test]
fn by_hand_on_a_line() {
    // k = 1. Radii of the reference images: 1, 1, 9; so 0.25 and 0.75 are in the first two balls each, 30 in none, and the
    // ball ]1, 19[ around 10 is empty. Radii of the generated images: 0.5, 0.5, 29.25; the balls ]-0.25, 0.75[,
    // ]0.25, 1.25[ and ]0.75, 59.25[ hold every reference image.
    let reference = array![[0.0_f32], [1.0], [10.0]];
    let generated = array![[0.25_f32], [0.75], [30.0]];
    let found =
        precision_and_coverage(generated.view(), reference.view(), open(1)).expect("enough images");
    assert_eq!(
        found,
        PrecisionAndCoverage {
            precision: 2.0 / 3.0,
            recall: 1.0,
            density: 4.0 / 3.0,
            coverage: 2.0 / 3.0
        }
    );
}

#[test]
fn open_balls_do_not_hold_their_surface_and_closed_ones_do() {
    let reference = array![[0.0_f32, 3.0], [4.0, 0.0]];
    let generated = array![[8.0_f32, -3.0], [8.0, -3.0]];
    // The generated images are at distance 5 from (4, 0), whose radius is 5; their own radius is 0.
    let found =
        precision_and_coverage(generated.view(), reference.view(), open(1)).expect("enough images");
    let nothing = PrecisionAndCoverage { precision: 0.0, recall: 0.0, density: 0.0, coverage: 0.0 };
    assert_eq!(found, nothing);
    // Both are in the ball around (4, 0), and not in the other.
    let closed = Balls { k: 1, closed: true };
    let found =
        precision_and_coverage(generated.view(), reference.view(), closed).expect("enough images");
    let expected =
        PrecisionAndCoverage { precision: 1.0, recall: 0.0, density: 1.0, coverage: 0.5 };
    assert_eq!(found, expected);
}

#[test]
fn copies_are_at_no_distance() {
    // Large norms, where |x|² + |y|² - 2 x·y of equal points is not 0 in floating point.
    let mut random = RandomState::new(33);
    let some = normal(&mut random, 30, 64) * 100.0 + 1000.0;
    let same = precision_and_coverage(some.view(), some.view(), open(5)).expect("enough images");
    assert_eq!((same.precision, same.recall, same.coverage), (1.0, 1.0, 1.0));
    // Itself and the four nearer neighbours, of which there are as many as balls: k.
    assert!((same.density - 1.0).abs() < 1e-12, "{same:?}");

    // With k copies of everything besides itself all balls are without extent, and hold nothing.
    let copies = concatenate(Axis(0), &[some.view(), some.view()]).expect("equal widths");
    let none =
        precision_and_coverage(copies.view(), copies.view(), open(1)).expect("enough images");
    assert_eq!((none.precision, none.recall, none.density, none.coverage), (0.0, 0.0, 0.0, 0.0));
}

/// A case of the golden values and the features that belong to it.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    seed: u32,
    n: usize,
    m: usize,
    d: usize,
    scale: f64,
    shift: f64,
    whole: bool,
    copies: usize,
    values: Vec<Values>,
}

/// What the programs say of a case.
#[derive(serde::Deserialize)]
struct Values {
    k: usize,
    torch_fidelity: BTreeMap<String, f64>,
    prdc: BTreeMap<String, f64>,
}

impl Case {
    fn features(&self) -> (Array2<f32>, Array2<f32>) {
        let mut random = RandomState::new(self.seed);
        let mut draw = |n: usize, shift: f64| {
            Array2::from_shape_simple_fn((n, self.d), || {
                let value = random.randn() * self.scale + shift;
                (if self.whole { value.round_ties_even() } else { value }) as f32
            })
        };
        let (generated, reference) = (draw(self.n, self.shift), draw(self.m, 0.0));
        let copies = reference.slice(s![..self.copies, ..]);
        (concatenate![Axis(0), generated, copies], reference)
    }
}

/// `golden/make_prdc.py` made the values: exact for prdc, and for torch-fidelity, which gives the shares in `f32`.
#[test]
fn both_definitions_agree_with_their_programs() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("golden/golden_prdc.json")).expect("sound golden values");
    let mut differing = 0;
    for case in &cases {
        let (generated, reference) = case.features();
        for Values { k, torch_fidelity, prdc } in &case.values {
            let [open, closed] = [false, true].map(|closed| {
                let balls = Balls { k: *k, closed };
                precision_and_coverage(generated.view(), reference.view(), balls)
                    .expect("enough images")
            });
            let name = format!("{}, k = {k}", case.name);
            for (key, found) in [("precision", closed.precision), ("recall", closed.recall)] {
                assert_eq!(found as f32, torch_fidelity[key] as f32, "{key} of {name}");
                differing += usize::from(prdc[key] as f32 != found as f32);
            }
            for (key, found) in [
                ("precision", open.precision),
                ("recall", open.recall),
                ("density", open.density),
                ("coverage", open.coverage),
            ] {
                assert!((found - prdc[key]).abs() < 1e-12, "{key} of {name}: {found}");
            }
        }
    }
    assert!(differing > 10, "the cases do not tell the definitions apart");
}

#[test]
fn the_published_values_of_equal_normal_distributions() {
    // The program prdc's own example: 10 000 points of N(0, I) in 1000 dimensions against as many others, k = 5. Those
    // are from another draw; the tolerance of 0.01 is about two standard deviations over draws.
    let mut random = RandomState::new(2020);
    let (generated, reference) =
        (normal(&mut random, 10_000, 1000), normal(&mut random, 10_000, 1000));
    let found =
        precision_and_coverage(generated.view(), reference.view(), open(5)).expect("enough images");
    let PrecisionAndCoverage { precision, recall, density, coverage } = found;
    let found = BTreeMap::from([
        ("precision", precision),
        ("recall", recall),
        ("density", density),
        ("coverage", coverage),
    ]);
    for (key, published) in
        [("precision", 0.4772), ("recall", 0.4705), ("density", 1.0555), ("coverage", 0.9735)]
    {
        assert!((found[key] - published).abs() < 0.01, "{key} {found:?}");
    }
}

#[test]
fn unusable_sets_are_errors() {
    let five = Array2::<f32>::zeros((5, 3));
    let six = Array2::<f32>::zeros((6, 3));
    let try_with = |a: &Array2<f32>, b: &Array2<f32>, k| {
        precision_and_coverage(a.view(), b.view(), open(k)).expect_err("unusable sets")
    };
    for (a, b) in [(&five, &six), (&six, &five)] {
        let error = try_with(a, b, 5);
        assert!(matches!(error, MetricsError::TooFewImages { needed: 6, found: 5, .. }), "{error}");
    }
    assert!(matches!(try_with(&six, &six, 0), MetricsError::Parameter { .. }));
    assert!(matches!(try_with(&six, &Array2::zeros((6, 4)), 1), MetricsError::Dimension { .. }));
    let infinite = Array2::from_elem((6, 3), f32::NAN);
    assert!(matches!(try_with(&infinite, &six, 1), MetricsError::NonFinite { .. }));
}
