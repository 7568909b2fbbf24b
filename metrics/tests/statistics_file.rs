//! Files of statistics, as numpy and pytorch-fid write them; `formats/tests/golden/make_npz.py` made them.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bench_formats::npz::{self, Value};
use bench_metrics::{ExtractorIdentity, GaussianStatistics, StatisticsFile};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

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
        name in prop::sample::select(vec!["stored.npz", "f32.npz"]),
    ) {
        let mut bytes = fs::read(golden(name)).expect("a fixture");
        if at % 7 == 0 {
            bytes.truncate(cut);
        }
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        let folder = tempfile::tempdir().expect("a writable disk");
        let path = folder.path().join("fuzzed.npz");
        fs::write(&path, &bytes).expect("a writable disk");
        // An answer of either kind is fine.
        let _ = StatisticsFile::read(&path);
    }
}
