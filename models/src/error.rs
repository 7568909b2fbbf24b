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
}
