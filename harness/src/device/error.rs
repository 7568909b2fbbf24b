//! Why a device cannot be computed on.

use bench_metrics::Device;

use super::driver::{CudaVersion, DriverError};
use super::libraries::LibraryError;

/// A device that was asked for and cannot be had.
///
/// Texts are lower-case fragments that fit after "failed to …" and end with a hint of what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("cannot compute on {device}: {reason}")]
pub struct DeviceError {
    /// The device that was asked for.
    pub device: Device,
    /// What is in the way.
    pub reason: Obstacle,
}

/// What keeps from computing on a device.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Obstacle {
    /// No driver, or one that does not work.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The driver shows no GPU of that number.
    #[error(
        "the driver shows {shown}; choose another number, or let CUDA_VISIBLE_DEVICES show more, or use --device cpu"
    )]
    NoSuchGpu {
        /// The GPUs that there are.
        shown: String,
    },
    /// The driver is older than the libraries need.
    #[error(
        "its driver is made for CUDA {found} and the libraries need CUDA {needed}; install an NVIDIA driver of version \
         580 or newer, or use --device cpu"
    )]
    OldDriver {
        /// The newest CUDA that the driver knows.
        found: CudaVersion,
        /// What the libraries are made for.
        needed: CudaVersion,
    },
    /// The GPU is older than the libraries need.
    #[error(
        "{name} has compute capability {found} and the libraries need {needed}; use a newer GPU, or --device cpu, or \
         libraries of your own for it (docs/gpu.md)"
    )]
    OldGpu {
        /// The GPU's name.
        name: String,
        /// Its compute capability.
        found: CudaVersion,
        /// What the libraries are made for.
        needed: CudaVersion,
    },
    /// The libraries that compute there are missing or do not load.
    #[error(transparent)]
    Libraries(#[from] LibraryError),
}
