//! Files of trained weights: named tensors, read without running anything that a file holds.
//!
//! Three formats are told apart by their first bytes: the stream that `torch.save` wrote before PyTorch 1.6 (the
//! published InceptionV3 weights come so), the zip archive it writes since, and safetensors.

mod foreign;
mod global;
mod layout;
mod legacy;
mod safetensors;
mod state_dict;
mod torch_zip;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use layout::{ElementType, TensorLayout};

use crate::error::MetricsError;
use crate::sha256;

/// Largest file of weights that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 8 << 30;

/// How a file of weights is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The stream of `torch.save` before PyTorch 1.6.
    TorchStream,
    /// The zip archive of `torch.save` since PyTorch 1.6.
    TorchZip,
    /// Safetensors.
    Safetensors,
}

impl Format {
    /// What the format is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::TorchStream => "torch.save stream",
            Self::TorchZip => "torch.save zip archive",
            Self::Safetensors => "safetensors",
        }
    }

    /// The format whose files start like `bytes`.
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK\x03\x04") {
            Some(Self::TorchZip)
        } else if bytes.starts_with(&[0x80]) && bytes.get(2) == Some(&0x8a) {
            // A pickle (protocol opcode) whose first value is a long integer, the magic number.
            Some(Self::TorchStream)
        } else if bytes.get(8) == Some(&b'{') {
            // After the header's length, eight bytes, comes its JSON object.
            Some(Self::Safetensors)
        } else {
            None
        }
    }
}

/// A file of named tensors, kept as it is on disk; values are converted when asked for.
#[derive(Clone)]
pub struct WeightsFile {
    path: PathBuf,
    sha256: String,
    format: Format,
    bytes: Vec<u8>,
    tensors: BTreeMap<String, TensorLayout>,
}

impl std::fmt::Debug for WeightsFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the contents, which are a hundred megabytes.
        f.debug_struct("WeightsFile")
            .field("path", &self.path)
            .field("sha256", &self.sha256)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// The bytes of the file `path`, which are not looked at.
///
/// # Errors
/// [`MetricsError::ReadWeights`] if it cannot be read or is larger than [`MAX_FILE_BYTES`].
pub fn read_bytes(path: impl AsRef<Path>) -> Result<Vec<u8>, MetricsError> {
    let path = path.as_ref();
    let failed = |reason| MetricsError::ReadWeights { path: path.to_path_buf(), reason };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        let reason = "it is no regular file of at most 8 GiB";
        return Err(failed(std::io::Error::other(reason)));
    }
    std::fs::read(path).map_err(failed)
}

impl WeightsFile {
    /// Reads the file `path`.
    ///
    /// # Errors
    /// Those of [`read_bytes`], and [`MetricsError::Weights`] as [`WeightsFile::from_bytes`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, MetricsError> {
        let path = path.as_ref();
        Self::from_bytes(path, read_bytes(path)?)
    }

    /// Takes the contents of a file, which error texts call `path`.
    ///
    /// Work and memory are linear in the number of bytes, whatever they say.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if the bytes are of none of the three formats, are cut off or damaged, or ask for
    /// anything but tensors.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, MetricsError> {
        let path = path.into();
        let refuse =
            |reason: String, hint| MetricsError::Weights { path: path.clone(), reason, hint };
        if let Some(foreign) = foreign::recognise(&bytes) {
            return Err(refuse(foreign.is.to_owned(), foreign.hint));
        }
        let format = Format::of(&bytes).ok_or_else(|| {
            let reason = "the contents are neither a torch.save file nor safetensors";
            let hint = "give a .pth file as published, or convert the weights to safetensors";
            refuse(reason.to_owned(), hint)
        })?;
        let tensors = match format {
            Format::TorchStream => legacy::tensors(&bytes),
            Format::TorchZip => torch_zip::tensors(&bytes),
            Format::Safetensors => safetensors::tensors(&bytes),
        };
        let tensors = tensors.map_err(|reason| {
            let hint = match reason.contains("is refused") {
                true => "only tensors are read: save those alone, `torch.save(network.state_dict(), FILE)`",
                false => "check that the file is complete, or fetch it again",
            };
            refuse(format!("bad {}: {reason}", format.name()), hint)
        })?;
        Ok(Self { sha256: sha256::digest(&bytes), path, format, bytes, tensors })
    }

    /// The file, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the file's bytes, 64 lower-case hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the file is written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Every tensor's name and layout, sorted by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorLayout)> {
        self.tensors.iter().map(|(name, layout)| (name.as_str(), layout))
    }

    /// The layout of the tensor `name`.
    pub fn layout(&self, name: &str) -> Option<&TensorLayout> {
        self.tensors.get(name)
    }

    /// The values of the tensor `name` in row-major order as `float32`, which half precision is converted to.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if there is no such tensor, its elements are of another type, or one is not finite.
    pub fn numbers(&self, name: &str) -> Result<Vec<f32>, MetricsError> {
        match self.layout(name) {
            Some(layout) if layout.element().is_half() => {
                self.finite(name, layout.row_major_of_half(&self.bytes))
            }
            _ => self.values(name),
        }
    }

    /// The values of the `float32` tensor `name` in row-major order, whatever their order in the file.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if there is no such tensor, its elements are of another type, or one is not finite.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, MetricsError> {
        let refuse = |reason: String| MetricsError::Weights {
            path: self.path.clone(),
            reason,
            hint: "give the weights as their authors published them, in float32",
        };
        let layout =
            self.layout(name).ok_or_else(|| refuse(format!("there is no tensor {name:?}")))?;
        if layout.element() != ElementType::Float32 {
            let element = layout.element().name();
            return Err(refuse(format!("tensor {name:?} is {element} instead of float32")));
        }
        self.finite(name, layout.row_major(&self.bytes))
    }

    fn finite(&self, name: &str, values: Vec<f32>) -> Result<Vec<f32>, MetricsError> {
        if values.iter().all(|value| value.is_finite()) {
            return Ok(values);
        }
        Err(MetricsError::Weights {
            path: self.path.clone(),
            reason: format!("tensor {name:?} holds a value that is not finite"),
            hint: "give the weights as their authors published them",
        })
    }
}
