//! The python version: one pickled dictionary a batch, with `labels`, a list of numbers, and `data`, an array of NumPy of
//! type `uint8` and shape `[10000, 3072]`.
//!
//! The pickle is read as data and never executed, see [`bench_formats::pickle`]. Besides the official files, which
//! Python 2 wrote, those are read that Python 3 and NumPy 1 or 2 write of the same dictionary by protocols 2 and 3.

use std::borrow::Cow;

use bench_formats::pickle::{Globals, Id, Node, Pickle};

use super::official::{Batch, IMAGE_LEN, Release};

/// `cifar-10-python.tar.gz`.
pub(super) const PYTHON: Release = Release {
    kind: "python version",
    folder: "cifar-10-batches-py",
    archive: "cifar-10-python.tar.gz",
    train: ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"],
    test: "test_batch",
    // The official files have 31 MB; as text, half of the pixels take two bytes.
    max_len: 80 << 20,
    parse: parse_batch,
    hint: "download it again: these are pickles of protocol 2 as the authors of CIFAR-10 wrote them",
};

/// The names that the pickle of a dictionary of arrays may mention.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Name {
    /// `numpy.core.multiarray._reconstruct`: an empty array, whose state comes after.
    Reconstruct,
    /// `numpy.ndarray`, the type of the array.
    NdArray,
    /// `numpy.dtype`, the type of its elements.
    DType,
    /// `_codecs.encode`: how Python 3 writes bytes by protocol 2.
    Encode,
}

impl Globals for Name {
    fn find(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
                Some(Self::Reconstruct)
            }
            ("numpy", "ndarray") => Some(Self::NdArray),
            ("numpy", "dtype") => Some(Self::DType),
            ("_codecs", "encode") => Some(Self::Encode),
            _ => None,
        }
    }
}

/// The labels and pixels of a batch of any number of images.
///
/// # Errors
/// The reason, with the place where the pickle itself is damaged.
pub fn parse_batch(bytes: &[u8]) -> Result<Batch, String> {
    let pickle: Pickle<'_, Name> = Pickle::read(bytes, 0).map_err(|error| error.to_string())?;
    if pickle.end() != bytes.len() {
        return Err(format!("at byte {}: bytes follow the pickle", pickle.end()));
    }
    let batch = Dictionary::of(&pickle)?;
    let labels = batch.labels()?;
    let planes = batch.pixels(labels.len())?;
    Ok(Batch { labels, planes })
}

/// The dictionary of a batch.
struct Dictionary<'p, 'a> {
    pickle: &'p Pickle<'a, Name>,
    entries: &'p [(Id, Id)],
}

impl<'p, 'a> Dictionary<'p, 'a> {
    fn of(pickle: &'p Pickle<'a, Name>) -> Result<Self, String> {
        match pickle.root() {
            Node::Dict(entries) => Ok(Self { pickle, entries }),
            _ => Err("its pickle is no dictionary".to_owned()),
        }
    }

    /// The value of a key, which Python 2 wrote as bytes and Python 3 may write as text.
    fn value(&self, key: &str) -> Result<&'p Node<'a, Name>, String> {
        // Compared as it stands: a hostile file may use one long text as every key.
        let is_key = |&&(id, _): &&(Id, Id)| match self.pickle.node(id) {
            Node::Bytes(bytes) => *bytes == key.as_bytes(),
            Node::Text(text) => *text == key,
            Node::Call(Name::Encode, arguments) => self.latin_text(arguments) == Some(key),
            _ => false,
        };
        let mut values = self.entries.iter().filter(is_key);
        match (values.next(), values.next()) {
            (Some(&(_, value)), None) => Ok(self.pickle.node(value)),
            (None, _) => Err(format!("it has no entry `{key}`")),
            (Some(_), Some(_)) => Err(format!("it has two entries `{key}`")),
        }
    }

    fn labels(&self) -> Result<Vec<u8>, String> {
        let Node::List(items) = self.value("labels")? else {
            return Err("its entry `labels` is no list".to_owned());
        };
        let label = |(at, &id): (usize, &Id)| match *self.pickle.node(id) {
            Node::Integer(label) => u8::try_from(label)
                .map_err(|_| format!("its image {at} has label {label}, outside 0..=9")),
            _ => Err(format!("the label of its image {at} is no number")),
        };
        items.iter().enumerate().map(label).collect()
    }

    /// The bytes of the array `data`, which has a row for each of `n` images.
    fn pixels(&self, n: usize) -> Result<Vec<u8>, String> {
        let state = self.array_state(self.value("data")?);
        let state = state.ok_or("its entry `data` is no array of NumPy")?;
        let &[_version, shape, element, by_columns, contents] = state else {
            return Err("its array `data` has no state of NumPy's".to_owned());
        };
        if !self.is_unsigned_byte(self.pickle.node(element)) {
            return Err("its array `data` is not of type uint8".to_owned());
        }
        if !matches!(self.pickle.node(by_columns), Node::Bool(false) | Node::Integer(0)) {
            return Err("its array `data` is stored column by column".to_owned());
        }
        let shape = match self.pickle.node(shape) {
            Node::Tuple(extents) => extents.as_slice(),
            _ => &[],
        };
        let shape: Vec<&Node<'_, Name>> = shape.iter().map(|&id| self.pickle.node(id)).collect();
        let expected = [n, IMAGE_LEN].map(|extent| Node::Integer(extent as i64));
        if shape != expected.iter().collect::<Vec<_>>() {
            return Err(format!("its array `data` is not of shape [{n}, {IMAGE_LEN}]"));
        }
        let contents = self.bytes(self.pickle.node(contents));
        let contents = contents.ok_or("the contents of its array `data` are no bytes")?;
        if contents.len() != n * IMAGE_LEN {
            let (found, wanted) = (contents.len(), n * IMAGE_LEN);
            return Err(format!("its array `data` has {found} bytes instead of {wanted}"));
        }
        Ok(contents.into_owned())
    }

    /// The state that `_reconstruct(ndarray, …)` was given.
    fn array_state(&self, array: &'p Node<'a, Name>) -> Option<&'p [Id]> {
        let &Node::Built(call, state) = array else { return None };
        let Node::Call(Name::Reconstruct, arguments) = self.pickle.node(call) else { return None };
        let of_array = *self.pickle.node(*arguments.first()?) == Node::Global(Name::NdArray);
        match self.pickle.node(state) {
            Node::Tuple(state) if of_array => Some(state),
            _ => None,
        }
    }

    /// Whether a node is `dtype('u1')`; its state, the order of bytes among others, says nothing of single bytes.
    fn is_unsigned_byte(&self, element: &Node<'a, Name>) -> bool {
        let &Node::Built(call, _) = element else { return false };
        let Node::Call(Name::DType, arguments) = self.pickle.node(call) else { return false };
        let code = arguments.first().and_then(|&id| self.bytes(self.pickle.node(id)));
        code.is_some_and(|code| *code == *b"u1")
    }

    /// Bytes, texts as UTF-8, and `encode(text, 'latin1')`.
    fn bytes(&self, node: &Node<'a, Name>) -> Option<Cow<'a, [u8]>> {
        match node {
            Node::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Node::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
            Node::Call(Name::Encode, arguments) => {
                let letters = self.latin_text(arguments)?.chars();
                letters.map(|letter| u8::try_from(letter).ok()).collect()
            }
            _ => None,
        }
    }

    /// The text of `encode(text, 'latin1')`.
    fn latin_text(&self, arguments: &[Id]) -> Option<&'a str> {
        let &[text, encoding] = arguments else { return None };
        match (self.pickle.node(text), self.pickle.node(encoding)) {
            (Node::Text(text), Node::Text("latin1" | "latin-1")) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
