//! Files of statistics: the `.npz` of pytorch-fid, with its provenance.

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
/// `convolutions` and those of [`Self::ABOUT`] (texts). Other arrays, as those of the reference batches of Dhariwal and Nichol (2021), are left alone.
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

    /// Reads a file of statistics.
    ///
    /// # Errors
    /// [`FormatError::ReadNpz`], and [`FormatError::Npz`] if it is damaged, an array is missing or of another shape,
    /// a value is not finite, or `sigma` is not symmetric or not positive semi-definite.
    pub fn read(path: &Path) -> Result<Self, MetricsError> {
        Self::from_archive(&mut NpzFile::open(path)?)
    }

    /// Reads the statistics in an archive.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_archive(archive: &mut NpzFile) -> Result<Self, MetricsError> {
        let n = count(archive)?;
        let own = gaussian(archive, ["mu", "sigma"], n)?;
        let has_spatial = archive.contains("mu_s") && archive.contains("sigma_s");
        let spatial = has_spatial.then(|| gaussian(archive, ["mu_s", "sigma_s"], n)).transpose()?;
        let text = |archive: &mut NpzFile, key| match archive.contains(key) {
            true => archive.array(key)?.text().map(Some),
            false => Ok(None),
        };
        let activations = activations(archive, &own)?;
        let name = text(archive, "extractor")?;
        let sha256 = text(archive, "extractor_sha256")?;
        let protocol = text(archive, "protocol")?;
        let convolutions = text(archive, "convolutions")?;
        let mut about = BTreeMap::new();
        for key in Self::ABOUT {
            // Files of other programs may have arrays of such names that are no texts.
            if let Some(value) = text(archive, key).ok().flatten() {
                about.insert(key.to_owned(), value);
            }
        }
        let extractor = name.zip(sha256).map(|(name, sha256)| ExtractorIdentity { name, sha256 });
        Ok(Self { gaussian: own, spatial, activations, extractor, protocol, convolutions, about })
    }

    /// Writes the file; equal statistics give equal bytes.
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
        if let Some(extractor) = &self.extractor {
            arrays.push(("extractor", Value::Text(&extractor.name)));
            arrays.push(("extractor_sha256", Value::Text(&extractor.sha256)));
        }
        if let Some(protocol) = &self.protocol {
            arrays.push(("protocol", Value::Text(protocol)));
        }
        if let Some(convolutions) = &self.convolutions {
            arrays.push(("convolutions", Value::Text(convolutions)));
        }
        arrays.extend(self.about.iter().map(|(key, text)| (key.as_str(), Value::Text(text))));
        npz::write(target, &arrays)
    }
}

const STATISTICS_HINT: &str = "give the mean and covariance of features, as pytorch-fid --save-stats or `bench stats` write them";

/// The Gaussian whose mean and covariance are the arrays of these names.
fn gaussian(
    archive: &mut NpzFile,
    [mu, sigma]: [&str; 2],
    n: Option<u64>,
) -> Result<GaussianStatistics, MetricsError> {
    let mean = mean(archive, mu)?;
    let covariance = covariance(archive, sigma, mean.len())?;
    let refused =
        |what: &str| npz_error(archive, &format!("array `{sigma}` is not {what}"), STATISTICS_HINT);
    let gaussian = GaussianStatistics::new(mean, covariance, n).map_err(|error| match error {
        MetricsError::NotSymmetric { .. } => refused("symmetric"),
        other => other,
    })?;
    match is_positive_semidefinite(gaussian.covariance()) {
        true => Ok(gaussian),
        false => Err(refused("positive semi-definite")),
    }
}

/// Every image's features and logits, if the archive has them, which must fit to their own mean.
fn activations(
    archive: &mut NpzFile,
    gaussian: &GaussianStatistics,
) -> Result<Option<Activations>, MetricsError> {
    let Some(n) = gaussian.n().filter(|_| archive.contains("features")) else { return Ok(None) };
    let n = n as usize;
    let features = matrix(archive, "features", [Some(n), Some(gaussian.dim())])?;
    let logits = match archive.contains("logits") {
        true => matrix(archive, "logits", [Some(n), None])?,
        false => Array2::zeros((n, 0)),
    };
    Ok(Some(Activations { features, logits, spatial: Array2::zeros((n, 0)) }))
}

/// The matrix `key` of a shape that is given as far as it is known.
fn matrix(
    archive: &mut NpzFile,
    key: &str,
    wanted: [Option<usize>; 2],
) -> Result<Array2<f32>, MetricsError> {
    let shape = archive.array(key)?.shape().to_vec();
    let fits = |(found, wanted): (&usize, Option<usize>)| wanted.is_none_or(|own| own == *found);
    if shape.len() != 2 || !shape.iter().zip(wanted).all(fits) {
        let side = |side: Option<usize>| side.map_or("c".to_owned(), |side| side.to_string());
        let wanted = wanted.map(side).join(", ");
        return Err(wrong_shape(archive, key, &shape, &format!("[{wanted}]")));
    }
    let values = archive.array(key)?.numbers(shape[0].saturating_mul(shape[1]))?;
    finite(archive, key, values)?
        .into_dimensionality::<Ix2>()
        .map(|values| values.mapv(|value| value as f32))
        .map_err(|error| npz_error(archive, &error.to_string(), STATISTICS_HINT))
}

fn mean(archive: &mut NpzFile, key: &str) -> Result<Array1<f64>, MetricsError> {
    let mean = archive.array(key)?.numbers(MAX_DIM)?;
    match mean.len() {
        1.. if mean.ndim() == 1 => finite(archive, key, mean)?
            .into_dimensionality::<Ix1>()
            .map_err(|error| npz_error(archive, &error.to_string(), STATISTICS_HINT)),
        _ => Err(wrong_shape(archive, key, mean.shape(), "[d]")),
    }
}

fn covariance(archive: &mut NpzFile, key: &str, d: usize) -> Result<Array2<f64>, MetricsError> {
    // Checked before the elements are read: they may be many.
    let shape = archive.array(key)?.shape().to_vec();
    if shape != [d, d] {
        return Err(wrong_shape(archive, key, &shape, &format!("[{d}, {d}]")));
    }
    let covariance = archive.array(key)?.numbers(d * d)?;
    finite(archive, key, covariance)?
        .into_dimensionality::<Ix2>()
        .map_err(|error| npz_error(archive, &error.to_string(), STATISTICS_HINT))
}

/// The number of images, if the file has it.
fn count(archive: &mut NpzFile) -> Result<Option<u64>, MetricsError> {
    if !archive.contains("n") {
        return Ok(None);
    }
    let n = archive.array("n")?.numbers(1)?;
    match n.first() {
        Some(&n) if n >= 2.0 && n.fract() == 0.0 && n <= 2_f64.powi(53) => Ok(Some(n as u64)),
        _ => Err(npz_error(archive, "array `n` is no number of images", STATISTICS_HINT)),
    }
}

fn finite(archive: &NpzFile, key: &str, array: ArrayD<f64>) -> Result<ArrayD<f64>, MetricsError> {
    if array.iter().all(|value| value.is_finite()) {
        return Ok(array);
    }
    let reason = format!("array `{key}` holds a value that is not finite");
    Err(npz_error(archive, &reason, "make the statistics again from images that are scored well"))
}

fn wrong_shape(archive: &NpzFile, key: &str, shape: &[usize], wanted: &str) -> MetricsError {
    let reason = format!("array `{key}` has shape {shape:?} instead of {wanted}");
    npz_error(archive, &reason, STATISTICS_HINT)
}

fn npz_error(archive: &NpzFile, reason: &str, hint: &'static str) -> MetricsError {
    FormatError::Npz { path: archive.path().to_owned(), reason: reason.to_owned(), hint }.into()
}
