//! The device a run computes on, and the number of CPU threads it uses.

pub use tch::Device;
use tch::{Kind, Tensor};

use crate::{ModelError, transfers};

/// `cpu` or `cuda` (`cuda:N` for the N-th GPU).
///
/// # Errors
/// If the name is unknown or libtorch sees no such GPU.
pub fn select(name: &str) -> Result<Device, ModelError> {
    let refuse =
        |reason: &str| Err(ModelError::Device { device: name.into(), reason: reason.into() });
    let index = match name {
        "cpu" => return Ok(Device::Cpu),
        "cuda" => Some(0),
        other => other.strip_prefix("cuda:").and_then(|n| n.parse().ok()),
    };
    let Some(index) = index else {
        return refuse("choose cpu, cuda or cuda:N");
    };
    if !tch::Cuda::is_available() {
        return refuse(
            "libtorch sees no CUDA GPU; the CPU build of libtorch is linked unless \
             LIBTORCH names a CUDA build, so set LIBTORCH to one and build again, or use cpu",
        );
    }
    if index as i64 >= tch::Cuda::device_count() {
        return refuse("there are fewer GPUs than that; choose a lower number");
    }
    Ok(Device::Cuda(index))
}

/// Number of GPUs that libtorch sees.
pub fn gpus() -> usize {
    usize::try_from(tch::Cuda::device_count()).unwrap_or(0)
}

/// Multiplies two small matrices on `device`.
///
/// # Errors
/// If libtorch cannot, or gives another product.
pub fn check(device: Device) -> Result<(), ModelError> {
    let ones = Tensor::f_ones([2, 3], (Kind::Float, device))?;
    let sum = transfers::read_number(&ones.f_matmul(&ones.f_tr()?)?.f_sum(Kind::Float)?)?;
    match sum {
        12.0 => Ok(()),
        _ => Err(ModelError::Device {
            device: format!("{device:?}"),
            reason: format!("a sum of 12 comes out as {sum}"),
        }),
    }
}

/// Sets the number of threads that libtorch computes with on the CPU.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(threads.max(1) as i32);
}
