//! Initial parameters, drawn from the initialisation stream in name order.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal, Uniform};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn};

use crate::streams::{Purpose, Streams};

/// How the parameters of a network start. Biases and offsets are 0, gains 1 and learnt slopes 0.25
/// unless said otherwise; embedding tables count as weights unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Weights N(0, 0.02), gains N(1, 0.02) (Radford et al. 2016).
    DcganNormal,
    /// Convolutions N(0, 0.02), gains N(1, 0.02), all else as [`Init::PytorchDefault`] has it: the
    /// form of PyTorch's DCGAN tutorial.
    DcganConvolutions,
    /// Weights and biases U(-1/sqrt(fan_in), 1/sqrt(fan_in)), embedding tables N(0, 1): PyTorch's
    /// default.
    PytorchDefault,
    /// Weights N(0, 2/fan_in) (He et al. 2015).
    HeNormal,
    /// Weights, as matrices with one row for each index of the first dimension, have orthonormal
    /// rows or columns (Saxe et al. 2014); biases are PyTorch's default.
    Orthogonal,
    /// Weights U(-a, a) with a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010), embedding
    /// tables U(-0.05, 0.05), learnt slopes 0: Keras' default.
    GlorotUniform,
}

/// What a variable is, by its name and rank.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Weight,
    Table,
    Gain,
    Slope,
    /// Biases, offsets and the gain of self-attention.
    Zero,
    SingularVector,
}

impl Role {
    fn of(name: &str, variable: &Tensor) -> Option<Self> {
        let last = name.rsplit('.').next().unwrap_or(name);
        if !variable.requires_grad() {
            let singular = last.ends_with("_u") || last.ends_with("_v");
            return singular.then_some(Self::SingularVector);
        }
        Some(match last {
            "table" => Self::Table,
            "slope" => Self::Slope,
            _ if variable.dim() >= 2 => Self::Weight,
            "weight" => Self::Gain,
            _ => Self::Zero,
        })
    }
}

/// Sets every trainable variable of `store`, and the singular vectors of spectral norms.
/// `first_step` separates the stores of one run.
///
/// The fan-in of a kernel is the number of inputs of one output: for a transposed convolution
/// PyTorch's rule (second dimension times the kernel's area) is kept.
pub fn initialise(store: &nn::VarStore, init: Init, streams: &Streams, first_step: u64) {
    let mut variables: Vec<(String, Tensor, Role)> = store
        .variables()
        .into_iter()
        .filter_map(|(name, variable)| {
            let role = Role::of(&name, &variable)?;
            Some((name, variable, role))
        })
        .collect();
    // Singular vectors come last, so that normalising a layer leaves all other draws as they are.
    variables.sort_by(|a, b| {
        (a.2 == Role::SingularVector, &a.0).cmp(&(b.2 == Role::SingularVector, &b.0))
    });
    let fan_ins: Vec<(String, i64)> = variables
        .iter()
        .filter(|(_, _, role)| matches!(role, Role::Weight | Role::Table))
        .map(|(name, variable, _)| (layer(name).to_owned(), variable.size()[1..].iter().product()))
        .collect();
    for (rank, (name, mut variable, role)) in variables.into_iter().enumerate() {
        let rng = streams.at(Purpose::Initialisation, first_step + rank as u64);
        let fan_in = fan_ins
            .iter()
            .find(|(owner, _)| *owner == layer(&name))
            .map(|&(_, fan_in)| fan_in as f64);
        let values = initial(init, role, fan_in, &variable.size(), rng);
        tch::no_grad(|| variable.copy_(&values.view(variable.size().as_slice())));
    }
}

/// Initial values for a variable of this shape, in a layer of this fan-in if it has weights.
fn initial(init: Init, role: Role, fan_in: Option<f64>, shape: &[i64], rng: impl Rng) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    match (init, role, fan_in) {
        (_, Role::SingularVector, _) => {
            let vector = normal(0.0, 1.0, count, rng);
            &vector / vector.norm()
        }
        (Init::GlorotUniform, Role::Slope, _) => constant(0.0, count),
        (_, Role::Slope, _) => constant(0.25, count),
        (Init::DcganNormal, Role::Weight | Role::Table, _) => normal(0.0, 0.02, count, rng),
        (Init::DcganConvolutions, Role::Weight, _) if shape.len() == 4 => {
            normal(0.0, 0.02, count, rng)
        }
        (Init::DcganNormal | Init::DcganConvolutions, Role::Gain, _) => {
            normal(1.0, 0.02, count, rng)
        }
        (Init::DcganConvolutions, role, fan_in) => {
            initial(Init::PytorchDefault, role, fan_in, shape, rng)
        }
        (Init::PytorchDefault, Role::Table, _) => normal(0.0, 1.0, count, rng),
        (Init::PytorchDefault, Role::Weight, Some(fan_in))
        | (Init::PytorchDefault | Init::Orthogonal, Role::Zero, Some(fan_in)) => {
            uniform((1.0 / fan_in).sqrt(), count, rng)
        }
        (Init::HeNormal, Role::Weight | Role::Table, Some(fan_in)) => {
            normal(0.0, (2.0 / fan_in).sqrt(), count, rng)
        }
        (Init::Orthogonal, Role::Weight | Role::Table, _) => {
            orthogonal(&normal(0.0, 1.0, count, rng).view([shape[0], -1]))
        }
        (Init::GlorotUniform, Role::Weight, _) => {
            let fans = (shape[0] + shape[1]) * shape[2..].iter().product::<i64>();
            uniform((6.0 / fans as f64).sqrt(), count, rng)
        }
        (Init::GlorotUniform, Role::Table, _) => uniform(0.05, count, rng),
        (_, Role::Gain, _) => constant(1.0, count),
        (_, Role::Weight | Role::Table | Role::Zero, _) => constant(0.0, count),
    }
}

fn constant(value: f32, count: usize) -> Tensor {
    Tensor::from_slice(&vec![value; count])
}

fn normal(mean: f64, std: f64, count: usize, mut rng: impl Rng) -> Tensor {
    let values: Vec<f32> = (0..count)
        .map(|_| {
            let z: f64 = StandardNormal.sample(&mut rng);
            (mean + std * z) as f32
        })
        .collect();
    Tensor::from_slice(&values)
}

/// `count` values from U(-bound, bound).
fn uniform(bound: f64, count: usize, mut rng: impl Rng) -> Tensor {
    let bound = bound as f32;
    match Uniform::new_inclusive(-bound, bound) {
        Ok(uniform) => {
            let values: Vec<f32> = (0..count).map(|_| rng.sample(uniform)).collect();
            Tensor::from_slice(&values)
        }
        Err(_) => constant(0.0, count),
    }
}

/// The matrix with orthonormal rows (if it has fewer rows than columns) or columns that QR
/// factorisation makes of `normal`, with the signs that make R's diagonal positive: so it is
/// uniformly distributed if the entries of `normal` are N(0, 1).
pub fn orthogonal(normal: &Tensor) -> Tensor {
    let wide = normal.size()[0] < normal.size()[1];
    let tall = if wide { normal.tr() } else { normal.shallow_clone() };
    let (q, r) = Tensor::linalg_qr(&tall.to_kind(Kind::Double).to_device(Device::Cpu), "reduced");
    let q = q * r.diagonal(0, 0, 1).sign();
    let q = if wide { q.tr() } else { q };
    q.to_kind(normal.kind()).contiguous()
}

fn layer(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(layer, _)| layer)
}
