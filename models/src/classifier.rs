//! The small residual classifier behind the embedded feature extractor.
//!
//! Trained on labelled images, its pooled activations serve as features of a Fréchet distance
//! where InceptionV3 is not available. [`network`] is the architecture, [`training`] the recipe,
//! and [`folded`] the trained network as plain numbers, for export.

pub mod folded;
pub mod network;
pub mod training;
