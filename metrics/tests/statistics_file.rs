//! Files of statistics, as numpy and pytorch-fid write them; `formats/tests/golden/make_npz.py` made them.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bench_formats::npz::{self, Value};
use bench_metrics::{Activations, ExtractorIdentity, GaussianStatistics, StatisticsFile};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/tests/golden/npz").join(name)
}

/// The values that `make_npz.py` takes the statistics of.
fn gaussian() -> GaussianStatistics {
    let values = Array2::from_shape_fn((40, 6), |(i, j)| {
        ((i * 7 + j * 3) % 11) as f32 / 4.0 + f32::from(u8::from(i == j))
    });
    GaussianStatistics::from_features(values.view()).expect("40 images")
}

fn assert_close(found: &GaussianStatistics, tolerance: f64, name: &str) {
    let expected = gaussian();
    assert_eq!(found.dim(), expected.dim(), "{name}");
    let mean = (&found.mean() - &expected.mean()).mapv(f64::abs);
    let covariance = (&found.covariance() - &expected.covariance()).mapv(f64::abs);
    for difference in mean.iter().chain(&covariance) {
        assert!(*difference <= tolerance, "{name}: {difference}");
    }
}

#[test]
fn statistics_of_every_kind_are_read() {
    // Values are below 2: single precision keeps 2⁻²³ of them, double precision about 2⁻⁵².
    for (name, tolerance, n) in [
        ("pytorch_fid.npz", 1e-14, None),
        ("stored.npz", 1e-14, Some(40)),
        ("f32.npz", 1.2e-7, None),
        ("big_endian.npz", 1.2e-7, Some(40)),
        ("fortran.npz", 1e-14, None),
        ("adm_reference.npz", 1e-14, None),
    ] {
        let file = StatisticsFile::read(&golden(name)).expect(name);
        assert_close(&file.gaussian, tolerance, name);
        assert_eq!(file.gaussian.n(), n, "{name}");
        let identity = ExtractorIdentity { name: "a net".to_owned(), sha256: "ab".repeat(32) };
        assert_eq!(file.extractor, (name == "stored.npz").then_some(identity), "{name}");
        assert_eq!((file.protocol, file.convolutions), (None, None), "{name}");
    }
}

#[test]
fn what_is_written_reads_back() {
    let extractor = ExtractorIdentity { name: "résumé".to_owned(), sha256: "0f".repeat(32) };
    let named = StatisticsFile {
        activations: None,
        spatial: None,
        gaussian: gaussian(),
        extractor: Some(extractor),
        protocol: Some("pytorch-fid".to_owned()),
        convolutions: Some("own".to_owned()),
        about: [("source".to_owned(), "photos".to_owned())].into(),
    };
    let (mean, covariance) =
        (named.gaussian.mean().to_owned(), named.gaussian.covariance().to_owned());
    let nameless = StatisticsFile {
        activations: None,
        spatial: None,
        gaussian: GaussianStatistics::new(mean, covariance, None).expect("sound statistics"),
        extractor: None,
        protocol: None,
        convolutions: None,
        about: Default::default(),
    };
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("statistics.npz");
    for file in [named, nameless] {
        let mut bytes = Cursor::new(Vec::new());
        file.write(&mut bytes).expect("memory takes what it is given");
        let mut again = Cursor::new(Vec::new());
        file.write(&mut again).expect("memory takes what it is given");
        assert_eq!(bytes, again);
        fs::write(&path, bytes.into_inner()).expect("a writable disk");
        assert_eq!(StatisticsFile::read(&path).expect("what was written"), file);
    }
}

#[test]
fn unusable_statistics_are_refused_by_name() {
    for (name, expected) in [
        ("no_sigma.npz", "no array `sigma`, only mu, cov"),
        ("wrong_shape.npz", "`sigma` has shape [5, 6] instead of [6, 6]"),
        ("flat_mean.npz", "`mu` has shape [1, 6]"),
        ("nan.npz", "`sigma` holds a value that is not finite"),
        ("asymmetric.npz", "`sigma` is not symmetric"),
        ("indefinite.npz", "`sigma` is not positive semi-definite"),
        ("objects.npz", "array `mu`: it holds python objects"),
        ("count.npz", "`n` is no number of images"),
        ("floats.npz", "no array `mu`, only arr_0"),
        ("none.npz", "cannot read"),
        ("", "not a regular file"),
    ] {
        let path = golden("refused").join(name);
        let error = StatisticsFile::read(&path).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains(path.to_str().expect("a path of letters")), "{error}");
    }
}

/// Features of 40 images, with 6 dimensions and 3 classes.
fn activations() -> Activations {
    let features = Array2::from_shape_fn((40, 6), |(i, j)| ((i * 7 + j * 3) % 11) as f32 / 4.0);
    let logits = Array2::from_shape_fn((40, 3), |(i, j)| (i + j) as f32);
    Activations { features, logits, spatial: Array2::zeros((40, 0)) }
}

fn with_features() -> StatisticsFile {
    let extractor = ExtractorIdentity { name: "résumé".to_owned(), sha256: "0f".repeat(32) };
    StatisticsFile {
        activations: Some(activations()),
        spatial: Some(gaussian()),
        gaussian: gaussian(),
        extractor: Some(extractor),
        protocol: Some("adm".to_owned()),
        convolutions: Some("own".to_owned()),
        about: [("source".to_owned(), "photos \u{1f4f7}".to_owned())].into(),
    }
}

fn tensors(file: &StatisticsFile) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    file.write_as(Path::new("a.safetensors"), &mut bytes).expect("memory takes what it is given");
    bytes.into_inner()
}

#[test]
fn safetensors_read_back_and_other_readers_understand_them() {
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("features.SafeTensors");
    for file in [with_features(), StatisticsFile { activations: None, ..with_features() }] {
        let bytes = tensors(&file);
        assert_eq!(bytes, tensors(&file));
        fs::write(&path, &bytes).expect("a writable disk");
        assert_eq!(StatisticsFile::read(&path).expect("what was written"), file);
    }
    let bytes = tensors(&with_features());
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a sound header");
    let texts = metadata.metadata().as_ref().expect("texts");
    assert_eq!((texts["n"].as_str(), texts["protocol"].as_str()), ("40", "adm"));
    let read = SafeTensors::deserialize(&bytes).expect("a sound file");
    let features = read.tensor("features").expect("features");
    assert_eq!((features.dtype(), features.shape()), (Dtype::F32, &[40, 6][..]));
    assert_eq!(features.data()[..4], 0_f32.to_le_bytes());
}

#[test]
fn features_alone_are_enough() {
    let rows = activations().features;
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![40, 6], &bytes).expect("40 x 6 values");
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("foreign.safetensors");
    let file = safetensors::serialize([("features", &view)], None).expect("a sound file");
    fs::write(&path, file).expect("a writable disk");
    let read = StatisticsFile::read(&path).expect("features");
    assert_eq!(read.activations.expect("features").features, rows);
    assert_eq!(read.gaussian, GaussianStatistics::from_features(rows.view()).expect("40 images"));
    assert_eq!((read.extractor, read.protocol), (None, None));
}

#[test]
fn unusable_tensors_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("odd.safetensors");
    let refused = |bytes: &[u8], expected: &str| {
        fs::write(&path, bytes).expect("a writable disk");
        let error = StatisticsFile::read(&path).expect_err(expected).to_string();
        assert!(error.contains(expected) && error.contains("odd.safetensors"), "{error}");
    };
    refused(b"", "no safetensors file");
    refused(&[0xff; 64], "no safetensors file");
    let whole = tensors(&with_features());
    refused(&whole[..whole.len() - 1], "no safetensors file");
    let mut odd = with_features();
    odd.activations.as_mut().expect("features").features[[3, 2]] = f32::NAN;
    refused(&tensors(&odd), "`features` holds a value that is not finite");
    let of = |key: &str, dtype, shape: Vec<usize>, bytes: &[u8]| {
        let view = TensorView::new(dtype, shape, bytes).expect("as many bytes as elements");
        safetensors::serialize([(key, &view)], None).expect("a sound file")
    };
    refused(&of("features", Dtype::F16, vec![2, 2], &[0; 8]), "`features` is F16");
    refused(&of("features", Dtype::F32, vec![4], &[0; 16]), "`features` has shape [4]");
    refused(&of("mean", Dtype::F32, vec![4], &[0; 16]), "no tensor `mu`, only mean");
    let wide = vec![0; 2 * 8193 * 4];
    refused(&of("features", Dtype::F32, vec![2, 8193], &wide), "at most 8192 columns");
}

/// More features than any extractor has: refused before they are read.
#[test]
fn a_flood_of_features_is_refused() {
    let (mu, sigma) = (Array1::zeros(8193).into_dyn(), array![[1.0]].into_dyn());
    let mut bytes = Cursor::new(Vec::new());
    let arrays = [("mu", Value::Numbers(mu.view())), ("sigma", Value::Numbers(sigma.view()))];
    npz::write(&mut bytes, &arrays).expect("memory takes what it is given");
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("flood.npz");
    fs::write(&path, bytes.into_inner()).expect("a writable disk");
    let error = StatisticsFile::read(&path).expect_err("a flood").to_string();
    assert!(error.contains("8193 elements, more than 8192"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_panics(
        at in 0_usize..1868,
        with in any::<u8>(),
        cut in 0_usize..1868,
        name in prop::sample::select(vec!["stored.npz", "f32.npz", "a.safetensors"]),
    ) {
        let mut bytes = match name {
            "a.safetensors" => tensors(&with_features()),
            name => fs::read(golden(name)).expect("a fixture"),
        };
        if at % 7 == 0 {
            bytes.truncate(cut);
        }
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        let folder = tempfile::tempdir().expect("a writable disk");
        let path = folder.path().join(name);
        fs::write(&path, &bytes).expect("a writable disk");
        // An answer of either kind is fine.
        let _ = StatisticsFile::read(&path);
    }
}
