//! Why a device cannot be computed on.

use bench_metrics::Device;

use super::driver::{CudaVersion, DriverError};
use super::libraries::LibraryError;

/// A device that was asked for and cannot be had.
///
/// Texts are lower-case fragments that fit after "failed to …" and end with a hint of what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// No driver, or one that does not work.
    #[error("cannot compute on {device}: {reason}")]
    Driver {
        /// The device that was asked for.
        device: Device,
        /// What is wrong with the driver.
        reason: DriverError,
    },
    /// The driver shows no GPU of that number.
    #[error(
        "cannot compute on {device}: the driver shows {shown}; choose another number, or let CUDA_VISIBLE_DEVICES show \
         more, or use --device cpu"
    )]
    NoSuchGpu {
        /// The device that was asked for.
        device: Device,
        /// The GPUs that there are.
        shown: String,
    },
    /// The driver is older than the libraries need.
    #[error(
        "cannot compute on {device}: its driver is made for CUDA {found} and the libraries need CUDA {needed}; install \
         an NVIDIA driver of version 580 or newer, or use --device cpu"
    )]
    OldDriver {
        /// The device that was asked for.
        device: Device,
        /// The newest CUDA that the driver knows.
        found: CudaVersion,
        /// What the libraries are made for.
        needed: CudaVersion,
    },
    /// The GPU is older than the libraries need.
    #[error(
        "cannot compute on {device}: {name} has compute capability {found} and the libraries need {needed}; use a newer \
         GPU, or --device cpu, or libraries of your own for it (docs/gpu.md)"
    )]
    OldGpu {
        /// The device that was asked for.
        device: Device,
        /// The GPU's name.
        name: String,
        /// Its compute capability.
        found: CudaVersion,
        /// What the libraries are made for.
        needed: CudaVersion,
    },
    /// The libraries that compute there are missing or do not load.
    #[error("cannot compute on {device}: {reason}")]
    Libraries {
        /// The device that was asked for.
        device: Device,
        /// What is wrong with them.
        reason: LibraryError,
    },
}

impl DeviceError {
    /// The reason without the device.
    pub fn reason(&self) -> String {
        let text = self.to_string();
        text.split_once(": ").map_or_else(|| text.clone(), |(_, reason)| reason.to_owned())
    }
}
