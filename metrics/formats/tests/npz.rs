//! Archives of arrays as numpy writes them; `golden/make_npz.py` made them.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use bench_formats::FormatError;
use bench_formats::npz::{self, Element, NpzFile, Value};
use ndarray::{Array2, ArrayD, array};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/npz").join(name)
}

/// Reads the arrays that files of statistics hold.
fn read(path: &Path) -> Result<(), FormatError> {
    let mut archive = NpzFile::open(path)?;
    for key in ["mu", "sigma"] {
        archive.array(key)?.numbers(36)?;
    }
    Ok(())
}

#[test]
fn fortran_order_is_turned_into_indices() {
    let mut archive = NpzFile::open(&golden("fortran.npz")).expect("a sound archive");
    let array = archive.array("skewed").expect("a sound array");
    assert!(array.is_fortran_order());
    let expected = Array2::from_shape_fn((3, 4), |(i, j)| (4 * i + j) as f64).into_dyn();
    assert_eq!(array.numbers(12).expect("12 numbers"), expected);
    assert!(archive.array("skewed").expect("a sound array").numbers(11).is_err());
}

#[test]
fn bytes_are_read_piece_by_piece() {
    for name in ["adm_samples.npz", "adm_samples_deflated.npz", "adm_reference.npz"] {
        let mut archive = NpzFile::open(&golden(name)).expect("a sound archive");
        let mut array = archive.array("arr_0").expect("a sound array");
        assert_eq!((array.shape(), array.element()), (&[5, 4, 6, 3][..], Element::U8), "{name}");
        let mut found = Vec::new();
        while array.bytes_left() > 0 {
            let mut piece = vec![0; array.bytes_left().min(100)];
            array.read_bytes(&mut piece).expect("so many are left");
            found.extend(piece);
        }
        let expected: Vec<u8> =
            (0..360).map(|i| ((i * 251 + 17 * (i / 256)) % 256) as u8).collect();
        assert_eq!(found, expected, "{name}");
        assert!(array.read_bytes(&mut [0]).is_err(), "{name}");
    }
}

/// An archive of one member with the given bytes.
fn archive_of(folder: &Path, key: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join("made.npz");
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).expect("a writable disk"));
    writer.start_file(format!("{key}.npy"), SimpleFileOptions::default()).expect("a first member");
    writer.write_all(bytes).expect("a writable disk");
    writer.finish().expect("a writable disk");
    path
}

fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

#[test]
fn declared_and_real_sizes_have_to_agree() {
    let folder = tempfile::tempdir().expect("a writable disk");
    for (shape, bytes) in [
        ("(1000000, 1000000)", 16),
        ("(3,)", 16),
        ("(2,)", 17),
        ("(18446744073709551615,)", 16),
        ("(4294967296, 4294967296)", 0),
    ] {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}");
        let path = archive_of(folder.path(), "mu", &npy(&header, &vec![0; bytes]));
        let mut archive = NpzFile::open(&path).expect("a sound archive");
        let error = archive.array("mu").expect_err(shape).to_string();
        assert!(error.contains("array `mu`"), "{shape}: {error}");
    }
    // More elements than are wanted: refused before they are read, though the file is sound and small.
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (50000000,)}";
    let path = archive_of(folder.path(), "mu", &npy(header, &vec![0; 400_000_000]));
    assert!(fs::metadata(&path).expect("a file").len() < 1_000_000, "a bomb");
    let mut archive = NpzFile::open(&path).expect("a sound archive");
    let error =
        archive.array("mu").expect("a sound array").numbers(8192).expect_err("a bomb").to_string();
    assert!(error.contains("50000000 elements"), "{error}");
}

#[test]
fn damaged_archives_are_refused() {
    let folder = tempfile::tempdir().expect("a writable disk");
    let path = folder.path().join("damaged.npz");
    for name in ["stored.npz", "pytorch_fid.npz"] {
        let sound = fs::read(golden(name)).expect("a fixture");
        for cut in [0, 1, 100, sound.len() / 2, sound.len() - 1] {
            fs::write(&path, &sound[..cut]).expect("a writable disk");
            assert!(read(&path).is_err(), "{name} cut at {cut}");
        }
        let mut flipped = sound.clone();
        // In the data of an array: its checksum is wrong now, or its stream makes no sense.
        flipped[185] ^= 0x10;
        fs::write(&path, &flipped).expect("a writable disk");
        let error = read(&path).expect_err("a wrong checksum").to_string();
        assert!(error.contains("array `"), "{error}");
    }
    let array = array![[1.0, 2.0]].into_dyn();
    let mut twice = Cursor::new(Vec::new());
    let arrays = [("mu", Value::Numbers(array.view())), ("mx", Value::Integer(1))];
    npz::write(&mut twice, &arrays).expect("memory takes what it is given");
    let mut bytes = twice.into_inner();
    while let Some(at) = bytes.windows(6).position(|window| window == b"mx.npy") {
        bytes[at + 1] = b'u';
    }
    fs::write(&path, &bytes).expect("a writable disk");
    let error = NpzFile::open(&path).expect_err("one name twice");
    assert!(matches!(error, FormatError::Unusable { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_panics(
        at in 0_usize..1868,
        with in any::<u8>(),
        cut in 0_usize..1868,
        name in prop::sample::select(vec!["stored.npz", "f32.npz", "adm_samples_deflated.npz"]),
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
        if let Ok(mut archive) = NpzFile::open(&path) {
            for key in ["mu", "n", "extractor", "arr_0"] {
                let _ = archive.array(key).and_then(|array| array.numbers(1000));
                let _ = archive.array(key).and_then(|array| array.text());
            }
        }
    }

    #[test]
    fn numbers_of_any_shape_read_back(
        shape in prop::collection::vec(0_usize..5, 0..4),
        first in any::<f64>(),
        swap in any::<bool>(),
    ) {
        let count: usize = shape.iter().product();
        let values: Vec<f64> = (0..count).map(|i| first + i as f64).collect();
        let mut array = ArrayD::from_shape_vec(shape.clone(), values).expect("its own shape");
        if swap && array.ndim() > 1 {
            array.swap_axes(0, 1);
        }
        let mut bytes = Cursor::new(Vec::new());
        npz::write(&mut bytes, &[("x", Value::Numbers(array.view()))]).expect("memory");
        let folder = tempfile::tempdir().expect("a writable disk");
        let path = folder.path().join("any.npz");
        fs::write(&path, bytes.into_inner()).expect("a writable disk");
        let found = NpzFile::open(&path).expect("sound").array("x").expect("sound").numbers(count).expect("sound");
        prop_assert_eq!(found.shape(), array.shape());
        for (a, b) in found.iter().zip(&array) {
            prop_assert_eq!(a.to_bits(), b.to_bits());
        }
    }
}
