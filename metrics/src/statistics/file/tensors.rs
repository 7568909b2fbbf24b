//! Statistics and features as safetensors.
//!
//! Tensors `mu` `[d]`, `sigma` `[d, d]`, `mu_s` and `sigma_s` (`F64`), `features` `[n, d]` and `logits` `[n, c]` (`F32`), as far
//! as there are any; in `__metadata__` the number of images, `n`, and the texts of the provenance. Tensors are read in
//! `F64` and `F32`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bench_formats::FormatError;
use ndarray::ArrayD;
use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensors};

use super::StatisticsFile;
use super::archive::Archive;
use crate::error::MetricsError;
use crate::extractor::Activations;

/// Bytes before the header: its length. Headers are padded so that data are aligned to as many.
const LENGTH_BYTES: usize = 8;

/// Key of the number of images in `__metadata__`.
const COUNT: &str = "n";

/// A file in memory.
pub(super) struct TensorFile {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where the data begin.
    start: usize,
    metadata: Metadata,
}

impl TensorFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`], and [`FormatError::Unusable`] if it is none.
    pub(super) fn open(path: &Path) -> Result<Self, FormatError> {
        let failed = |reason| FormatError::Unreadable { path: path.to_owned(), reason };
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(failed)?;
        match SafeTensors::read_metadata(&bytes) {
            Ok((header, metadata)) => {
                let start = LENGTH_BYTES + header;
                Ok(Self { path: path.to_owned(), bytes, start, metadata })
            }
            Err(error) => Err(FormatError::Unusable {
                path: path.to_owned(),
                reason: format!("no safetensors file: {error}"),
                hint: "write the file again with `bench features`",
            }),
        }
    }

    fn refused(&self, reason: String) -> MetricsError {
        let hint =
            "give a file that `bench features` wrote, or one with a float32 tensor `features`";
        FormatError::Unusable { path: self.path.clone(), reason, hint }.into()
    }

    fn info(&self, key: &str) -> Result<&TensorInfo, MetricsError> {
        self.metadata.info(key).ok_or_else(|| {
            let mut keys = self.metadata.offset_keys();
            keys.truncate(8);
            self.refused(format!("it has no tensor `{key}`, only {}", keys.join(", ")))
        })
    }

    /// The elements of a tensor of F32 or F64.
    fn elements<T: From<f32>>(
        &self,
        key: &str,
        most: usize,
        from_double: impl Fn(f64) -> T,
    ) -> Result<ArrayD<T>, MetricsError> {
        let TensorInfo { dtype, shape, data_offsets: (start, end) } = self.info(key)?;
        let data = &self.bytes[self.start..][*start..*end];
        let elements = data.len() * 8 / dtype.bitsize().max(1);
        if elements > most {
            let reason = format!("tensor `{key}` has {elements} elements, more than {most}");
            return Err(self.refused(reason));
        }
        let values = match dtype {
            Dtype::F32 => {
                data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes).into()).collect()
            }
            Dtype::F64 => {
                let doubles = data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
                doubles.map(from_double).collect()
            }
            other => {
                let reason = format!("tensor `{key}` is {other:?} instead of F32 or F64");
                return Err(self.refused(reason));
            }
        };
        ArrayD::from_shape_vec(shape.as_slice(), values)
            .map_err(|error| self.refused(format!("tensor `{key}`: {error}")))
    }

    fn entry(&self, key: &str) -> Option<&String> {
        self.metadata.metadata().as_ref()?.get(key)
    }
}

impl Archive for TensorFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn contains(&self, key: &str) -> bool {
        self.metadata.info(key).is_some()
    }

    fn shape(&mut self, key: &str) -> Result<Vec<usize>, MetricsError> {
        Ok(self.info(key)?.shape.clone())
    }

    fn numbers(&mut self, key: &str, most: usize) -> Result<ArrayD<f64>, MetricsError> {
        self.elements(key, most, |value| value)
    }

    fn floats(&mut self, key: &str, most: usize) -> Result<ArrayD<f32>, MetricsError> {
        self.elements(key, most, |value| value as f32)
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, MetricsError> {
        Ok(self.entry(key).cloned())
    }

    fn count(&mut self) -> Result<Option<f64>, MetricsError> {
        // What is no number is no sound one.
        Ok(self.entry(COUNT).map(|text| text.parse().unwrap_or(0.0)))
    }
}

/// Writes `file`; equal ones give equal bytes.
pub(super) fn write(file: &StatisticsFile, target: &mut impl Write) -> io::Result<()> {
    let mut doubles = vec![("mu", file.gaussian.mean().into_dyn())];
    doubles.push(("sigma", file.gaussian.covariance().into_dyn()));
    if let Some(spatial) = &file.spatial {
        doubles.push(("mu_s", spatial.mean().into_dyn()));
        doubles.push(("sigma_s", spatial.covariance().into_dyn()));
    }
    let mut floats = Vec::new();
    if let Some(Activations { features, logits, .. }) = &file.activations {
        floats.push(("features", features.view().into_dyn()));
        if logits.ncols() > 0 {
            floats.push(("logits", logits.view().into_dyn()));
        }
    }
    let described = doubles.iter().map(|(key, own)| (*key, Dtype::F64, own.shape()));
    let described =
        described.chain(floats.iter().map(|(key, own)| (*key, Dtype::F32, own.shape())));
    let mut texts: HashMap<String, String> =
        file.texts().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    texts.extend(file.gaussian.n().map(|n| (COUNT.to_owned(), n.to_string())));
    let mut target = BufWriter::new(target);
    target.write_all(&header(described, texts)?)?;
    for value in doubles.iter().flat_map(|(_, array)| array.iter()) {
        target.write_all(&value.to_le_bytes())?;
    }
    for value in floats.iter().flat_map(|(_, array)| array.iter()) {
        target.write_all(&value.to_le_bytes())?;
    }
    target.flush()
}

/// What stands before the data of `tensors`, which lie one after the other.
fn header<'a>(
    tensors: impl Iterator<Item = (&'a str, Dtype, &'a [usize])>,
    texts: HashMap<String, String>,
) -> io::Result<Vec<u8>> {
    let mut end = 0;
    let tensors = tensors.map(|(name, dtype, shape)| {
        let start = end;
        end += shape.iter().product::<usize>() * dtype.bitsize() / 8;
        (name.to_owned(), TensorInfo { dtype, shape: shape.to_vec(), data_offsets: (start, end) })
    });
    let metadata = Metadata::new(Some(texts), tensors.collect()).map_err(io::Error::other)?;
    // By way of a value, which is sorted: the order of a hash map is another in every process.
    let mut json = serde_json::to_vec(&serde_json::to_value(&metadata)?)?;
    json.resize(json.len().next_multiple_of(LENGTH_BYTES), b' ');
    Ok([&(json.len() as u64).to_le_bytes(), json.as_slice()].concat())
}
