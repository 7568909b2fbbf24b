//! Vectors of whole numbers in MATLAB files of version 5, compressed or not ("MAT-File Format", The MathWorks).
//!
//! A file is a header of 128 bytes and then elements: a tag (type, number of bytes) and the data, padded to 8 bytes; data of
//! up to 4 bytes may stand in the tag itself. An array is an element of elements: flags, extents, name, values. Other
//! kinds of arrays (cells, structures, texts, sparse or complex ones) are passed over; memory grows with what is there,
//! never with what a header claims.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::bufread::ZlibDecoder;

use super::DataError;
use crate::files::FileError;

/// Most bytes of a file, and of an array after decompression.
const MAX_BYTES: u64 = 64 << 20;

const HEADER: usize = 128;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const COMPLEX: u8 = 0x08;
/// Numeric array classes: double, single, and integers of 8 to 64 bits.
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;

const HINT: &str = "download it again";

/// The values of the array called `name`, column by column.
///
/// # Errors
/// A [`DataError`] naming the file where it cannot be read, is no MATLAB file of version 5, is damaged, or has no such array
/// of whole numbers from 0 to 2^32 - 1.
pub fn read_whole_numbers(path: &Path, name: &str) -> Result<Vec<u32>, DataError> {
    let failed = |source| FileError::io("read", path, source);
    if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
        return Err(DataError::malformed(path, "it has more than 64 MiB", HINT));
    }
    let bytes = fs::read(path).map_err(failed)?;
    parse_whole_numbers(&bytes, name).map_err(|reason| DataError::malformed(path, reason, HINT))
}

/// [`read_whole_numbers`] of a file's bytes.
///
/// # Errors
/// The reason.
pub fn parse_whole_numbers(bytes: &[u8], name: &str) -> Result<Vec<u32>, String> {
    let (header, mut rest) = bytes.split_at_checked(HEADER).ok_or("it has no whole header")?;
    let order = match &header[HEADER - 4..] {
        [0, 1, b'I', b'M'] => Order::Little,
        [1, 0, b'M', b'I'] => Order::Big,
        _ => return Err("it is no MATLAB file of version 5".to_owned()),
    };
    while !rest.is_empty() {
        let element = take_element(&mut rest, order)?;
        let found = match element.kind {
            COMPRESSED => {
                let inflated = inflate(element.data)?;
                let inner = take_element(&mut inflated.as_slice(), order)?;
                (inner.kind == MATRIX).then(|| array(inner.data, name, order)).transpose()?
            }
            MATRIX => Some(array(element.data, name, order)?),
            _ => None,
        };
        if let Some(values) = found.flatten() {
            return Ok(values);
        }
    }
    Err(format!("it has no array `{name}` of numbers"))
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// A number of 1, 2, 4 or 8 bytes, least significant first.
    fn little<const N: usize>(self, bytes: &[u8]) -> [u8; N] {
        let mut ordered = [0; N];
        ordered.copy_from_slice(bytes);
        if matches!(self, Self::Big) {
            ordered.reverse();
        }
        ordered
    }
}

struct Element<'a> {
    kind: u32,
    data: &'a [u8],
}

/// Takes one element off the front.
fn take_element<'a>(rest: &mut &'a [u8], order: Order) -> Result<Element<'a>, String> {
    const CUT: &str = "it is cut off inside an element";
    let (tag, after) = rest.split_first_chunk::<4>().ok_or(CUT)?;
    let tag = order.u32(*tag);
    if tag >> 16 != 0 {
        // The short form: type and length share four bytes, the data are the next four.
        let (data, after) = after.split_at_checked(4).ok_or(CUT)?;
        let length = (tag >> 16) as usize;
        let data = data.get(..length).ok_or("a short element claims more than 4 bytes")?;
        *rest = after;
        return Ok(Element { kind: tag & 0xffff, data });
    }
    let (length, after) = after.split_first_chunk::<4>().ok_or(CUT)?;
    let length = order.u32(*length) as usize;
    let (data, after) = after.split_at_checked(length).ok_or(CUT)?;
    let padding = if tag == COMPRESSED { 0 } else { length.next_multiple_of(8) - length };
    *rest = after.get(padding..).unwrap_or_default();
    Ok(Element { kind: tag, data })
}

fn inflate(data: &[u8]) -> Result<Vec<u8>, String> {
    let mut inflated = Vec::new();
    let read = ZlibDecoder::new(data).take(MAX_BYTES + 1).read_to_end(&mut inflated);
    read.map_err(|error| format!("an array cannot be decompressed: {error}"))?;
    if inflated.len() as u64 > MAX_BYTES {
        return Err("an array has more than 64 MiB after decompression".to_owned());
    }
    Ok(inflated)
}

/// The values of an array, if it is called `name` and is real and numeric.
fn array(mut rest: &[u8], name: &str, order: Order) -> Result<Option<Vec<u32>>, String> {
    let flags = take_element(&mut rest, order)?.data;
    let flags = flags.first_chunk::<4>().ok_or("an array has no flags")?;
    let [class, properties, ..] = order.u32(*flags).to_le_bytes();
    let extents = take_element(&mut rest, order)?.data;
    let own_name = take_element(&mut rest, order)?.data;
    if own_name != name.as_bytes() || !NUMERIC.contains(&class) || properties & COMPLEX != 0 {
        return Ok(None);
    }
    let (extents, _) = extents.as_chunks::<4>();
    let count = extents
        .iter()
        .try_fold(1_usize, |product, &extent| product.checked_mul(order.u32(extent) as usize));
    let values = take_element(&mut rest, order)?;
    let values = whole_numbers(&values, order)?;
    match count {
        Some(count) if count == values.len() => Ok(Some(values)),
        _ => Err(format!("array `{name}` has {} values and claims another number", values.len())),
    }
}

/// Values of any numeric type that are whole and from 0 to 2^32 - 1.
fn whole_numbers(element: &Element<'_>, order: Order) -> Result<Vec<u32>, String> {
    let each = |size: usize, number: &dyn Fn(&[u8]) -> f64| {
        let numbers = element.data.chunks_exact(size).map(number);
        numbers
            .map(|x| match x {
                x if x.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&x) => Ok(x as u32),
                x => Err(format!("{x} is no whole number from 0 to 2^32 - 1")),
            })
            .collect()
    };
    match element.kind {
        1 => each(1, &|b| i8::from_le_bytes(order.little(b)).into()),
        2 => each(1, &|b| u8::from_le_bytes(order.little(b)).into()),
        3 => each(2, &|b| i16::from_le_bytes(order.little(b)).into()),
        4 => each(2, &|b| u16::from_le_bytes(order.little(b)).into()),
        5 => each(4, &|b| i32::from_le_bytes(order.little(b)).into()),
        6 => each(4, &|b| u32::from_le_bytes(order.little(b)).into()),
        7 => each(4, &|b| f32::from_le_bytes(order.little(b)).into()),
        9 => each(8, &|b| f64::from_le_bytes(order.little(b))),
        other => Err(format!("values of type {other} are not read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `mat/make_mat.py`, with the values below.
    const PLAIN: &[u8] = include_bytes!("mat/plain.mat");
    const DEFLATED: &[u8] = include_bytes!("mat/deflated.mat");

    #[test]
    fn files_of_scipy_are_read() {
        for file in [PLAIN, DEFLATED] {
            assert_eq!(parse_whole_numbers(file, "labels").unwrap(), [3, 1, 2, 300]);
            assert_eq!(parse_whole_numbers(file, "trnid").unwrap(), [7, 70_000]);
            assert_eq!(parse_whole_numbers(file, "one").unwrap(), [5]);
        }
    }

    #[test]
    fn what_is_no_vector_of_whole_numbers_is_explained() {
        let reason = |name| parse_whole_numbers(PLAIN, name).unwrap_err();
        assert!(reason("halves").contains("0.5"));
        assert!(reason("negative").contains("-1"));
        for name in ["text", "complex", "missing"] {
            assert!(reason(name).contains(&format!("no array `{name}`")), "{name}");
        }
        assert!(parse_whole_numbers(&PLAIN[..100], "labels").unwrap_err().contains("header"));
        assert!(parse_whole_numbers(&[0; 200], "labels").unwrap_err().contains("version 5"));
    }

    #[test]
    fn no_cut_and_no_flipped_byte_panics() {
        for file in [PLAIN, DEFLATED] {
            for end in 0..file.len() {
                let _ = parse_whole_numbers(&file[..end], "complex");
                let mut flipped = file.to_vec();
                flipped[end] ^= 0xff;
                let _ = parse_whole_numbers(&flipped, "negative");
            }
        }
    }
}
