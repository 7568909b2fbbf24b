use std::path::PathBuf;

/// What can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The requested device cannot be used.
    #[error("cannot use device `{device}`: {reason}")]
    Device {
        /// The device as the user named it.
        device: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A recipe holds a value outside its range.
    #[error("`{key}` = {value} is not allowed: {reason}")]
    Recipe {
        /// The recipe's key.
        key: &'static str,
        /// The offending value.
        value: String,
        /// The allowed range.
        reason: &'static str,
    },
    /// The training set does not fit the variant.
    #[error("the training set cannot be used: {0}")]
    TrainingSet(String),
    /// A loss or a parameter became NaN or infinite.
    #[error("training diverged at step {step}: {what} is not finite")]
    Diverged {
        /// The generator step (or the classifier's epoch) at which it was seen.
        step: u64,
        /// Which quantity.
        what: String,
    },
    /// A checkpoint could not be read, or belongs to another run.
    #[error("cannot use checkpoint {path}: {reason}", path = path.display())]
    Checkpoint {
        /// The checkpoint's file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A checkpoint could not be written.
    #[error("cannot write {path}: {reason} (check the path and the space left on the disk)", path = path.display())]
    Write {
        /// The checkpoint's file.
        path: PathBuf,
        /// The operating system's reason; part of the text, and so no `source`, which would be printed once more.
        reason: std::io::Error,
    },
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
}

impl ModelError {
    /// Whether there was too little memory, on whatever device.
    pub fn is_out_of_memory(&self) -> bool {
        // The second is how oneDNN says it.
        let says_so =
            |text: &str| text.contains("memory") || text.contains("could not create a primitive");
        matches!(self, Self::Torch(error) if says_so(&error.to_string()))
    }

    /// Whether a GPU failed or is gone: nothing more can be computed on it in this process.
    pub fn is_lost_device(&self) -> bool {
        // How libtorch begins, or passes on, what CUDA and its libraries say.
        const SIGNS: [&str; 6] = [
            "CUDA error",
            "CUDA driver error",
            "cuDNN error",
            "CUDNN_STATUS",
            "CUBLAS_STATUS",
            "NVML",
        ];
        let says_so = |text: &str| SIGNS.iter().any(|sign| text.contains(sign));
        matches!(self, Self::Torch(error) if says_so(&error.to_string()))
            && !self.is_out_of_memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libtorch_says_of_devices_is_told_apart() {
        let kinds = |text: &str| {
            let error = ModelError::from(tch::TchError::Torch(text.to_owned()));
            (error.is_out_of_memory(), error.is_lost_device())
        };
        for lack in [
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB",
            "CUDA error: out of memory",
            "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes",
            "could not create a primitive",
        ] {
            assert_eq!(kinds(lack), (true, false), "{lack}");
        }
        for loss in [
            "CUDA error: unspecified launch failure",
            "CUDA error: uncorrectable ECC error encountered",
            "CUDA error: no CUDA-capable device is detected",
            "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
            "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        ] {
            assert_eq!(kinds(loss), (false, true), "{loss}");
        }
        assert_eq!(kinds("mat1 and mat2 shapes cannot be multiplied"), (false, false));
    }
}
