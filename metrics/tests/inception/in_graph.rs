//! InceptionV3 with images that its graph resizes and scales, as on a GPU.

use bench_metrics::{Computation, Convolutions, FeatureLayer, OnnxExtractor, Protocol, inception};

use crate::sheets::{extract, pixels};
use crate::synthetic;

/// 1e-5 of the largest feature, under both ways of resizing that are the graph's.
#[test]
fn the_graph_sees_what_the_processor_does() {
    let pixels = pixels(0..2, 2);
    for protocol in [Protocol::PYTORCH_FID, Protocol::TORCH_FIDELITY] {
        let model = inception::onnx(synthetic::seed_7(), protocol, FeatureLayer::default());
        let model = model.expect("sound weights");
        let [usual, in_graph] = [false, true].map(|resizes_in_graph| {
            let convolutions = Convolutions::OnnxRuntime;
            let computation =
                Computation { convolutions, resizes_in_graph, ..Computation::default() };
            let mut extractor =
                OnnxExtractor::from_bytes(&model, computation).expect("a sound model");
            extract(&mut extractor, &pixels).features
        });
        let largest = usual.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let worst = (&usual - &in_graph).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        eprintln!("{protocol}: off by {worst:e} where the largest feature is {largest}");
        assert!(worst <= 1e-5 * largest, "{protocol}: {worst} of {largest}");
    }
}
