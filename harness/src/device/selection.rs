//! From the user's choice and a machine to a device.

use bench_metrics::Device;

use super::driver::{CudaVersion, Driver, Gpu};
use super::error::{DeviceError, Obstacle};
use super::machine::Machine;
use super::{DeviceChoice, DriverError, Work};

/// The CUDA that the libraries of `scripts/setup.sh --cuda` are made for.
const LIBRARIES_NEED: CudaVersion = CudaVersion { major: 13, minor: 0 };
/// The least compute capability that they hold code for: Turing's.
const CAPABILITY_NEEDED: CudaVersion = CudaVersion { major: 7, minor: 5 };

/// A device, ready to be computed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Which one.
    pub device: Device,
    /// What is to be said of it: what an open choice came to, and why.
    pub said: Option<String>,
}

/// The device of `machine` that `choice` comes to for `work`, with the libraries loaded that compute there.
///
/// # Errors
/// [`DeviceError`], if the choice is not open.
pub fn select_on(
    machine: &dyn Machine,
    choice: DeviceChoice,
    work: Work,
) -> Result<Selection, DeviceError> {
    match choice {
        DeviceChoice::On(Device::Cpu) => Ok(Selection { device: Device::Cpu, said: None }),
        DeviceChoice::On(device @ Device::Cuda(index)) => {
            ready(machine, index, work).map_err(|reason| DeviceError { device, reason })?;
            Ok(Selection { device, said: None })
        }
        DeviceChoice::Auto => Ok(open(machine, work)),
    }
}

/// What an open choice comes to.
fn open(machine: &dyn Machine, work: Work) -> Selection {
    let first = Device::Cuda(0);
    let said = match ready(machine, 0, work) {
        Ok((gpu, others)) => {
            let others = match others {
                0 => String::new(),
                n => format!("; {n} more: see --device"),
            };
            let said = Some(format!("device: {first}, {}{others}", gpu.name));
            return Selection { device: first, said };
        }
        // The usual machine: nothing is amiss.
        Err(Obstacle::Driver(DriverError::Missing)) => "device: cpu (no NVIDIA driver)".to_owned(),
        Err(Obstacle::NoSuchGpu { shown }) => {
            format!("device: cpu (the NVIDIA driver shows {shown})")
        }
        Err(reason) => format!("device: cpu, and not {first}: {reason}"),
    };
    Selection { device: Device::Cpu, said: Some(said) }
}

/// Loads what computes on the GPU of number `index`; gives it and how many others there are.
fn ready(machine: &dyn Machine, index: usize, work: Work) -> Result<(Gpu, usize), Obstacle> {
    let driver = machine.driver()?;
    let gpu = driver.gpus.get(index).cloned();
    let gpu = gpu.ok_or_else(|| Obstacle::NoSuchGpu { shown: shown(&driver) })?;
    if !machine.has_own_libraries() {
        check_age(&driver, &gpu)?;
    }
    machine.load(work, index)?;
    Ok((gpu, driver.gpus.len() - 1))
}

/// Refuses what is older than the libraries of set-up know.
fn check_age(driver: &Driver, gpu: &Gpu) -> Result<(), Obstacle> {
    if driver.cuda < LIBRARIES_NEED {
        let (found, needed) = (driver.cuda, LIBRARIES_NEED);
        return Err(Obstacle::OldDriver { found, needed });
    }
    if gpu.capability < CAPABILITY_NEEDED {
        let (name, found, needed) = (gpu.name.clone(), gpu.capability, CAPABILITY_NEEDED);
        return Err(Obstacle::OldGpu { name, found, needed });
    }
    Ok(())
}

/// The GPUs of a driver by number and name.
fn shown(driver: &Driver) -> String {
    let gpus: Vec<String> =
        (0..).zip(&driver.gpus).map(|(index, gpu)| format!("cuda:{index} {}", gpu.name)).collect();
    match gpus.is_empty() {
        true => "no GPU".to_owned(),
        false => format!("{} alone", gpus.join(", ")),
    }
}
