//! Numbers of OpenAI's evaluator for the same weights and images.

use bench_metrics::extractor::own_convolutions;
use bench_metrics::metrics::inception_score::{Division, divided_inception_score};
use bench_metrics::{
    Activations, ConvolutionEngine, Evidence, Extractor, FeatureLayer, GaussianStatistics,
    OnnxExtractor, Panel, Protocol, Sample, inception,
};
use serde_json::Value;

use crate::sheets::{extract, pixels};
use crate::synthetic;

/// What `golden/make_adm.py` made.
const GOLDEN: &str = include_str!("../golden/golden_adm.json");

fn near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs();
    assert!(error <= tolerance * expected.abs(), "{what}: {found} instead of {expected}");
}

#[test]
fn all_numbers_are_those_of_the_evaluator() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("json");
    let number = |key: &str| golden[key].as_f64().expect("a number");
    let adm = Protocol::parse("adm").expect("a protocol");
    let model = inception::onnx(synthetic::seed_7(), adm, FeatureLayer::Pool3);
    let mut extractor =
        OnnxExtractor::from_bytes(&model.expect("sound weights"), 0).expect("a sound model");
    assert_eq!(extractor.spatial_dim(), 2023);
    let own = own_convolutions().expect("onnx runtime").is_ok();
    assert_eq!(extractor.convolutions() == ConvolutionEngine::Own, own);
    let [generated, reference] =
        [0..5, 5..10].map(|classes| extract(&mut extractor, &pixels(classes, 12)));

    let mut first: Vec<f32> = generated.spatial.row(0).to_vec();
    first.sort_unstable_by(f32::total_cmp);
    let expected = golden["first_spatial"].as_array().expect("a list");
    for (found, expected) in first.iter().step_by(97).zip(expected) {
        let error = (f64::from(*found) - expected.as_f64().expect("a number")).abs();
        assert!(error <= 1e-4 * f64::from(found.max(1.0)), "{found} instead of {expected}");
    }

    let gaussians = |side: &Activations| {
        [&side.features, &side.spatial]
            .map(|values| GaussianStatistics::from_features(values.view()).expect("enough images"))
    };
    let statistics = [&generated, &reference].map(gaussians);
    let sample = |side, statistics| {
        let [gaussian, spatial]: &[GaussianStatistics; 2] = statistics;
        Sample { activations: Some(side), gaussian: Some(gaussian), spatial: Some(spatial) }
    };
    let evidence = Evidence {
        generated: sample(&generated, &statistics[0]),
        reference: Some(sample(&reference, &statistics[1])),
        held_out: None,
    };
    let names = ["fid", "sfid", "is", "precision-recall"];
    let panel = Panel::of_names(adm, &names, &Default::default()).expect("known names");
    let values = panel.compute(&evidence).expect("enough images");
    near("fid", values["fid"], number("fid"), 1e-4);
    near("sfid", values["sfid"], number("sfid"), 1e-4);
    near("is", values["is_mean"], number("inception_score"), 1e-5);
    near("precision", values["improved_precision"], number("precision"), 1e-12);
    near("recall", values["improved_recall"], number("recall"), 1e-12);
    let parts = divided_inception_score(generated.logits.view(), Division::Of(25), None);
    near("is of 25", parts.expect("logits").mean, number("inception_score_of_25"), 1e-5);
}
