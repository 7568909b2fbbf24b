//! The metrics of features against the programs that define them, and in closed form.

use std::collections::BTreeMap;

use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::{clipped, cmmd, fld, mifid, mind, prdc, vendi};
use bench_metrics::torch_generator::TorchGenerator;
use bench_metrics::{GaussianStatistics, RandomState};
use ndarray::{Array2, Axis, array, concatenate};
use serde::Deserialize;

/// Made by `golden/make_panel.py`.
const GOLDEN: &str = include_str!("golden/golden_panel.json");

#[derive(Deserialize)]
struct Golden {
    draws: Draws,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Draws {
    randn_16: Vec<f32>,
    randn_37: Vec<f32>,
    randperm_11: Vec<usize>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    seed: u32,
    n: usize,
    m: usize,
    h: usize,
    d: usize,
    scale: f64,
    shift: f64,
    values: Values,
}

#[derive(Deserialize)]
struct Values {
    cmmd: f64,
    mind: BTreeMap<usize, f64>,
    vendi: BTreeMap<usize, f64>,
    clipped_density: f64,
    clipped_coverage: f64,
    precision_recall: [f64; 3],
    mifid: Mifid,
    fld: f64,
    fld_gap: f64,
}

#[derive(Deserialize)]
struct Mifid {
    over_generated: f64,
    over_reference: f64,
}

fn golden() -> Golden {
    serde_json::from_str(GOLDEN).expect("a sound golden file")
}

fn normal(random: &mut RandomState, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || random.randn())
}

/// Generated, reference and held-out features as the script drew them.
fn features(case: &Case) -> [Array2<f32>; 3] {
    let mut random = RandomState::new(case.seed);
    let away = if case.name == "near" { 4.0 } else { 0.0 };
    let generated = normal(&mut random, case.n, case.d) * case.scale + case.shift;
    let reference = normal(&mut random, case.m, case.d) + away;
    let held_out = normal(&mut random, case.h, case.d) + away;
    [generated, reference, held_out].map(|side| side.mapv(|value| value as f32))
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs() / expected.abs().max(1e-3);
    assert!(error <= tolerance, "{what}: {found} instead of {expected}, off by {error:e}");
}

#[test]
fn draws_are_torchs() {
    let mut generator = TorchGenerator::new(2020);
    let Draws { randn_16, randn_37, randperm_11 } = golden().draws;
    for expected in [randn_16, randn_37] {
        for (found, expected) in generator.normals(expected.len()).iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 4e-7 * expected.abs().max(1.0),
                "{found} {expected}"
            );
        }
    }
    assert_eq!(generator.permutation(11), randperm_11);
}

#[test]
fn golden_values_of_the_programs() {
    for case in golden().cases {
        let [generated, reference, held_out] = features(&case);
        let (x, y, z) = (generated.view(), reference.view(), held_out.view());
        let Values { cmmd, mind, vendi, mifid, precision_recall, .. } = case.values;
        let what = |metric: &str| format!("{metric} of {}", case.name);

        let found = cmmd::gaussian_discrepancy(x, y, 10.0).expect("sound features");
        near(found, cmmd, 1e-8, &what("cmmd"));
        for (directions, expected) in mind {
            let found = mind::sliced_distance(x, y, directions, 2020).expect("sound features");
            near(found, expected, 2e-6, &what("mind"));
        }
        for (order, expected) in vendi {
            let found = vendi::vendi_score(x, order).expect("sound features");
            near(found, expected, 1e-6, &what("vendi"));
        }
        let found = clipped::clipped_density_and_coverage(x, y, 5).expect("sound features");
        near(found.density, case.values.clipped_density, 1e-12, &what("clipped density"));
        near(found.coverage, case.values.clipped_coverage, 1e-12, &what("clipped coverage"));
        let balls = prdc::Balls { k: 3, closed: true };
        let found = prdc::precision_and_coverage(x, y, balls).expect("sound features");
        near(found.precision, precision_recall[0], 1e-7, &what("precision"));
        near(found.recall, precision_recall[1], 1e-7, &what("recall"));

        let gaussian = |side| GaussianStatistics::from_features(side).expect("sound features");
        let fid = frechet_distance(&gaussian(x), &gaussian(y)).expect("sound statistics");
        for (queries, points, expected) in
            [(x, y, mifid.over_generated), (y, x, mifid.over_reference)]
        {
            let distance = mifid::nearest_cosine_distance(queries, points).expect("sound features");
            near(mifid::memorization_informed(fid, distance), expected, 1e-6, &what("mifid"));
        }
        let sets = fld::FeatureSets { generated: x, training: y, held_out: z };
        let found = fld::likelihood_divergence(&sets, 10_000, 2020).expect("sound features");
        near(found.divergence, case.values.fld, 1e-4, &what("fld"));
        near(found.gap, case.values.fld_gap, 1e-4, &what("fld gap"));
    }
}

#[test]
fn equal_sets_are_perfect() {
    let x = normal(&mut RandomState::new(7), 120, 6).mapv(|value| value as f32);
    let x = x.view();
    assert!(cmmd::gaussian_discrepancy(x, x, 10.0).unwrap() < 1e-9);
    assert_eq!(mind::sliced_distance(x, x, 100, 1).unwrap(), 0.0);
    let found = clipped::clipped_density_and_coverage(x, x, 5).unwrap();
    assert_eq!((found.density, found.coverage), (1.0, 1.0));
    let found = prdc::precision_and_coverage(x, x, prdc::Balls { k: 3, closed: true }).unwrap();
    assert_eq!((found.precision, found.recall), (1.0, 1.0));
    assert!(mifid::nearest_cosine_distance(x, x).unwrap() < 1e-12);
}

#[test]
fn cmmd_of_two_points_by_hand() {
    // Unit vectors at a right angle: squared distance 2.
    let (x, y) = (array![[3.0_f32, 0.0]], array![[0.0_f32, 0.5]]);
    let kernel = (-2.0_f64 / 200.0).exp();
    let found = cmmd::gaussian_discrepancy(x.view(), y.view(), 10.0).unwrap();
    near(found, 1000.0 * (2.0 - 2.0 * kernel), 1e-12, "cmmd");
}

#[test]
fn mind_of_isotropic_gaussians_is_known() {
    let mut random = RandomState::new(8);
    let (n, d) = (5000, 12);
    let x = normal(&mut random, n, d);
    let (shift, scale) = (0.7, 1.5);
    let other = |random: &mut RandomState| normal(random, n, d) * scale + shift;
    let y = other(&mut random).mapv(|value| value as f32);
    let expected = 3.0 * d as f64 * (shift * shift + (scale - 1.0).powi(2));
    let found =
        mind::sliced_distance(x.mapv(|value| value as f32).view(), y.view(), 2000, 3).unwrap();
    near(found, expected, 0.03, "mind of samples");
    // A scaled copy has no error of sampling but that of directions.
    let scaled = (&x * scale).mapv(|value| value as f32);
    let found =
        mind::sliced_distance(x.mapv(|value| value as f32).view(), scaled.view(), 2000, 3).unwrap();
    let square = x.iter().map(|value| value * value).sum::<f64>() / n as f64;
    near(found, 3.0 * (scale - 1.0).powi(2) * square, 0.002, "mind of a scaled copy");
}

#[test]
fn vendi_counts_different_images() {
    let basis = Array2::<f32>::eye(5) * 3.0;
    near(vendi::vendi_score(basis.view(), 1).unwrap(), 5.0, 1e-12, "five directions");
    let repeated = concatenate![Axis(0), basis, basis, basis];
    for order in [1, 2, 7] {
        near(vendi::vendi_score(repeated.view(), order).unwrap(), 5.0, 1e-12, "each three times");
    }
    let same = Array2::<f32>::ones((9, 4));
    near(vendi::vendi_score(same.view(), 1).unwrap(), 1.0, 1e-6, "one image");
}

#[test]
fn half_the_images_good_is_half_the_density() {
    let mut random = RandomState::new(9);
    let reference = normal(&mut random, 2000, 4).mapv(|value| value as f32);
    let mut generated = normal(&mut random, 2000, 4).mapv(|value| value as f32);
    generated.slice_mut(ndarray::s![1000.., ..]).mapv_inplace(|value| value + 1000.0);
    let found =
        clipped::clipped_density_and_coverage(generated.view(), reference.view(), 5).unwrap();
    near(found.density, 0.5, 0.05, "density");
    near(found.coverage, 0.5, 0.05, "coverage");
}

#[test]
fn copies_of_training_images_have_a_gap_below_nought() {
    let mut random = RandomState::new(10);
    let training = normal(&mut random, 300, 8).mapv(|value| value as f32);
    let held_out = normal(&mut random, 200, 8).mapv(|value| value as f32);
    let fresh = normal(&mut random, 300, 8).mapv(|value| value as f32);
    let of = |generated: &Array2<f32>| {
        let sets = fld::FeatureSets {
            generated: generated.view(),
            training: training.view(),
            held_out: held_out.view(),
        };
        fld::likelihood_divergence(&sets, 10_000, 2020).unwrap()
    };
    let (good, copied) = (of(&fresh), of(&training));
    assert!(good.divergence.abs() < 10.0 && good.gap.abs() < 10.0, "{good:?}");
    assert!(copied.gap < -100.0 && copied.divergence > good.divergence + 50.0, "{copied:?}");
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let mut random = RandomState::new(11);
    let [x, y, z] = [1500, 1100, 300].map(|n| normal(&mut random, n, 24).mapv(|v| v as f32));
    let all = || {
        let (x, y) = (x.view(), y.view());
        let clipped = clipped::clipped_density_and_coverage(x, y, 5).unwrap();
        let sets = fld::FeatureSets { generated: x, training: y, held_out: z.view() };
        let fld = fld::likelihood_divergence(&sets, 200, 2020).unwrap();
        [
            cmmd::gaussian_discrepancy(x, y, 10.0).unwrap(),
            mind::sliced_distance(x, y, 64, 2020).unwrap(),
            mifid::nearest_cosine_distance(x, y).unwrap(),
            clipped.density,
            clipped.coverage,
            fld.divergence,
            fld.gap,
        ]
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(all)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn too_few_images_are_named_with_the_number() {
    let x = Array2::<f32>::ones((4, 3));
    let few = clipped::clipped_density_and_coverage(x.view(), x.view(), 5).unwrap_err();
    assert!(few.to_string().contains("at least 6 images, not 4"), "{few}");
    let other = Array2::<f32>::ones((9, 2));
    assert!(cmmd::gaussian_discrepancy(x.view(), other.view(), 10.0).is_err());
    assert!(mind::sliced_distance(x.view(), other.view(), 16, 0).is_err());
    assert!(mind::sliced_distance(x.view(), x.view(), 15, 0).is_err());
    let none = Array2::<f32>::zeros((0, 3));
    assert!(vendi::vendi_score(none.view(), 1).is_err());
}
