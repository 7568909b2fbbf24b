//! The weight clipping of Arjovsky et al. 2017, Algorithm 1.

use tch::nn;

/// Clamps every trainable parameter of `store` to `[-bound, bound]`.
pub fn clip_weights(store: &nn::VarStore, bound: f64) {
    tch::no_grad(|| {
        for mut parameter in store.trainable_variables() {
            let _ = parameter.clamp_(-bound, bound);
        }
    });
}
