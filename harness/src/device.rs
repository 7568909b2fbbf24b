//! Which device a command computes on: what the user says, what the machine has, and why the two do not fit.

mod driver;
mod error;
mod libraries;
mod linker;
mod machine;
mod selection;
#[cfg(test)]
mod tests;

use std::str::FromStr;
use std::{fmt, sync::Mutex};

use bench_metrics::{Convolutions, Device, MetricsError};

pub use driver::{CudaVersion, Driver, DriverError, Gpu};
pub use error::{DeviceError, Obstacle};
pub use libraries::LibraryError;
pub use machine::{Machine, ThisMachine};
pub use selection::{Selection, select_on};

use crate::console;

/// A device as the user names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU if there is one that all that is needed computes on, else the processor.
    #[default]
    Auto,
    /// This one.
    On(Device),
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::On(device) => device.fmt(f),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            name => name.parse().map(Self::On).map_err(|error: MetricsError| match error {
                MetricsError::UnknownName { known, .. } => format!("choose one of auto, {known}"),
                other => other.to_string(),
            }),
        }
    }
}

/// The option that chooses a device.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct DeviceArgs {
    /// Device to compute on: cpu, cuda or cuda:N (see docs/gpu.md); auto takes the first GPU that the libraries at hand
    /// compute on, and else the CPU.
    #[arg(long, value_name = "NAME", default_value_t)]
    pub device: DeviceChoice,
}

impl DeviceChoice {
    /// This choice for a network with these convolutions: our own are computed on the processor, so that an open choice falls
    /// on it.
    #[must_use]
    pub fn for_convolutions(self, convolutions: Convolutions) -> Self {
        match (self, convolutions) {
            (Self::Auto, Convolutions::Own) => Self::On(Device::Cpu),
            (choice, _) => choice,
        }
    }
}

/// What is computed on a device, and so which libraries have to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Extraction of features: ONNX Runtime.
    Scoring,
    /// Training and sampling: libtorch.
    #[cfg(feature = "train")]
    Training,
    /// Both.
    #[cfg(feature = "train")]
    All,
}

impl Work {
    /// Whether features are extracted.
    pub fn scores(self) -> bool {
        match self {
            Self::Scoring => true,
            #[cfg(feature = "train")]
            Self::Training => false,
            #[cfg(feature = "train")]
            Self::All => true,
        }
    }

    /// Whether networks are trained, or sampled from.
    pub fn trains(self) -> bool {
        match self {
            Self::Scoring => false,
            #[cfg(feature = "train")]
            Self::Training | Self::All => true,
        }
    }
}

/// The device of this machine that `choice` comes to for `work`, ready to be computed on. Of an open choice it says what
/// it came to, once.
///
/// It has to be called before libtorch is asked for anything: what libtorch has once found missing stays missing.
///
/// # Errors
/// [`DeviceError`], if the choice is not open.
pub fn select(choice: DeviceChoice, work: Work) -> Result<Device, DeviceError> {
    let Selection { device, said } = select_on(&ThisMachine, choice, work)?;
    if let Some(text) = said {
        say_once(text);
    }
    Ok(device)
}

/// Says `text`, unless that was said last.
fn say_once(text: String) {
    static SAID: Mutex<String> = Mutex::new(String::new());
    let mut said = SAID.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if *said != text {
        console::line(&text);
        *said = text;
    }
}

/// The name of a GPU, or what it was asked for by if its driver does not tell; `None` for the processor.
pub fn gpu_name(device: Device) -> Option<String> {
    let Device::Cuda(index) = device else { return None };
    let gpus = ThisMachine.driver().map(|driver| driver.gpus).unwrap_or_default();
    Some(gpus.get(index).map_or_else(|| device.to_string(), |gpu| gpu.name.clone()))
}

/// A device as libtorch names it.
#[cfg(feature = "train")]
pub fn of_libtorch(device: Device) -> bench_models::device::Device {
    match device {
        Device::Cpu => bench_models::device::Device::Cpu,
        Device::Cuda(index) => bench_models::device::Device::Cuda(index),
    }
}
