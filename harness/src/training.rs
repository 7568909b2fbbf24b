//! Training runs: what a run is, where its results go, and how it is carried out.

mod checkpoints;
mod comparability;
pub mod config;
mod continuation;
pub mod error;
pub mod extractors;
pub mod folder;
pub mod ground_truth;
mod history;
pub mod labelled;
mod lock;
pub mod manifest;
pub mod queue;
mod record;
pub mod reference;
pub mod runner;
pub mod suite;
