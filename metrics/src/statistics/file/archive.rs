//! What files of statistics are read from.

use std::path::Path;

use bench_formats::npz::NpzFile;
use ndarray::ArrayD;

use crate::error::MetricsError;

/// Arrays and texts by key. What reads elements reads at most as many as it is told.
pub(super) trait Archive {
    /// Where the file lies.
    fn path(&self) -> &Path;

    /// Whether there is an array called `key`.
    fn contains(&self, key: &str) -> bool;

    /// The shape of the array called `key`, whose elements are not read.
    fn shape(&mut self, key: &str) -> Result<Vec<usize>, MetricsError>;

    /// The numbers of the array called `key`.
    fn numbers(&mut self, key: &str, most: usize) -> Result<ArrayD<f64>, MetricsError>;

    /// Likewise, in single precision.
    fn floats(&mut self, key: &str, most: usize) -> Result<ArrayD<f32>, MetricsError> {
        Ok(self.numbers(key, most)?.mapv(|value| value as f32))
    }

    /// The text called `key`, if there is one.
    fn text(&mut self, key: &str) -> Result<Option<String>, MetricsError>;

    /// The number of images, if the file has it, which may be no sound one.
    fn count(&mut self) -> Result<Option<f64>, MetricsError>;
}

impl Archive for NpzFile {
    fn path(&self) -> &Path {
        Self::path(self)
    }

    fn contains(&self, key: &str) -> bool {
        Self::contains(self, key)
    }

    fn shape(&mut self, key: &str) -> Result<Vec<usize>, MetricsError> {
        Ok(self.array(key)?.shape().to_vec())
    }

    fn numbers(&mut self, key: &str, most: usize) -> Result<ArrayD<f64>, MetricsError> {
        Ok(self.array(key)?.numbers(most)?)
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, MetricsError> {
        match Self::contains(self, key) {
            true => Ok(Some(self.array(key)?.text()?)),
            false => Ok(None),
        }
    }

    fn count(&mut self) -> Result<Option<f64>, MetricsError> {
        match Self::contains(self, "n") {
            // An empty array is no count.
            true => Ok(Some(self.array("n")?.numbers(1)?.first().copied().unwrap_or_default())),
            false => Ok(None),
        }
    }
}
