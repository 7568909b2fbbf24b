//! Learnt vectors of the labels.

use tch::{Tensor, nn};

use super::weight::Weight;
use crate::networks::Mode;

/// A table with one learnt row a class.
pub struct Embedding {
    table: Weight,
}

impl Embedding {
    /// A table `[classes, dim]` below `path`.
    pub fn new(path: nn::Path, classes: i64, dim: i64, spectral_norm: bool) -> Self {
        Self { table: Weight::new(&path, "table", &[classes, dim], 0, spectral_norm) }
    }

    /// The rows `[n, dim]` of labels `[n]`.
    pub fn forward(&self, labels: &Tensor, mode: Mode) -> Tensor {
        Tensor::embedding(&self.table.get(mode), labels, -1, false, false)
    }

    /// The rows of labels, each divided by its Euclidean norm.
    pub fn normalized(&self, labels: &Tensor, mode: Mode) -> Tensor {
        let rows = self.forward(labels, mode);
        let norms = rows.norm_scalaropt_dim(2, [1], true);
        rows / norms
    }
}
