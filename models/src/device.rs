//! The device a run computes on, and the number of CPU threads it uses.

pub use tch::Device;
use tch::{Kind, Tensor};

use crate::{ModelError, transfers};

/// Number of GPUs that libtorch sees: none unless its CUDA half was loaded before it was first asked.
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
