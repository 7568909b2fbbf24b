//! VGG16, whose second fully connected layer precision and recall are defined with.
//!
//! Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015,
//! configuration D; weights and names are torchvision's, features torch-fidelity's `fc2_relu`.

use bench_onnx::{Conv, Dim, GraphBuilder, Linear, Pool, Weights};

use super::named::Named;
use super::{FEATURES, Shape};
use crate::error::MetricsError;
use crate::weights::WeightsFile;

/// Side of the square input in pixels.
const SIDE: usize = 224;

/// Places of the convolutions among the layers of `features`, by the poolings that follow them.
const CONVOLUTIONS: [&[usize]; 5] = [&[0, 2], &[5, 7], &[10, 12, 14], &[17, 19, 21], &[24, 26, 28]];

/// Places of the fully connected layers in `classifier` up to the features.
const CONNECTED: [usize; 2] = [0, 3];

const HALVING: Pool = Pool { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };

/// The network that a file holds the weights of, if it is this one.
pub(super) fn shape(weights: &WeightsFile) -> Option<Shape> {
    let tensors = Named { weights, prefix: "" };
    let all = CONVOLUTIONS.iter().flat_map(|places| places.iter());
    let has_all = all.into_iter().all(|place| tensors.has(&format!("features.{place}.weight")));
    let connected =
        CONNECTED.iter().all(|place| tensors.has(&format!("classifier.{place}.weight")));
    let &[width, ..] = tensors.shape("classifier.3.weight").ok()? else { return None };
    (has_all && connected).then_some(Shape {
        width,
        blocks: 13,
        patch: 3,
        side: SIDE,
        registers: 0,
    })
}

/// The graph, called `name`.
///
/// # Errors
/// [`MetricsError::Weights`] if a tensor is missing, of another shape, or unusable.
pub(super) fn graph(weights: &WeightsFile, name: &str) -> Result<GraphBuilder, MetricsError> {
    shape(weights).ok_or_else(|| super::foreign(weights, "VGG16"))?;
    let tensors = Named { weights, prefix: "" };
    let length = |shape: &[usize], axis: usize| shape.get(axis).copied().unwrap_or_default();
    let mut graph = GraphBuilder::new(name);
    let (batch, side) = (Dim::Symbolic("n"), Dim::Fixed(SIDE));
    let mut x = graph.input("images", &[batch, Dim::Fixed(3), side, side]);
    let mut channels = 3;
    for places in CONVOLUTIONS {
        for place in places {
            let (weight, bias) =
                (format!("features.{place}.weight"), format!("features.{place}.bias"));
            let outputs = length(tensors.shape(&weight)?, 0);
            let shape = [outputs, channels, 3, 3];
            let conv = Conv {
                weight: Weights::new(&shape, &tensors.values(&weight, &shape)?)?,
                bias: Some(Weights::new(&[outputs], &tensors.values(&bias, &[outputs])?)?),
                stride: [1, 1],
                padding: [1, 1],
                groups: 1,
            };
            x = graph.conv(&x, conv);
            x = graph.relu(&x);
            channels = outputs;
        }
        x = graph.max_pool(&x, HALVING);
    }
    x = graph.flatten(&x);
    let mut width = channels * (SIDE >> CONVOLUTIONS.len()).pow(2);
    for place in CONNECTED {
        let name = format!("classifier.{place}");
        let outputs = length(tensors.shape(&format!("{name}.weight"))?, 0);
        let layer = tensors.linear(&name, outputs, width)?;
        let weight = Weights::new(&[outputs, width], &layer.weight)?;
        let bias = Some(Weights::new(&[outputs], &layer.bias)?);
        x = graph.linear(&x, Linear { weight, bias });
        x = graph.relu(&x);
        width = outputs;
    }
    graph.output(&x, FEATURES, &[batch, Dim::Fixed(width)]);
    Ok(graph)
}
