//! Training runs: what a run is, where its results go, and how it is carried out. What does not train is also there
//! without libtorch: folders and the state that they tell.

pub mod agenda;
#[cfg(feature = "train")]
pub mod assignment;
#[cfg(feature = "train")]
mod checkpoints;
#[cfg(feature = "train")]
mod comparability;
#[cfg(feature = "train")]
pub mod config;
#[cfg(feature = "train")]
mod continuation;
#[cfg(feature = "train")]
pub mod error;
#[cfg(feature = "train")]
mod events;
#[cfg(feature = "train")]
pub mod extractors;
pub mod failure;
pub mod folder;
#[cfg(feature = "train")]
pub mod ground_truth;
#[cfg(feature = "train")]
mod history;
#[cfg(feature = "train")]
pub mod jobs;
#[cfg(feature = "train")]
pub mod labelled;
#[cfg(feature = "train")]
pub(crate) mod lock;
#[cfg(feature = "train")]
pub mod manifest;
pub mod owner;
#[cfg(feature = "train")]
pub mod queue;
#[cfg(feature = "train")]
pub(crate) mod record;
#[cfg(feature = "train")]
pub mod reference;
#[cfg(feature = "train")]
pub mod runner;
#[cfg(feature = "train")]
pub mod scoring;
pub mod starts;
pub mod state;
#[cfg(feature = "train")]
pub mod suite;
#[cfg(feature = "train")]
pub mod verification;
