//! A network like the first blocks of InceptionV3, with random weights.

use bench_metrics::RandomState;
use bench_metrics::extractor::metadata_keys as keys;
use bench_onnx::{Conv, Dim, GraphBuilder, Pool, Weights};

/// Side of the network's input.
const SIDE: usize = 160;

/// The model file.
pub(crate) fn model() -> Vec<u8> {
    let mut random = RandomState::new(42);
    let mut graph = GraphBuilder::new("large");
    let side = Dim::Fixed(SIDE);
    let mut x = graph.input("image", &[Dim::Symbolic("n"), Dim::Fixed(3), side, side]);
    let halving = Pool { kernel: [3, 3], stride: [2, 2], padding: [0, 0] };
    for (inputs, outputs, taps, stride, pooled) in [
        (3, 32, [3, 3], 2, false),
        (32, 64, [3, 3], 1, true),
        (64, 80, [1, 1], 1, false),
        (80, 192, [3, 3], 1, true),
        (192, 48, [1, 1], 1, false),
        (48, 64, [5, 5], 1, false),
        (64, 96, [1, 7], 1, false),
        (96, 128, [7, 1], 1, false),
    ] {
        let inputs_of_one = inputs * taps[0] * taps[1];
        // Values keep their size from layer to layer.
        let scale = (2.0 / inputs_of_one as f64).sqrt();
        let weight: Vec<f32> =
            (0..outputs * inputs_of_one).map(|_| (scale * random.randn()) as f32).collect();
        let conv = Conv {
            weight: Weights::new(&[outputs, inputs, taps[0], taps[1]], &weight)
                .expect("values that fill the shape"),
            bias: Some(Weights::new(&[outputs], &vec![0.1; outputs]).expect("a value a channel")),
            stride: [stride; 2],
            padding: taps.map(|taps| taps / 2),
            groups: 1,
        };
        x = graph.conv(&x, conv);
        x = graph.relu(&x);
        if pooled {
            x = graph.max_pool(&x, halving);
        }
    }
    let pooled = graph.global_average_pool(&x);
    let features = graph.flatten(&pooled);
    graph.output(&features, "features", &[Dim::Symbolic("n"), Dim::Fixed(128)]);
    for (key, value) in [
        (keys::NAME, "large"),
        (keys::INPUT_SIZE, "160"),
        (keys::INPUT_RESIZE, "bilinear"),
        (keys::INPUT_MEAN, "127.5,127.5,127.5"),
        (keys::INPUT_STD, "127.5,127.5,127.5"),
        (keys::OUTPUT_FEATURES, "features"),
    ] {
        graph.metadata(key, value);
    }
    graph.finish()
}
