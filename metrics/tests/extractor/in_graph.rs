//! Images that the network's own graph resizes and scales, on the processor: what a GPU is given.

use bench_metrics::{Activations, Computation, Convolutions, Device, MetricsError, OnnxExtractor};

use crate::{METADATA, channel_means, extract, large_network, random_pixels};

/// Tolerance of features, as a share of the largest.
const TOLERANCE: f32 = 1e-5;

fn with(model: &[u8], resizes_in_graph: bool) -> OnnxExtractor {
    let convolutions = Convolutions::OnnxRuntime;
    let computation =
        Computation { threads: 2, convolutions, resizes_in_graph, ..Computation::default() };
    OnnxExtractor::from_bytes(model, computation).expect("a sound model")
}

/// Asserts that the graph of `model` sees images of `shape` as they are seen by default.
fn assert_alike(model: &[u8], shape: [usize; 3]) {
    let pixels = random_pixels(9, shape[0], shape[1], shape[2]);
    let [usual, in_graph] =
        [false, true].map(|in_graph| extract(&mut with(model, in_graph), &pixels, shape, 9));
    let Activations { features, logits, .. } = &usual;
    for (what, usual, in_graph) in
        [("features", features, &in_graph.features), ("logits", logits, &in_graph.logits)]
    {
        assert_eq!(usual.dim(), in_graph.dim());
        let largest = usual.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let worst = (usual - in_graph).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        eprintln!("{what} of {shape:?}: off by {worst:e} where the largest is {largest}");
        assert!(worst <= TOLERANCE * largest, "{what} of {shape:?}: {worst} of {largest}");
    }
}

#[test]
fn images_of_every_kind_are_seen_alike() {
    let by_hand = channel_means(&METADATA);
    for shape in [[4, 4, 3], [32, 32, 3], [9, 31, 3], [1, 1, 3], [2, 2, 1], [50, 7, 1]] {
        assert_alike(&by_hand, shape);
    }
}

#[test]
fn a_large_network_sees_alike() {
    for shape in [[40, 40, 3], [201, 179, 3]] {
        assert_alike(&large_network::model(), shape);
    }
}

/// One after another, each size with its own matrices.
#[test]
fn sizes_may_alternate() {
    let mut extractor = with(&channel_means(&METADATA), true);
    let mut means = |side: usize| {
        let pixels = vec![side as u8; side * side * 3];
        extract(&mut extractor, &pixels, [side, side, 3], 1).features[[0, 0]]
    };
    for side in [8, 5, 8, 3, 4] {
        assert!((means(side) - side as f32).abs() < 1e-5, "{side}");
    }
}

/// Rules that round or cut are not the graph's: images are resized as ever.
#[test]
fn other_rules_stay_with_the_processor() {
    for rule in ["tf1-bilinear", "pillow-bicubic", "pillow-bicubic-bytes"] {
        let metadata = METADATA.map(|(key, value)| match value {
            "bilinear" => (key, rule),
            value => (key, value),
        });
        assert_alike(&channel_means(&metadata), [13, 9, 3]);
    }
}

#[test]
fn a_gpu_that_the_library_does_not_know_is_an_error() {
    // The library that tests load knows none.
    let computation = Computation { device: Device::Cuda(0), ..Computation::default() };
    let error = OnnxExtractor::embedded(computation).expect_err("no GPU");
    let text = error.to_string();
    assert!(matches!(error, MetricsError::Device { device: Device::Cuda(0), .. }), "{text}");
    assert!(text.contains("cuda:0") && text.contains("--device cpu"), "{text}");
    let own = Computation { convolutions: Convolutions::Own, ..computation };
    let error = OnnxExtractor::embedded(own).expect_err("convolutions of the processor");
    assert!(error.to_string().contains("cuda:0 is asked for"), "{error}");
}
