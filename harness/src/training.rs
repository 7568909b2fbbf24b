//! Training runs: what a run is, where its results go, and how it is carried out.

pub mod config;
pub mod folder;
pub mod ground_truth;
pub mod labelled;
pub mod manifest;
pub mod reference;
pub mod runner;
pub mod suite;
