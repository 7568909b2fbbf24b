//! The embedded extractor's network as an ONNX model.

use bench_metrics::extractor::metadata_keys;
use bench_models::classifier::folded::{FoldedClassifier, FoldedConv};
use bench_models::classifier::training::{INPUT_MEAN, INPUT_STD};
use bench_onnx::{Conv, Dim, GraphBuilder, Linear, OnnxError, Tensor, Weights};

/// Side of the images that the network was trained on.
pub(crate) const INPUT_SIZE: usize = 32;

/// Writes `network` as an extractor called `name`: `images` `[n, 3, 32, 32]` to `features`
/// `[n, d]` and `logits` `[n, c]`, with the metadata that the metrics crate reads.
///
/// # Errors
/// If the network's parameters do not fit its shape.
pub(crate) fn build(network: &FoldedClassifier, name: &str) -> Result<Vec<u8>, OnnxError> {
    let mut graph = GraphBuilder::new(name);
    let batch = Dim::Symbolic("n");
    let side = Dim::Fixed(INPUT_SIZE);
    let images = graph.input("images", &[batch, Dim::Fixed(3), side, side]);

    let mut x = conv_relu(&mut graph, &images, &network.stem)?;
    for stage in &network.stages {
        x = conv_relu(&mut graph, &x, &stage.down)?;
        let residual = conv_relu(&mut graph, &x, &stage.first)?;
        let residual = graph.conv(&residual, conv(&stage.second)?);
        let sum = graph.add(&residual, &x);
        x = graph.relu(&sum);
    }
    let pooled = graph.global_average_pool(&x);
    let features = graph.flatten(&pooled);
    let classes = network.head_bias.len();
    let dimension = network.head_weight.len() / classes.max(1);
    let logits = graph.linear(
        &features,
        Linear {
            weight: Weights::new(&[classes, dimension], &network.head_weight)?,
            bias: Some(Weights::new(&[classes], &network.head_bias)?),
        },
    );

    graph.output(&features, "features", &[batch, Dim::Fixed(dimension)]);
    graph.output(&logits, "logits", &[batch, Dim::Fixed(classes)]);
    let triple = |values: [f32; 3]| values.map(|v| v.to_string()).join(",");
    for (key, value) in [
        (metadata_keys::NAME, name.to_owned()),
        (metadata_keys::INPUT_SIZE, INPUT_SIZE.to_string()),
        (metadata_keys::INPUT_RESIZE, "bilinear".to_owned()),
        (metadata_keys::INPUT_MEAN, triple(INPUT_MEAN)),
        (metadata_keys::INPUT_STD, triple(INPUT_STD)),
        (metadata_keys::OUTPUT_FEATURES, "features".to_owned()),
        (metadata_keys::OUTPUT_LOGITS, "logits".to_owned()),
    ] {
        graph.metadata(key, &value);
    }
    Ok(graph.finish())
}

fn conv_relu(
    graph: &mut GraphBuilder,
    input: &Tensor,
    layer: &FoldedConv,
) -> Result<Tensor, OnnxError> {
    let sum = graph.conv(input, conv(layer)?);
    Ok(graph.relu(&sum))
}

fn conv(layer: &FoldedConv) -> Result<Conv, OnnxError> {
    Ok(Conv {
        weight: Weights::new(&[layer.outputs, layer.inputs, 3, 3], &layer.weight)?,
        bias: Some(Weights::new(&[layer.outputs], &layer.bias)?),
        stride: [layer.stride; 2],
        padding: [1; 2],
        groups: 1,
    })
}
