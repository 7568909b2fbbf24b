//! A trained classifier as plain numbers, with the batch norms folded into the convolutions.

use tch::{Kind, Tensor, nn};

use super::network::{Classifier, NormalisedConv};
use crate::ModelError;

/// A 3x3 convolution with padding 1.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedConv {
    /// `[outputs, inputs, 3, 3]`, row-major.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub outputs: usize,
    /// Stride in both directions.
    pub stride: usize,
}

/// One stage: `x = relu(down(x))`, then `relu(x + second(relu(first(x))))`.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedStage {
    /// The strided convolution.
    pub down: FoldedConv,
    /// The residual branch's first convolution.
    pub first: FoldedConv,
    /// The residual branch's second convolution.
    pub second: FoldedConv,
}

/// The whole network: stem, stages, global average pool, linear head.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedClassifier {
    /// The first convolution, followed by a ReLU.
    pub stem: FoldedConv,
    /// The stages in order.
    pub stages: Vec<FoldedStage>,
    /// `[classes, features]`, row-major.
    pub head_weight: Vec<f32>,
    /// `[classes]`.
    pub head_bias: Vec<f32>,
}

impl Classifier {
    /// The network in evaluation mode, batch norms folded: `w' = w * g / sqrt(v + eps)`,
    /// `b' = b - m * g / sqrt(v + eps)`, computed in f64.
    pub fn folded(&self) -> Result<FoldedClassifier, ModelError> {
        let stages = self.stages.iter().map(|stage| {
            Ok(FoldedStage {
                down: fold(&stage.down)?,
                first: fold(&stage.first)?,
                second: fold(&stage.second)?,
            })
        });
        let bias = self.head.bs.as_ref().map_or(Ok(Vec::new()), numbers)?;
        Ok(FoldedClassifier {
            stem: fold(&self.stem)?,
            stages: stages.collect::<Result<_, ModelError>>()?,
            head_weight: numbers(&self.head.ws)?,
            head_bias: bias,
        })
    }
}

fn fold(layer: &NormalisedConv) -> Result<FoldedConv, ModelError> {
    let size = layer.conv.ws.size();
    let nn::BatchNorm { running_mean, running_var, ws, bs, .. } = &layer.norm;
    let eps = nn::BatchNormConfig::default().eps;
    let double = |t: &Tensor| t.detach().to_kind(Kind::Double);
    let mut scale = (double(running_var) + eps).rsqrt();
    if let Some(gain) = ws {
        scale *= double(gain);
    }
    let mut bias = -(double(running_mean) * &scale);
    if let Some(offset) = bs {
        bias += double(offset);
    }
    Ok(FoldedConv {
        weight: numbers(&(double(&layer.conv.ws) * scale.view([-1, 1, 1, 1])))?,
        bias: numbers(&bias)?,
        inputs: size[1] as usize,
        outputs: size[0] as usize,
        stride: layer.stride as usize,
    })
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>, ModelError> {
    let flat = tensor.detach().to_kind(Kind::Float).contiguous().view([-1]);
    Ok(Vec::<f32>::try_from(&flat)?)
}
