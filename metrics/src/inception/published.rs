//! The published file of weights: what it is called, where it can be had, and how to know it.
//!
//! Both reference programs fetch the same tensors, ported from the TensorFlow graph of 2015-12-05; the digits at the
//! end of the names are the first of the file's SHA-256.

/// Name of the file as pytorch-fid publishes it.
pub const FILE_NAME: &str = "pt_inception-2015-12-05-6726825d.pth";

/// First digits of the file's SHA-256, which its name ends in.
pub const SHA256_PREFIX: &str = "6726825d";

/// Where the file can be had: the releases of pytorch-fid and of torch-fidelity.
pub const URLS: [&str; 2] = [
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
];
