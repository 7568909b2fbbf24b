//! The header of a `.npy` file: a magic number, a version, and a Python dictionary as text.
//!
//! Source: numpy's "NEP 1, a simple file format for NumPy arrays", versions 1.0 to 3.0.

use std::io::Read;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Longest header that is read, in bytes; numpy itself refuses to evaluate more than 10 000.
const MAX_TEXT: usize = 1 << 16;

/// Most axes of an array in numpy 1; numpy 2 has 64.
const MAX_AXES: usize = 64;

/// Most characters of a text.
const MAX_CHARACTERS: usize = 4096;

/// What an array's elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Unsigned bytes.
    U8,
    /// Signed integers of 8 bytes.
    I64,
    /// Floating-point numbers of 4 bytes.
    F32,
    /// Floating-point numbers of 8 bytes.
    F64,
    /// Texts of at most so many characters, 4 bytes each.
    Text(usize),
    /// Other numbers, which are not read: the letter of their kind as numpy has it (`u`, `i`, `f` or `b`) and their bytes.
    Other(char, usize),
}

impl std::fmt::Display for Element {
    /// The name that numpy gives it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::U8 => f.write_str("uint8"),
            Self::I64 => f.write_str("int64"),
            Self::F32 => f.write_str("float32"),
            Self::F64 => f.write_str("float64"),
            Self::Text(_) => f.write_str("str"),
            Self::Other('b', _) => f.write_str("bool"),
            Self::Other('i', bytes) => write!(f, "int{}", 8 * bytes),
            Self::Other('u', bytes) => write!(f, "uint{}", 8 * bytes),
            Self::Other(_, bytes) => write!(f, "float{}", 8 * bytes),
        }
    }
}

impl Element {
    /// Bytes of an element.
    pub fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I64 | Self::F64 => 8,
            Self::F32 => 4,
            Self::Text(characters) => 4 * characters,
            Self::Other(_, bytes) => bytes,
        }
    }
}

/// What a `.npy` file says of its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) big_endian: bool,
    /// Whether the first index runs fastest.
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
    /// Bytes of the data; the shape's product and it do not overflow.
    pub(super) data_bytes: usize,
    /// Bytes of the header.
    pub(super) header_bytes: usize,
}

impl Header {
    /// Reads a header, so that the data come next.
    ///
    /// # Errors
    /// The reason.
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, String> {
        let start: [u8; 8] = bytes(reader)?;
        if &start[..6] != MAGIC {
            return Err("it is not in npy format".to_owned());
        }
        let (length, prefix) = match start[6] {
            1 => (usize::from(u16::from_le_bytes(bytes(reader)?)), 10),
            2 | 3 => (u32::from_le_bytes(bytes(reader)?) as usize, 12),
            other => return Err(format!("npy format {other} is unknown")),
        };
        if length > MAX_TEXT {
            return Err(format!("its header has {length} bytes, more than {MAX_TEXT}"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).map_err(|error| format!("its header: {error}"))?;
        let text = std::str::from_utf8(&text).map_err(|_| "its header is no text".to_owned())?;
        Self::parse(text, prefix + length)
    }

    fn parse(text: &str, header_bytes: usize) -> Result<Self, String> {
        let mut literal = Literal(text);
        let (mut element, mut fortran_order, mut shape) = (None, None, None);
        literal.expect('{')?;
        while !literal.takes('}') {
            let key = literal.string()?;
            literal.expect(':')?;
            match key {
                "descr" => element = Some(parse_element(literal.descriptor()?)?),
                "fortran_order" => fortran_order = Some(literal.boolean()?),
                "shape" => shape = Some(literal.tuple()?),
                _ => return Err(format!("its header has an unknown key {key:?}")),
            }
            if !literal.takes(',') {
                literal.expect('}')?;
                break;
            }
        }
        if !literal.0.trim().is_empty() {
            return Err("its header does not end with its dictionary".to_owned());
        }
        let (Some((element, big_endian)), Some(fortran_order), Some(shape)) =
            (element, fortran_order, shape)
        else {
            return Err("its header lacks descr, fortran_order or shape".to_owned());
        };
        let data_bytes = shape
            .iter()
            .try_fold(element.size(), |product, side| product.checked_mul(*side))
            .filter(|product| isize::try_from(*product).is_ok())
            .ok_or_else(|| format!("shape {shape:?} is too large"))?;
        Ok(Self { element, big_endian, fortran_order, shape, data_bytes, header_bytes })
    }
}

fn bytes<const N: usize>(reader: &mut impl Read) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).map_err(|error| format!("its header: {error}"))?;
    Ok(bytes)
}

/// The element that a descriptor such as `<f8` names, and whether it is big-endian.
fn parse_element(descriptor: &str) -> Result<(Element, bool), String> {
    let refused = || {
        let advice = "give float32, float64, uint8 or int64";
        match descriptor.strip_prefix(['|', '<', '>']) {
            Some(kind) if kind.starts_with('O') => {
                "it holds python objects, which are never read".to_owned()
            }
            _ => format!("elements of type {descriptor:?} are not read; {advice}"),
        }
    };
    let mut letters = descriptor.chars();
    let big_endian = match letters.next() {
        Some('<' | '|') => false,
        Some('>') => true,
        _ => return Err(refused()),
    };
    let element = match letters.as_str() {
        "u1" => Element::U8,
        "i8" => Element::I64,
        "f4" => Element::F32,
        "f8" => Element::F64,
        "b1" => Element::Other('b', 1),
        "i1" | "i2" | "i4" | "u2" | "u4" | "u8" | "f2" => {
            let mut letters = letters;
            let kind = letters.next().ok_or_else(refused)?;
            Element::Other(kind, letters.as_str().parse().map_err(|_| refused())?)
        }
        other => {
            let characters = other.strip_prefix('U').and_then(|digits| digits.parse().ok());
            Element::Text(characters.filter(|n| *n <= MAX_CHARACTERS).ok_or_else(refused)?)
        }
    };
    Ok((element, big_endian))
}

/// What is left of a Python literal; blanks before a token do not matter.
struct Literal<'a>(&'a str);

impl<'a> Literal<'a> {
    fn takes(&mut self, token: char) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: char) -> Result<(), String> {
        if self.takes(token) { Ok(()) } else { Err(format!("its header lacks a {token:?}")) }
    }

    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.takes('\'') { '\'' } else { '"' };
        if quote == '"' {
            self.expect('"')?;
        }
        let (text, rest) =
            self.0.split_once(quote).ok_or("its header has a text without end".to_owned())?;
        self.0 = rest;
        Ok(text)
    }

    fn descriptor(&mut self) -> Result<&'a str, String> {
        if self.takes('[') {
            return Err("it is a structured array; give plain numbers".to_owned());
        }
        self.string()
    }

    fn boolean(&mut self) -> Result<bool, String> {
        self.0 = self.0.trim_start();
        for (text, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(text) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err("fortran_order is neither True nor False".to_owned())
    }

    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        self.expect('(')?;
        let mut sides = Vec::new();
        while !self.takes(')') {
            if sides.len() == MAX_AXES {
                return Err(format!("it has more than {MAX_AXES} axes"));
            }
            self.0 = self.0.trim_start();
            let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
            let (digits, rest) = self.0.split_at(end);
            sides.push(digits.parse().map_err(|_| "its shape is no tuple of lengths".to_owned())?);
            // Python 2 marks long integers.
            self.0 = rest.strip_prefix('L').unwrap_or(rest);
            if !self.takes(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(sides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Header, String> {
        Header::parse(text, 0)
    }

    #[test]
    fn headers_of_every_kind() {
        let cases = [
            (
                "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }",
                Element::F64,
                false,
                vec![3, 4],
            ),
            (
                "{'descr': '>f4', 'fortran_order': True, 'shape': (7,), }  \n",
                Element::F32,
                true,
                vec![7],
            ),
            (
                "{\"shape\":(),\"descr\":\"|u1\",\"fortran_order\":False}",
                Element::U8,
                false,
                vec![],
            ),
            (
                "{'descr': '<i8', 'fortran_order': False, 'shape': (2L, 0L)}",
                Element::I64,
                false,
                vec![2, 0],
            ),
            (
                "{'descr': '<u2', 'fortran_order': False, 'shape': (9,)}",
                Element::Other('u', 2),
                false,
                vec![9],
            ),
            (
                "{'descr': '<U64', 'fortran_order': False, 'shape': ()}",
                Element::Text(64),
                false,
                vec![],
            ),
        ];
        for (text, element, fortran, shape) in cases {
            let header = parse(text).expect(text);
            assert_eq!((header.element, header.fortran_order), (element, fortran), "{text}");
            assert_eq!(header.shape, shape, "{text}");
            assert_eq!(header.big_endian, text.contains('>'), "{text}");
            let bytes = shape.iter().product::<usize>() * element.size();
            assert_eq!(header.data_bytes, bytes, "{text}");
        }
    }

    #[test]
    fn unusable_headers_say_why() {
        let cases = [
            ("", "'{'"),
            ("{'descr': '<f8', 'fortran_order': False}", "lacks"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "python objects"),
            ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}", "structured"),
            ("{'descr': '<c8', 'fortran_order': False, 'shape': ()}", "<c8"),
            ("{'descr': '<U9999999', 'fortran_order': False, 'shape': ()}", "U9999999"),
            ("{'descr': '<f8', 'fortran_order': 1, 'shape': ()}", "fortran_order"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "tuple"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", "tuple"),
            (
                "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
                "too large",
            ),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} 1", "does not end"),
            ("{'descr': '<f8', 'evil': False, 'shape': (3,)}", "evil"),
        ];
        for (text, expected) in cases {
            let reason = parse(text).expect_err(text);
            assert!(reason.contains(expected), "{text}: {reason}");
        }
        let many =
            format!("{{'descr': '<f8', 'fortran_order': True, 'shape': ({})}}", "1,".repeat(65));
        assert!(parse(&many).expect_err("65 axes").contains("axes"));
        let long = [&b"\x93NUMPY\x02\x00"[..], &u32::MAX.to_le_bytes()].concat();
        assert!(Header::read(&mut &long[..]).expect_err("a long header").contains("more than"));
        assert!(Header::read(&mut &b"\x93NUMPY\x01\x00\x50\x00{"[..]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Header::read(&mut &bytes[..]);
        }

        #[test]
        fn no_text_panics(text in "[{}()\\[\\],:' \"a-zA-Z0-9<>|]{0,80}") {
            let _ = parse(&text);
        }
    }
}
