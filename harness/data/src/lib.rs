//! Images and where they come from: datasets and sources of images, the files that hold them, downloads, and caches.
//!
//! Images are `u8` pixels, N x H x W x C, as slices with a shape.

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout))]

pub mod cache;
pub mod dataset_files;
pub mod datasets;
pub mod download;
pub mod files;
pub mod nearest;
pub mod source;
