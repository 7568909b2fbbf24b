//! The device a run computes on, and the number of CPU threads it uses.

pub use tch::Device;

use crate::ModelError;

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

/// Sets the number of threads that libtorch computes with on the CPU.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(threads.max(1) as i32);
}
