//! How GPUs compute, which a process decides once.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use tch::Device;

use crate::ModelError;

/// How GPUs compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Computation {
    /// In fp32, the same every time: the same run on the same GPU ends in the same bytes, as far as libtorch has ways to.
    #[default]
    Repeatable,
    /// In TF32 where they can, and by whatever way is found to be the fastest.
    Fast,
}

impl Computation {
    /// As `--fast` says.
    pub fn asked(fast: bool) -> Self {
        if fast { Self::Fast } else { Self::Repeatable }
    }

    /// The bits that `context.cpp` takes.
    fn bits(self) -> c_int {
        match self {
            Self::Repeatable => 4,
            Self::Fast => 1 | 2,
        }
    }
}

/// Where cuBLAS is told how much memory it may use, without which it does not repeat itself, and how much.
const CUBLAS_WORKSPACE: (&str, &str) = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8");

/// Whether it has been decided how GPUs compute.
static DECIDED: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    safe fn bench_decide_for_gpus(bits: c_int) -> c_int;
    safe fn bench_decided_for_gpus() -> c_int;
}

/// Decides how GPUs compute from now on, before the first one is used; on a CPU nothing changes.
///
/// # Errors
/// If libtorch refuses.
pub fn compute(device: Device, how: Computation) -> Result<(), ModelError> {
    if !device.is_cuda() {
        return Ok(());
    }
    let (name, value) = CUBLAS_WORKSPACE;
    if how == Computation::Repeatable && std::env::var_os(name).is_none() {
        // SAFETY: it is done before the threads of this program start, and those that libraries have started by now look at no
        // environment.
        unsafe { std::env::set_var(name, value) };
    }
    decide(how)
}

/// [`Computation::Repeatable`] unless it has been decided otherwise: libtorch by itself has TF32 on.
pub(crate) fn repeat_unless_decided(device: Device) -> Result<(), ModelError> {
    match device.is_cuda() && !DECIDED.load(Ordering::Relaxed) {
        true => decide(Computation::Repeatable),
        false => Ok(()),
    }
}

fn decide(how: Computation) -> Result<(), ModelError> {
    DECIDED.store(true, Ordering::Relaxed);
    if bench_decide_for_gpus(how.bits()) != 0 && bench_decided_for_gpus() == how.bits() {
        return Ok(());
    }
    Err(ModelError::Device {
        device: "cuda".into(),
        reason: format!("libtorch does not let it compute as asked: {how:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// libtorch's own flags are read back; they have no meaning on a CPU, where the products that other tests compute are the
    /// same with them.
    #[test]
    fn libtorch_takes_what_is_decided() {
        for how in [Computation::Fast, Computation::Repeatable] {
            decide(how).unwrap();
            assert_eq!(bench_decided_for_gpus(), how.bits());
        }
        compute(Device::Cpu, Computation::Fast).unwrap();
        assert_eq!(bench_decided_for_gpus(), Computation::Repeatable.bits(), "a CPU is left alone");
    }
}
