//! Arrays of images in another form than is read: what they are, and the line of numpy that converts them.

use std::path::Path;

use bench_formats::FormatError;
use bench_formats::npz::{Element, NpzFile, describe_npy};

use super::KEY;

/// Numbers that are looked at to tell the range of them all.
const SAMPLE: usize = 1 << 16;

/// Why the array `key` of an archive is not read as images, with the line that converts it.
pub(super) fn of_array(path: &Path, archive: &mut NpzFile, key: &str) -> FormatError {
    let mut array = match archive.array(key) {
        Ok(array) => array,
        Err(error) => return error,
    };
    let (element, shape) = (array.element(), array.shape().to_vec());
    let order = if array.is_fortran_order() { " in Fortran order" } else { "" };
    let values = match array.first_numbers(SAMPLE) {
        Ok(values) => values,
        Err(error) => return error,
    };
    let found = format!("array `{key}` is {element} of shape {shape:?}{order}");
    let load = format!("numpy.load({:?})[{key:?}]", path.display().to_string());
    let Some(pixels) = pixels(element, &shape, &values) else {
        return array.refused(format!(
            "images are uint8 of shape [n, height, width, 3], and not {element} of shape {shape:?}"
        ));
    };
    convertible(path, found, &load, &pixels)
}

/// Why an archive without [`KEY`] holds no images, with the line that converts the one array that may be some.
pub(super) fn of_other_keys(path: &Path, archive: &mut NpzFile) -> FormatError {
    let mut candidates = archive.keys();
    candidates.retain(|key| {
        archive.array(key).is_ok_and(|array| pixels(array.element(), array.shape(), &[]).is_some())
    });
    match &candidates[..] {
        [only] => of_array(path, archive, only),
        _ => match archive.array(KEY) {
            Err(error) => error,
            Ok(array) => array.refused("it was not there a moment ago"),
        },
    }
}

/// Why a `.npy` or `.pkl` file is no source, with the line that makes one of it; `None` for other files.
pub(in super::super) fn of_file(path: &Path) -> Option<FormatError> {
    let is = |wanted: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    let name = path.display().to_string();
    if is("npy") {
        let (element, shape) = match describe_npy(path) {
            Ok(described) => described,
            Err(error) => return Some(error),
        };
        let found = format!("it is one array, {element} of shape {shape:?}, and no archive");
        let pixels = pixels(element, &shape, &[]).unwrap_or_else(|| "x".to_owned());
        return Some(convertible(path, found, &format!("numpy.load({name:?})"), &pixels));
    }
    if is("pkl") || is("pickle") {
        let found = "it is a pickle, which can run anything and is never read".to_owned();
        let load = format!("numpy.asarray(numpy.load({name:?}, allow_pickle=True))");
        return Some(convertible(path, found + " (convert it only if you trust it)", &load, "x"));
    }
    None
}

fn convertible(path: &Path, found: String, load: &str, pixels: &str) -> FormatError {
    let out = format!("{}-uint8.npz", path.with_extension("").display());
    let line = format!("import numpy; x = {load}; numpy.savez({out:?}, {KEY}={pixels})");
    FormatError::Convertible { path: path.to_owned(), found, line }
}

/// The expression that makes `uint8` images, `[n, height, width, 1 or 3]` or `[n, height, width]`, of the array `x`, of whose
/// numbers some are `values`; `None` if it is no array of images.
fn pixels(element: Element, shape: &[usize], values: &[f64]) -> Option<String> {
    let ordered = match *shape {
        [_, _, 3] => "x[None]",
        [_, _, _] => "x",
        [_, _, _, 1 | 3] => "x",
        [_, _, _, 4] => "x[..., :3]",
        [_, 1 | 3, _, _] => "x.transpose(0, 2, 3, 1)",
        [_, 4, _, _] => "x[:, :3].transpose(0, 2, 3, 1)",
        _ => return None,
    };
    let from_unit = |x: &str| format!("({x} * 255).round().clip(0, 255).astype('uint8')");
    Some(match element {
        Element::Text(_) => return None,
        Element::U8 => ordered.to_owned(),
        Element::Other('b', _) => format!("{ordered}.astype('uint8') * 255"),
        Element::Other('u', 2) => format!("({ordered} // 257).astype('uint8')"),
        Element::I64 | Element::Other('i' | 'u', _) => {
            format!("{ordered}.clip(0, 255).astype('uint8')")
        }
        Element::F32 | Element::F64 | Element::Other(..) => {
            let (least, most) =
                values.iter().fold((0.0_f64, 0.0_f64), |(a, b), &v| (a.min(v), b.max(v)));
            match (values, least < 0.0, most <= 1.0) {
                ([], ..) => {
                    let unit = "((x + 1) / 2 if x.min() < 0 else x if x.max() <= 1 else x / 255)";
                    from_unit(&ordered.replacen('x', unit, 1))
                }
                (_, true, _) => {
                    format!("(({ordered} + 1) * 127.5).round().clip(0, 255).astype('uint8')")
                }
                (_, _, true) => from_unit(ordered),
                _ => format!("{ordered}.round().clip(0, 255).astype('uint8')"),
            }
        }
    })
}
