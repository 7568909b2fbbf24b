//! Files of statistics and features: the `.npz` of pytorch-fid, or safetensors, with their provenance.

mod archive;
mod tensors;

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use std::path::Path;

use bench_formats::FormatError;
use bench_formats::npz::{self, NpzFile, Value};
use ndarray::{Array1, Array2, ArrayD, Ix1, Ix2};

use super::GaussianStatistics;
use crate::error::MetricsError;
use crate::extractor::Activations;
use crate::linear_algebra::is_positive_semidefinite;
use archive::Archive;
use tensors::TensorFile;

/// Most features of an image in a file, so that a hostile one cannot ask for more than 512 MiB.
const MAX_DIM: usize = 8192;

/// Which extractor made features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractorIdentity {
    /// Its name.
    pub name: String,
    /// SHA-256 of the model file, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The mean and covariance of a set of images, and where they come from as far as the file says.
///
/// The file is an `.npz` with the arrays `mu`, `[d]`, and `sigma`, `[d, d]`, of pytorch-fid. Files of this crate hold
/// besides, and pytorch-fid ignores: `n` (`int64`, number of images), `extractor`, `extractor_sha256`, `protocol`,
/// `convolutions` and those of [`Self::ABOUT`] (texts). Other arrays, as those of the reference batches of Dhariwal and
/// Nichol (2021), are left alone. A safetensors file has the same numbers as tensors, and the rest as texts in its
/// `__metadata__`. Of a file of `features` alone, mean and covariance are computed.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticsFile {
    /// Mean, covariance and, if the file says so, number of images.
    pub gaussian: GaussianStatistics,
    /// Mean and covariance of spatial features, if the file has them: `mu_s` and `sigma_s`, as in reference batches of ADM.
    pub spatial: Option<GaussianStatistics>,
    /// Features and logits of every image, if the file has them: `features`, `[n, d]`, and `logits`, `[n, c]`, of
    /// `float32`.
    pub activations: Option<Activations>,
    /// The extractor of the features, unless unknown.
    pub extractor: Option<ExtractorIdentity>,
    /// Name of the protocol that the images were fed by, unless unknown.
    pub protocol: Option<String>,
    /// Whose convolutions the extractor was computed with, unless unknown: a
    /// [`ConvolutionEngine`](crate::ConvolutionEngine)'s name.
    pub convolutions: Option<String>,
    /// What it says of the images: texts under the keys of [`Self::ABOUT`].
    pub about: BTreeMap<String, String>,
}

impl StatisticsFile {
    /// Keys of texts about the images behind the statistics: the source as it was named, its split, how many images it has of
    /// which size, SHA-256 of its content, and how many images could not be read and were left out.
    pub const ABOUT: [&str; 5] = ["source", "split", "sizes", "images_sha256", "skipped"];

    /// Whether an archive holds statistics.
    pub fn is_in(archive: &NpzFile) -> bool {
        archive.contains("mu") && archive.contains("sigma")
    }

    /// Whether a file's name says that it is of safetensors.
    pub fn is_of_tensors(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"))
    }

    /// Reads a file of statistics; its name says which format it has.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`], and [`FormatError::Unusable`] if it is damaged, an array is missing or of another shape,
    /// a value is not finite, or `sigma` is not symmetric or not positive semi-definite.
    pub fn read(path: &Path) -> Result<Self, MetricsError> {
        match Self::is_of_tensors(path) {
            true => Self::of(&mut TensorFile::open(path)?),
            false => Self::from_archive(&mut NpzFile::open(path)?),
        }
    }

    /// Reads the statistics in an archive.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_archive(archive: &mut NpzFile) -> Result<Self, MetricsError> {
        Self::of(archive)
    }

    fn of(archive: &mut impl Archive) -> Result<Self, MetricsError> {
        let n = count(archive)?;
        let alone = !archive.contains("mu") && !archive.contains("sigma");
        // Beside statistics without a count they might be anything, as arrays of other programs may be called.
        let has_features = archive.contains("features") && (alone || n.is_some());
        let features = has_features.then(|| matrix(archive, "features")).transpose()?;
        let own = match &features {
            Some(features) if alone => GaussianStatistics::from_features(features.view())?,
            _ => gaussian(archive, ["mu", "sigma"], n)?,
        };
        let has_spatial = archive.contains("mu_s") && archive.contains("sigma_s");
        let spatial = has_spatial.then(|| gaussian(archive, ["mu_s", "sigma_s"], n)).transpose()?;
        let n = n.or(own.n()).map(|n| n as usize);
        let activations = match features.zip(n) {
            Some((features, n)) => Some(activations(archive, features, [n, own.dim()])?),
            None => None,
        };
        let name = archive.text("extractor")?;
        let sha256 = archive.text("extractor_sha256")?;
        let protocol = archive.text("protocol")?;
        let convolutions = archive.text("convolutions")?;
        let mut about = BTreeMap::new();
        for key in Self::ABOUT {
            // Files of other programs may have arrays of such names that are no texts.
            if let Some(value) = archive.text(key).ok().flatten() {
                about.insert(key.to_owned(), value);
            }
        }
        let extractor = name.zip(sha256).map(|(name, sha256)| ExtractorIdentity { name, sha256 });
        Ok(Self { gaussian: own, spatial, activations, extractor, protocol, convolutions, about })
    }

    /// Writes the file in the format that the name of `path` says; equal statistics give equal bytes.
    ///
    /// # Errors
    /// What `target` reports.
    pub fn write_as(&self, path: &Path, mut target: impl Write + Seek) -> io::Result<()> {
        match Self::is_of_tensors(path) {
            true => tensors::write(self, &mut target),
            false => self.write(target),
        }
    }

    /// The texts of its provenance, by key.
    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let identity = self.extractor.as_ref();
        let known = [
            ("extractor", identity.map(|own| &own.name)),
            ("extractor_sha256", identity.map(|own| &own.sha256)),
            ("protocol", self.protocol.as_ref()),
            ("convolutions", self.convolutions.as_ref()),
        ];
        let known = known.into_iter().filter_map(|(key, text)| Some((key, text?.as_str())));
        known.chain(self.about.iter().map(|(key, text)| (key.as_str(), text.as_str())))
    }

    /// Writes the `.npz` file; equal statistics give equal bytes.
    ///
    /// # Errors
    /// What `target` reports.
    pub fn write(&self, target: impl Write + Seek) -> io::Result<()> {
        let mut arrays = vec![
            ("mu", Value::Numbers(self.gaussian.mean().into_dyn())),
            ("sigma", Value::Numbers(self.gaussian.covariance().into_dyn())),
        ];
        if let Some(spatial) = &self.spatial {
            arrays.push(("mu_s", Value::Numbers(spatial.mean().into_dyn())));
            arrays.push(("sigma_s", Value::Numbers(spatial.covariance().into_dyn())));
        }
        if let Some(Activations { features, logits, .. }) = &self.activations {
            arrays.push(("features", Value::Floats(features.view().into_dyn())));
            arrays.push(("logits", Value::Floats(logits.view().into_dyn())));
        }
        if let Some(n) = self.gaussian.n().and_then(|n| i64::try_from(n).ok()) {
            arrays.push(("n", Value::Integer(n)));
        }
        arrays.extend(self.texts().map(|(key, text)| (key, Value::Text(text))));
        npz::write(target, &arrays)
    }
}

const STATISTICS_HINT: &str = "give the mean and covariance of features, as pytorch-fid --save-stats or `bench stats` write them";

/// The Gaussian whose mean and covariance are the arrays of these names.
fn gaussian(
    archive: &mut impl Archive,
    [mu, sigma]: [&str; 2],
    n: Option<u64>,
) -> Result<GaussianStatistics, MetricsError> {
    let mean = mean(archive, mu)?;
    let covariance = covariance(archive, sigma, mean.len())?;
    let is_not =
        |what: &str| refused(archive, &format!("array `{sigma}` is not {what}"), STATISTICS_HINT);
    let gaussian = GaussianStatistics::new(mean, covariance, n).map_err(|error| match error {
        MetricsError::NotSymmetric { .. } => is_not("symmetric"),
        other => other,
    })?;
    match is_positive_semidefinite(gaussian.covariance()) {
        true => Ok(gaussian),
        false => Err(is_not("positive semi-definite")),
    }
}

/// Every image's features, of so many images and dimensions, and logits.
fn activations(
    archive: &mut impl Archive,
    features: Array2<f32>,
    [n, dim]: [usize; 2],
) -> Result<Activations, MetricsError> {
    if features.dim() != (n, dim) {
        let wanted = format!("[{n}, {dim}]");
        return Err(wrong_shape(archive, "features", features.shape(), &wanted));
    }
    let logits = match archive.contains("logits") {
        true => matrix(archive, "logits")?,
        false => Array2::zeros((n, 0)),
    };
    if logits.nrows() != n {
        return Err(wrong_shape(archive, "logits", logits.shape(), &format!("[{n}, c]")));
    }
    Ok(Activations { features, logits, spatial: Array2::zeros((n, 0)) })
}

/// The matrix `key`.
fn matrix(archive: &mut impl Archive, key: &str) -> Result<Array2<f32>, MetricsError> {
    let shape = archive.shape(key)?;
    let &[rows, columns] = shape.as_slice() else {
        return Err(wrong_shape(archive, key, &shape, "[n, d]"));
    };
    if columns > MAX_DIM {
        return Err(wrong_shape(archive, key, &shape, &format!("at most {MAX_DIM} columns")));
    }
    let values = archive.floats(key, rows.saturating_mul(columns))?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(not_finite(archive, key));
    }
    values
        .into_dimensionality::<Ix2>()
        .map_err(|error| refused(archive, &error.to_string(), STATISTICS_HINT))
}

fn mean(archive: &mut impl Archive, key: &str) -> Result<Array1<f64>, MetricsError> {
    let mean = archive.numbers(key, MAX_DIM)?;
    match mean.len() {
        1.. if mean.ndim() == 1 => finite(archive, key, mean)?
            .into_dimensionality::<Ix1>()
            .map_err(|error| refused(archive, &error.to_string(), STATISTICS_HINT)),
        _ => Err(wrong_shape(archive, key, mean.shape(), "[d]")),
    }
}

fn covariance(
    archive: &mut impl Archive,
    key: &str,
    d: usize,
) -> Result<Array2<f64>, MetricsError> {
    // Checked before the elements are read: they may be many.
    let shape = archive.shape(key)?;
    if shape != [d, d] {
        return Err(wrong_shape(archive, key, &shape, &format!("[{d}, {d}]")));
    }
    let covariance = archive.numbers(key, d * d)?;
    finite(archive, key, covariance)?
        .into_dimensionality::<Ix2>()
        .map_err(|error| refused(archive, &error.to_string(), STATISTICS_HINT))
}

/// The number of images, if the file has it.
fn count(archive: &mut impl Archive) -> Result<Option<u64>, MetricsError> {
    match archive.count()? {
        Some(n) if n >= 2.0 && n.fract() == 0.0 && n <= 2_f64.powi(53) => Ok(Some(n as u64)),
        Some(_) => Err(refused(archive, "array `n` is no number of images", STATISTICS_HINT)),
        None => Ok(None),
    }
}

fn finite(
    archive: &impl Archive,
    key: &str,
    array: ArrayD<f64>,
) -> Result<ArrayD<f64>, MetricsError> {
    match array.iter().all(|value| value.is_finite()) {
        true => Ok(array),
        false => Err(not_finite(archive, key)),
    }
}

fn not_finite(archive: &impl Archive, key: &str) -> MetricsError {
    let reason = format!("array `{key}` holds a value that is not finite");
    refused(archive, &reason, "make the statistics again from images that are scored well")
}

fn wrong_shape(archive: &impl Archive, key: &str, shape: &[usize], wanted: &str) -> MetricsError {
    let reason = format!("array `{key}` has shape {shape:?} instead of {wanted}");
    refused(archive, &reason, STATISTICS_HINT)
}

fn refused(archive: &impl Archive, reason: &str, hint: &'static str) -> MetricsError {
    FormatError::Unusable { path: archive.path().to_owned(), reason: reason.to_owned(), hint }
        .into()
}
