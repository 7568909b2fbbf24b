//! InceptionV3 from its weights: the published file's layout, and agreement with pytorch-fid and torch-fidelity.
//!
//! The published weights cannot be part of this repository. In their place stands a file of exactly their layout with
//! values that any language can compute; `golden/` holds its header, numbers that the reference programs gave for
//! these weights, and the scripts that made all of it.

mod adm;
mod in_graph;
mod parity;
mod sheets;
mod synthetic;
mod weights;
