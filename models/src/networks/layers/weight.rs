//! Weights, spectrally normalised on request.

use tch::{Kind, Tensor, nn};

use crate::networks::Mode;

/// Added where a norm of 0 would be divided by, as in PyTorch.
const EPS: f64 = 1e-12;

/// A weight tensor, divided by its largest singular value if it is spectrally normalised.
///
/// Spectral normalisation is that of Miyato et al. 2018, Algorithm 1, as
/// `torch.nn.utils.spectral_norm` carries it out: the weight is seen as a matrix with one row an
/// output; each training pass does one power iteration on the stored singular vectors
/// `weight_u` and `weight_v`, which get no gradient, and an evaluation pass none. They start from
/// random vectors, which [`settle_generator`](crate::networks::settle_generator) and its like bring near the largest ones.
pub(super) struct Weight {
    value: Tensor,
    singular: Option<SingularVectors>,
}

struct SingularVectors {
    u: Tensor,
    v: Tensor,
    output_dim: i64,
}

impl Weight {
    /// A variable `name` of this shape below `path`; `output_dim` is the dimension of `shape` that
    /// counts the outputs.
    pub(super) fn new(
        path: &nn::Path,
        name: &str,
        shape: &[i64],
        output_dim: i64,
        spectral_norm: bool,
    ) -> Self {
        let value = path.var(name, shape, nn::init::DEFAULT_KAIMING_UNIFORM);
        let singular = spectral_norm.then(|| {
            let outputs = shape[output_dim as usize];
            let inputs = shape.iter().product::<i64>() / outputs;
            let vector = |suffix: &str, length: i64| {
                let vector = Tensor::randn([length], (Kind::Float, path.device()));
                path.add(&format!("{name}_{suffix}"), normalise(&vector), false)
            };
            SingularVectors { u: vector("u", outputs), v: vector("v", inputs), output_dim }
        });
        Self { value, singular }
    }

    /// The weight to use in a pass.
    pub(super) fn get(&self, mode: Mode) -> Tensor {
        let Some(SingularVectors { u, v, output_dim }) = &self.singular else {
            return self.value.shallow_clone();
        };
        let matrix = self.value.transpose(0, *output_dim).flatten(1, -1);
        let (u, v) = if mode.iterates() {
            tch::no_grad(|| {
                let matrix = matrix.detach();
                let new_v = normalise(&matrix.tr().mv(u));
                let new_u = normalise(&matrix.mv(&new_v));
                // The graph keeps the new vectors; the stored ones may change under it.
                u.shallow_clone().copy_(&new_u);
                v.shallow_clone().copy_(&new_v);
                (new_u, new_v)
            })
        } else {
            (u.shallow_clone(), v.shallow_clone())
        };
        &self.value / u.dot(&matrix.mv(&v))
    }
}

fn normalise(vector: &Tensor) -> Tensor {
    vector / vector.norm().clamp_min(EPS)
}
