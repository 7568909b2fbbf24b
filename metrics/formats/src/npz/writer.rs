//! Archives of arrays, as `numpy.load` reads them.

use std::io::{self, Seek, Write};

use ndarray::ArrayViewD;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Data start at a multiple of this, as in numpy's own files.
const ALIGNMENT: usize = 64;

/// Numbers encoded at a time.
const CHUNK: usize = 1 << 13;

/// What an array is made from.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `float64` numbers.
    Numbers(ArrayViewD<'a, f64>),
    /// `float32` numbers.
    Floats(ArrayViewD<'a, f32>),
    /// One `int64` number.
    Integer(i64),
    /// One text.
    Text(&'a str),
}

/// Writes an archive of named arrays, stored without compression; equal arrays give equal bytes.
///
/// # Errors
/// What `target` reports.
pub fn write(target: impl Write + Seek, arrays: &[(&str, Value<'_>)]) -> io::Result<()> {
    let mut archive = ZipWriter::new(target);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(true);
    for (key, value) in arrays {
        archive.start_file(super::member(key), options)?;
        write_array(&mut archive, value)?;
    }
    archive.finish()?;
    Ok(())
}

fn write_array(target: &mut impl Write, value: &Value<'_>) -> io::Result<()> {
    match value {
        Value::Numbers(numbers) => {
            target.write_all(&header("<f8", numbers.shape()))?;
            // Iteration is in the order of the indices, whatever the layout in memory.
            write_chunks(target, numbers.iter().map(|number| number.to_le_bytes()))
        }
        Value::Floats(numbers) => {
            target.write_all(&header("<f4", numbers.shape()))?;
            write_chunks(target, numbers.iter().map(|number| number.to_le_bytes()))
        }
        Value::Integer(integer) => {
            target.write_all(&header("<i8", &[]))?;
            target.write_all(&integer.to_le_bytes())
        }
        Value::Text(text) => {
            let codes: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            target.write_all(&header(&format!("<U{}", codes.len() / 4), &[]))?;
            target.write_all(&codes)
        }
    }
}

/// Writes encoded numbers, many at a time.
fn write_chunks<const N: usize>(
    target: &mut impl Write,
    mut numbers: impl Iterator<Item = [u8; N]>,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(N * CHUNK);
    loop {
        bytes.clear();
        for number in numbers.by_ref().take(CHUNK) {
            bytes.extend_from_slice(&number);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        target.write_all(&bytes)?;
    }
}

/// A header of format 1.0 for an array in C order.
fn header(descriptor: &str, shape: &[usize]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if sides.len() == 1 { "," } else { "" };
    let mut text = format!(
        "{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({}{comma}), }}",
        sides.join(", ")
    );
    const PREFIX: usize = 10;
    let total = (PREFIX + text.len() + 1).next_multiple_of(ALIGNMENT);
    text.extend(std::iter::repeat_n(' ', total - PREFIX - text.len() - 1));
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text.as_bytes());
    header
}
