//! One array of an archive.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, ShapeBuilder};
use zip::read::ZipFile;

use super::header::{Element, Header};
use crate::error::FormatError;

/// Bytes decoded at a time.
const CHUNK: usize = 1 << 16;

/// An array whose header has been read and whose elements come next.
#[derive(Debug)]
pub struct ArrayReader<'a> {
    path: PathBuf,
    key: String,
    header: Header,
    /// Bytes of the data that have not been read yet.
    left: usize,
    member: ZipFile<'a, BufReader<File>>,
}

impl<'a> ArrayReader<'a> {
    pub(super) fn new(
        path: &Path,
        key: &str,
        mut member: ZipFile<'a, BufReader<File>>,
    ) -> Result<Self, FormatError> {
        let header = Header::read(&mut member).map_err(|reason| refused(path, key, reason))?;
        let present = member.size().saturating_sub(header.header_bytes as u64);
        if present != header.data_bytes as u64 {
            let reason = format!(
                "shape {:?} needs {} bytes of data and {present} are there",
                header.shape, header.data_bytes
            );
            return Err(refused(path, key, reason));
        }
        let (path, key, left) = (path.to_owned(), key.to_owned(), header.data_bytes);
        Ok(Self { path, key, header, left, member })
    }

    /// Length of every axis; none for a single element.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// What the elements are.
    pub fn element(&self) -> Element {
        self.header.element
    }

    /// Whether the first index runs fastest, and not the last.
    pub fn is_fortran_order(&self) -> bool {
        self.header.fortran_order
    }

    /// Bytes of the data that have not been read yet.
    pub fn bytes_left(&self) -> usize {
        self.left
    }

    /// An error that names this array.
    pub fn refused(&self, reason: impl Into<String>) -> FormatError {
        refused(&self.path, &self.key, reason.into())
    }

    /// Fills `buffer` with the next bytes of the data, as they lie in the file. With the last of them the archive's
    /// checksum is verified.
    ///
    /// # Errors
    /// [`FormatError::Unusable`] if so many are not left, or the file is damaged.
    pub fn read_bytes(&mut self, buffer: &mut [u8]) -> Result<(), FormatError> {
        let Some(left) = self.left.checked_sub(buffer.len()) else {
            return Err(
                self.refused(format!("it ends {} bytes too early", buffer.len() - self.left))
            );
        };
        self.member.read_exact(buffer).map_err(|error| self.refused(error.to_string()))?;
        self.left = left;
        if left == 0 {
            // The checksum is compared where the data end.
            match self.member.read(&mut [0]) {
                Ok(0) => {}
                Ok(_) => return Err(self.refused("it is larger than the archive declares")),
                Err(error) => return Err(self.refused(error.to_string())),
            }
        }
        Ok(())
    }

    /// All numbers of the array, indexed as in numpy whatever their order in the file.
    ///
    /// # Errors
    /// [`FormatError::Unusable`] if the elements are no numbers, there are more than `most`, or the file is damaged.
    pub fn numbers(mut self, most: usize) -> Result<ArrayD<f64>, FormatError> {
        let Header { element, big_endian, fortran_order, .. } = self.header;
        match element {
            Element::Text(_) => return Err(self.refused("it holds texts instead of numbers")),
            Element::Other(..) => {
                let advice = "give float32, float64, uint8 or int64";
                return Err(
                    self.refused(format!("elements of type {element} are not read; {advice}"))
                );
            }
            _ => {}
        }
        let count = self.left / element.size();
        if count > most {
            return Err(self.refused(format!("it has {count} elements, more than {most}")));
        }
        let mut values = Vec::new();
        let mut chunk = vec![0; CHUNK];
        while self.left > 0 {
            let length = self.left.min(CHUNK);
            let bytes = &mut chunk[..length];
            self.read_bytes(bytes)?;
            decode(element, big_endian, bytes, &mut values);
        }
        let shape = self.header.shape.as_slice().set_f(fortran_order);
        ArrayD::from_shape_vec(shape, values).map_err(|error| self.refused(error.to_string()))
    }

    /// The first numbers of the array as they lie in the file, at most `most`; none where their type is not read.
    ///
    /// # Errors
    /// As [`ArrayReader::numbers`].
    pub fn first_numbers(&mut self, most: usize) -> Result<Vec<f64>, FormatError> {
        let Header { element, big_endian, .. } = self.header;
        let mut values = Vec::new();
        if !matches!(element, Element::Text(_) | Element::Other(..)) {
            let mut bytes = vec![0; self.left.min(most * element.size())];
            self.read_bytes(&mut bytes)?;
            decode(element, big_endian, &bytes, &mut values);
        }
        Ok(values)
    }

    /// The array's one text.
    ///
    /// # Errors
    /// [`FormatError::Unusable`] if it is anything else.
    pub fn text(mut self) -> Result<String, FormatError> {
        let Element::Text(_) = self.header.element else {
            return Err(self.refused("it holds numbers instead of a text"));
        };
        if !self.header.shape.is_empty() {
            return Err(self.refused("it holds several texts instead of one"));
        }
        let mut bytes = vec![0; self.left];
        if !bytes.is_empty() {
            self.read_bytes(&mut bytes)?;
        }
        let codes = bytes.as_chunks::<4>().0.iter();
        let code = |bytes: &[u8; 4]| match self.header.big_endian {
            true => u32::from_be_bytes(*bytes),
            false => u32::from_le_bytes(*bytes),
        };
        let text: Option<String> = codes.map(|bytes| char::from_u32(code(bytes))).collect();
        let text = text.ok_or_else(|| self.refused("it is no unicode text"))?;
        Ok(text.trim_end_matches('\0').to_owned())
    }
}

/// Appends the numbers in `bytes`, which are whole elements, to `values`.
fn decode(element: Element, big_endian: bool, bytes: &[u8], values: &mut Vec<f64>) {
    fn each<const N: usize>(
        bytes: &[u8],
        big_endian: bool,
        values: &mut Vec<f64>,
        from_le: impl Fn([u8; N]) -> f64,
    ) {
        values.extend(bytes.as_chunks::<N>().0.iter().map(|bytes| {
            let mut bytes = *bytes;
            if big_endian {
                bytes.reverse();
            }
            from_le(bytes)
        }));
    }
    match element {
        Element::U8 => values.extend(bytes.iter().map(|byte| f64::from(*byte))),
        Element::I64 => each(bytes, big_endian, values, |b| i64::from_le_bytes(b) as f64),
        Element::F32 => each(bytes, big_endian, values, |b| f64::from(f32::from_le_bytes(b))),
        Element::F64 => each(bytes, big_endian, values, f64::from_le_bytes),
        Element::Text(_) | Element::Other(..) => {}
    }
}

pub(super) fn refused(path: &Path, key: &str, reason: String) -> FormatError {
    FormatError::Unusable {
        path: path.to_owned(),
        reason: format!("array `{key}`: {reason}"),
        hint: "write the file again with numpy.savez",
    }
}
