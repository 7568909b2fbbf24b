//! Tensors outside of a model's file are the first that a process asks of ONNX Runtime: alone here, for it is loaded once.

use bench_metrics::extractor::metadata_keys as keys;
use bench_metrics::{Extractor as _, ImageBatch, OnnxExtractor};
use bench_onnx::{Dim, GraphBuilder, Linear, Weights};

#[test]
fn a_model_with_tensors_outside_may_be_the_first() {
    let mut graph = GraphBuilder::new("sums");
    let side = Dim::Fixed(4);
    let image = graph.input("image", &[Dim::Symbolic("n"), Dim::Fixed(3), side, side]);
    let pooled = graph.global_average_pool(&image);
    let means = graph.flatten(&pooled);
    // Red less blue, and green twice.
    let weight = Weights::new(&[2, 3], &[1.0, 0.0, -1.0, 0.0, 2.0, 0.0]).expect("six values");
    let features = graph.linear(&means, Linear { weight, bias: None });
    graph.output(&features, "features", &[Dim::Symbolic("n"), Dim::Fixed(2)]);
    for (key, value) in [
        (keys::NAME, "sums"),
        (keys::INPUT_SIZE, "4"),
        (keys::INPUT_RESIZE, "bilinear"),
        (keys::INPUT_MEAN, "0,0,0"),
        (keys::INPUT_STD, "1,1,1"),
        (keys::OUTPUT_FEATURES, "features"),
    ] {
        graph.metadata(key, value);
    }
    let model = graph.finish_within(20);
    assert_eq!(model.outside.len(), 1);
    let mut extractor = OnnxExtractor::from_model(model, 1).expect("a sound model");
    let pixels = [[200, 50, 100]; 16].concat();
    let batch = ImageBatch::new(&pixels, 1, 4, 4, 3).expect("a sound image");
    let found = extractor.extract(&batch).expect("features").features;
    for (value, expected) in found.iter().zip([100.0, 100.0]) {
        assert!((value - expected).abs() < 1e-4, "{found}");
    }
}
