//! What a generator attends to.

use tch::Kind;

use super::Sampler;
use crate::networks::{Mode, Observed};
use crate::streams::Purpose;
use crate::{ModelError, images, transfers};

/// Images, and where the last self-attention layer of their generator looked.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionMaps {
    /// `[n, h, w, c]` bytes.
    pub pixels: Vec<u8>,
    /// Side of the map whose places attend.
    pub query_side: usize,
    /// Side of the map that they attend to, which may be pooled.
    pub key_side: usize,
    /// `[n, query_side^2, key_side^2]`; each row sums to 1.
    pub weights: Vec<f32>,
}

impl AttentionMaps {
    /// The weights with which place `query`, row by row, of image `i` attends, `[key_side^2]`.
    pub fn map(&self, i: usize, query: usize) -> &[f32] {
        let (queries, keys) = (self.query_side.pow(2), self.key_side.pow(2));
        let start = (i * queries + query) * keys;
        &self.weights[start..start + keys]
    }
}

impl Sampler<'_> {
    /// An image of each of `labels`, from the latents of [`Sampler::of_labels`], with the attention behind them; none if the
    /// generator has no self-attention.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if a parameter is not finite.
    pub fn attention(&self, row: u64, labels: &[u32]) -> Result<Option<AttentionMaps>, ModelError> {
        let labels: Vec<i64> = labels.iter().map(|&label| label.into()).collect();
        let latents = self.latents(Purpose::PictureLatents, row, labels.len());
        let observed = Observed::default();
        let pixels = self.forward(&latents, &labels, Mode::Observe(&observed))?;
        let Some(weights) = observed.last_attention() else { return Ok(None) };
        let side = |count: i64| (count as f64).sqrt().round() as usize;
        let size = weights.size();
        Ok(Some(AttentionMaps {
            pixels: images::to_bytes(&pixels)?,
            query_side: side(size[1]),
            key_side: side(size[2]),
            weights: transfers::read(&weights.to_kind(Kind::Float).view([-1]))?,
        }))
    }
}
