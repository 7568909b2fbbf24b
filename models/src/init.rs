//! Initial parameters, drawn from the initialisation stream in name order.

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal, Uniform};
use serde::{Deserialize, Serialize};
use tch::{Tensor, nn};

use crate::streams::{Purpose, Streams};

/// How the parameters of a network start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Weights N(0, 0.02), norm gains N(1, 0.02), biases 0 (Radford et al. 2016).
    DcganNormal,
    /// Weights and biases U(-1/sqrt(fan_in), 1/sqrt(fan_in)), norm gains 1: PyTorch's default.
    PytorchDefault,
    /// Weights N(0, 2/fan_in), norm gains 1, biases 0 (He et al. 2015).
    HeNormal,
}

/// Sets every trainable variable of `store`. `first_step` separates the stores of one run.
///
/// Matrices and kernels are told from gains and biases by their rank; a gain is called `weight`.
/// The fan-in of a kernel is the number of inputs of one output: for a transposed convolution
/// PyTorch's rule (second dimension times the kernel's area) is kept.
pub fn initialise(store: &nn::VarStore, init: Init, streams: &Streams, first_step: u64) {
    let mut variables: Vec<(String, Tensor)> =
        store.variables().into_iter().filter(|(_, variable)| variable.requires_grad()).collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    let fan_ins: Vec<(String, i64)> = variables
        .iter()
        .filter(|(_, variable)| variable.dim() >= 2)
        .map(|(name, variable)| (layer(name).to_owned(), variable.size()[1..].iter().product()))
        .collect();
    for (rank, (name, mut variable)) in variables.into_iter().enumerate() {
        let mut rng = streams.at(Purpose::Initialisation, first_step + rank as u64);
        let count = variable.numel();
        let is_kernel = variable.dim() >= 2;
        let is_gain = !is_kernel && name.ends_with("weight");
        let fan_in = fan_ins
            .iter()
            .find(|(owner, _)| *owner == layer(&name))
            .map(|&(_, fan_in)| fan_in as f64);
        let mut normal = |mean: f64, std: f64| -> Vec<f32> {
            (0..count)
                .map(|_| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    (mean + std * z) as f32
                })
                .collect()
        };
        let values = match (init, fan_in) {
            (Init::DcganNormal, _) if is_kernel => normal(0.0, 0.02),
            (Init::DcganNormal, _) if is_gain => normal(1.0, 0.02),
            (Init::HeNormal, Some(fan_in)) if is_kernel => normal(0.0, (2.0 / fan_in).sqrt()),
            (Init::PytorchDefault, Some(fan_in)) => {
                let bound = (1.0 / fan_in).sqrt() as f32;
                match Uniform::new_inclusive(-bound, bound) {
                    Ok(uniform) => (0..count).map(|_| rng.sample(uniform)).collect(),
                    Err(_) => vec![0.0; count],
                }
            }
            _ if is_gain => vec![1.0; count],
            _ => vec![0.0; count],
        };
        let values = Tensor::from_slice(&values).view(variable.size().as_slice());
        tch::no_grad(|| variable.copy_(&values));
    }
}

fn layer(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(layer, _)| layer)
}
