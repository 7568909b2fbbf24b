//! How labels enter the networks.

use tch::{Tensor, nn};

use crate::networks::Mode;
use crate::networks::layers::{Embedding, Linear, LinearConfig};

/// How the label enters a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelInput {
    /// Not at all.
    None,
    /// One-hot, appended to the latent.
    OneHot,
    /// As a learnt vector of this dimension, appended to the latent.
    Embedding(i64),
    /// As a learnt vector of this dimension, divided by its Euclidean norm and appended to the
    /// latent; a linear layer takes both back to the latent's dimension.
    ProjectedEmbedding(i64),
}

/// The layers that join latent and label.
pub(super) enum LabelJoin {
    Latent,
    OneHot { classes: i64 },
    Embedding(Embedding),
    Projected { embedding: Embedding, projection: Linear },
}

impl LabelJoin {
    /// The layers below `path`, and the dimension of what they give.
    pub(super) fn new(
        path: &nn::Path,
        input: LabelInput,
        latent_dim: i64,
        classes: i64,
    ) -> (Self, i64) {
        let embedding = |dim| Embedding::new(path / "labels", classes, dim, false);
        match input {
            LabelInput::None => (Self::Latent, latent_dim),
            LabelInput::OneHot => (Self::OneHot { classes }, latent_dim + classes),
            LabelInput::Embedding(dim) => (Self::Embedding(embedding(dim)), latent_dim + dim),
            LabelInput::ProjectedEmbedding(dim) => {
                let config = LinearConfig::default();
                let projection =
                    Linear::new(path / "projection", latent_dim + dim, latent_dim, config);
                (Self::Projected { embedding: embedding(dim), projection }, latent_dim)
            }
        }
    }

    /// `[n, dim]` from latents `[n, latent_dim]` and labels `[n]`.
    pub(super) fn forward(&self, latents: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        match self {
            Self::Latent => latents.shallow_clone(),
            Self::OneHot { classes } => {
                let one_hot = labels.one_hot(*classes).to_kind(latents.kind());
                Tensor::cat(&[latents, &one_hot], 1)
            }
            Self::Embedding(embedding) => {
                Tensor::cat(&[latents, &embedding.forward(labels, mode)], 1)
            }
            Self::Projected { embedding, projection } => {
                let joined = Tensor::cat(&[latents, &embedding.normalized(labels, mode)], 1);
                projection.forward(&joined, mode)
            }
        }
    }
}

/// How the label enters a discriminator: as a plane beside those of the image's channels, one
/// learnt value a pixel and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelPlane {
    /// Not at all.
    None,
    /// The plane as learnt.
    Learnt,
    /// The plane divided by its Euclidean norm.
    UnitNorm,
}

/// The layer that adds the plane.
pub(super) struct LabelPlaneLayer {
    planes: Option<Embedding>,
    unit_norm: bool,
    size: i64,
}

impl LabelPlaneLayer {
    /// The layer below `path` for images of side `size`.
    pub(super) fn new(path: &nn::Path, plane: LabelPlane, classes: i64, size: i64) -> Self {
        Self {
            planes: (plane != LabelPlane::None)
                .then(|| Embedding::new(path / "labels", classes, size * size, false)),
            unit_norm: plane == LabelPlane::UnitNorm,
            size,
        }
    }

    /// Channels that the layer adds.
    pub(super) fn channels(&self) -> i64 {
        self.planes.is_some().into()
    }

    /// Images `[n, c, size, size]` with the plane of their labels `[n]` as last channel.
    pub(super) fn forward(&self, images: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let Some(planes) = &self.planes else {
            return images.shallow_clone();
        };
        let plane = if self.unit_norm {
            planes.normalized(labels, mode)
        } else {
            planes.forward(labels, mode)
        };
        Tensor::cat(&[images, &plane.view([-1, 1, self.size, self.size])], 1)
    }
}
