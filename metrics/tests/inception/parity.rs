//! Numbers of pytorch-fid 0.3.0 and torch-fidelity 0.4.0 for the same weights and images.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bench_metrics::{
    Evidence, Extractor, FeatureLayer, GaussianStatistics, OnnxExtractor, Panel, Protocol, Sample,
    inception,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sheets::{extract, pixels};
use crate::synthetic;

/// What the reference programs gave; `golden/make_golden.py` made it.
const GOLDEN: &str = include_str!("../golden/golden_seed7.json");
/// Likewise for 12 images of each class, with `--per-class 12 --fidelity-per-class 12 --kid-subset-size 20`.
const FEW: &str = include_str!("../golden/golden_seed7_few.json");

/// Every test here keeps all cores busy: one after another.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn golden() -> Value {
    serde_json::from_str(GOLDEN).expect("json")
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("{key} is missing"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The network on `threads` threads, 0 for all cores.
fn extractor(protocol: Protocol, layer: FeatureLayer, threads: usize) -> OnnxExtractor {
    let model = inception::onnx(synthetic::seed_7(), protocol, layer).expect("sound weights");
    OnnxExtractor::from_bytes(&model, threads).expect("a sound model")
}

fn assert_close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs();
    eprintln!("{what}: {found} against {expected}, off by {:.2e}", error / expected.abs());
    assert!(error <= tolerance, "{what}: {found} instead of {expected}, tolerance {tolerance:e}");
}

/// Compares the first image's first features: 1e-4 of the value, or 1e-4 where it is below 1.
fn assert_features(extractor: &mut OnnxExtractor, expected: &Value) {
    let features = extract(extractor, &pixels(0..1, 1)).features;
    let expected = expected["first_features"].as_array().expect("a list");
    for (place, (&found, expected)) in features.iter().zip(expected).enumerate() {
        let expected = expected.as_f64().expect("a number");
        let error = (f64::from(found) - expected).abs();
        assert!(
            error <= 1e-4 * expected.max(1.0),
            "feature {place} of {}: {found} instead of {expected}",
            extractor.feature_dim()
        );
    }
}

#[test]
fn the_usual_features_are_those_of_pytorch_fid() {
    let _turn = turn();
    let mut extractor = extractor(Protocol::PYTORCH_FID, FeatureLayer::Pool3, 0);
    assert_eq!((extractor.feature_dim(), extractor.class_count()), (2048, 1008));
    assert_features(&mut extractor, &golden()["pytorch_fid"]["2048"]);
}

/// Features, their mean and variance, and FID of 60 images against 60 at every layer: 1e-4 relative.
#[test]
fn every_layer_is_that_of_pytorch_fid() {
    let _turn = turn();
    let few: Value = serde_json::from_str(FEW).expect("json");
    assert_eq!(few["weights_sha256"], synthetic::seed_7().sha256());
    for layer in FeatureLayer::ALL {
        let mut extractor = extractor(Protocol::PYTORCH_FID, layer, 0);
        assert_eq!(extractor.feature_dim(), layer.dims());
        assert_eq!(extractor.class_count() > 0, layer.has_logits());
        let expected = &few["pytorch_fid"][layer.to_string()];
        assert_features(&mut extractor, expected);
        let mut gaussian = |side: &str, classes: std::ops::Range<usize>| {
            let pixels = pixels(classes, 12);
            assert_eq!(few[format!("pixels_sha256_{side}")], sha256(&pixels), "other pixels");
            assert_gaussian(&mut extractor, &pixels, side, expected)
        };
        let (a, b) = (gaussian("a", 0..5), gaussian("b", 5..10));
        assert_distance(layer, &a, &b, number(expected, "fid"));
    }
}

/// The inner layers once more on other images: the first 60 of one class against those of another.
#[test]
fn the_inner_layers_are_those_of_pytorch_fid_on_other_images() {
    let _turn = turn();
    for layer in [FeatureLayer::Pool1, FeatureLayer::Pool2, FeatureLayer::Mixed6e] {
        let expected = &golden()["pytorch_fid"][layer.to_string()];
        let mut extractor = extractor(Protocol::PYTORCH_FID, layer, 0);
        assert_features(&mut extractor, expected);
        let mut gaussian = |side: &str, class: usize| {
            assert_gaussian(&mut extractor, &pixels(class..class + 1, 60), side, expected)
        };
        let (a, b) = (gaussian("a", 0), gaussian("b", 5));
        assert_distance(layer, &a, &b, number(expected, "fid"));
    }
}

/// The statistics of the features of `pixels`, compared with those of a side of the golden numbers: 1e-4 relative.
fn assert_gaussian(
    extractor: &mut OnnxExtractor,
    pixels: &[u8],
    side: &str,
    expected: &Value,
) -> GaussianStatistics {
    let features = extract(extractor, pixels).features;
    let gaussian = GaussianStatistics::from_features(features.view()).expect("60 images");
    for (what, found) in [
        ("mean", gaussian.mean().mean().expect("features")),
        ("trace", gaussian.covariance().diag().sum()),
    ] {
        let expected = number(expected, &format!("{what}_{side}"));
        let what = format!("{what}_{side} of {} features", features.ncols());
        assert_close(&what, found, expected, 1e-4 * expected);
    }
    gaussian
}

/// Compares the Fréchet distance: 1e-4 relative.
fn assert_distance(
    layer: FeatureLayer,
    a: &GaussianStatistics,
    b: &GaussianStatistics,
    expected: f64,
) {
    let found = bench_metrics::metrics::fid::frechet_distance(a, b).expect("equal dimensions");
    assert_close(&format!("fid of {layer}"), found, expected, 1e-4 * expected);
}

/// 600 images against 600: IS 1e-5 relative, FID 1e-4 relative, KID 1e-3 of its standard deviation.
#[test]
fn all_metrics_are_those_of_torch_fidelity() {
    let _turn = turn();
    let golden = golden();
    let expected = &golden["torch_fidelity"];
    let subsets = [("subsets".to_owned(), 50), ("subset_size".to_owned(), 200)];
    let changes = [("kid".to_owned(), subsets.into())].into();
    let panel = Panel::of_names(Protocol::TORCH_FIDELITY, &["all"], &changes).expect("known names");
    let mut extractor = extractor(Protocol::TORCH_FIDELITY, FeatureLayer::Pool3, 0);
    let [generated, reference] =
        [0..5, 5..10].map(|classes| extract(&mut extractor, &pixels(classes, 120)));
    let gaussian = |features: ndarray::ArrayView2<'_, f32>| {
        GaussianStatistics::from_features(features).expect("600 images")
    };
    let statistics = [&generated, &reference].map(|side| gaussian(side.features.view()));
    let sample = |activations, gaussian| Sample {
        activations: Some(activations),
        gaussian: Some(gaussian),
        spatial: None,
    };
    let evidence = Evidence {
        generated: sample(&generated, &statistics[0]),
        reference: Some(sample(&reference, &statistics[1])),
        held_out: None,
    };
    let values = panel.compute(&evidence).expect("enough images");
    let kid_std = number(expected, "kernel_inception_distance_std");
    for (key, name, tolerance) in [
        ("is_mean", "inception_score_mean", 1e-5),
        ("is_std", "inception_score_std", 1e-5),
        ("fid", "frechet_inception_distance", 47.0 * 1e-4),
        ("kid_mean", "kernel_inception_distance_mean", kid_std * 1e-3),
        ("kid_std", "kernel_inception_distance_std", kid_std * 1e-3),
    ] {
        assert_close(key, values[key], number(expected, name), tolerance);
    }
}

#[test]
fn neither_batches_nor_threads_matter() {
    let _turn = turn();
    let pixels = pixels(3..4, 9);
    let mut one = extractor(Protocol::PYTORCH_FID, FeatureLayer::Pool3, 1);
    let together = extract(&mut one, &pixels);
    let last = extract(&mut one, &pixels[pixels.len() / 9 * 8..]);
    assert_eq!(together.features.row(8), last.features.row(0));
    assert_eq!(together.logits.row(8), last.logits.row(0));
    drop(one);
    let mut two = extractor(Protocol::PYTORCH_FID, FeatureLayer::Pool3, 2);
    assert!(extract(&mut two, &pixels) == together, "other values on two threads");
}
