//! Python's pickles of protocol 2 and 3, read as data and never executed.
//!
//! A pickle is a program for a stack machine. This one knows a closed list of operations (those that plain data, PyTorch's
//! state dictionaries and NumPy's arrays take) and a closed list of global names, its caller's [`Globals`]. It calls
//! nothing: a call becomes a [`Node::Call`] that the reader of the result may or may not understand. Values lie in one
//! list and refer to each other by their place in it, so that nothing here or later recurses; work and memory are linear
//! in the number of bytes.

use std::collections::HashMap;
use std::fmt;

/// Most operations in one pickle; the published InceptionV3 weights take 16 238, a batch of CIFAR-10 some 50 000.
const MAX_OPERATIONS: usize = 1 << 20;
/// Longest module or name of a global, in bytes.
const MAX_GLOBAL: usize = 128;
/// Most arguments of a call.
const MAX_ARGUMENTS: usize = 8;
const EMPTY: &str = "the stack is empty";

/// The global names that a pickle may mention: a closed list.
pub trait Globals: Copy + fmt::Debug + PartialEq {
    /// The global `module.name`, if it is on the list.
    fn find(module: &str, name: &str) -> Option<Self>;

    /// Whether a call of it without arguments makes an empty dictionary, as `collections.OrderedDict` does.
    fn makes_dictionary(self) -> bool {
        false
    }
}

/// Why bytes are no pickle of the kind that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {reason}")]
pub struct PickleError {
    /// Offset of the operation that is damaged or refused.
    pub at: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Place of a value in its pickle.
pub type Id = usize;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a, G> {
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer of at most 64 bits.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// An integer of any length: two's complement, little-endian.
    Long(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// Bytes; what Python 2 calls a string.
    Bytes(&'a [u8]),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// A dictionary's keys and values, in the order of their insertion.
    Dict(Vec<(Id, Id)>),
    /// A global by itself.
    Global(G),
    /// What the global would give for these arguments.
    Call(G, Vec<Id>),
    /// What a call gives once this state was set: the call and the state.
    Built(Id, Id),
    /// What lies outside the pickle under this key.
    Persistent(Id),
}

/// The result of a pickle.
#[derive(Debug)]
pub struct Pickle<'a, G> {
    nodes: Vec<Node<'a, G>>,
    root: Id,
    end: usize,
}

impl<'a, G: Globals> Pickle<'a, G> {
    /// Interprets the pickle that starts at byte `start` of `bytes`.
    ///
    /// # Errors
    /// The place and the reason, if the pickle is cut off or damaged, or holds an operation or a global that is not
    /// on the lists.
    pub fn read(bytes: &'a [u8], start: usize) -> Result<Self, PickleError> {
        let mut machine = Machine {
            bytes,
            position: start,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        for _ in 0..MAX_OPERATIONS {
            let at = machine.position;
            let root = machine.step().map_err(|reason| PickleError { at, reason })?;
            if let Some(root) = root {
                return Ok(Self { nodes: machine.nodes, root, end: machine.position });
            }
        }
        let reason = format!("a pickle of more than {MAX_OPERATIONS} operations starts here");
        Err(PickleError { at: start, reason })
    }

    /// The value that the pickle stands for.
    #[must_use]
    pub fn root(&self) -> &Node<'a, G> {
        self.node(self.root)
    }

    /// The value at a place that another value names.
    ///
    /// # Panics
    /// If `id` is not of this pickle.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node<'a, G> {
        &self.nodes[id]
    }

    /// Offset of the first byte behind the pickle.
    #[must_use]
    pub fn end(&self) -> usize {
        self.end
    }
}

struct Machine<'a, G> {
    bytes: &'a [u8],
    /// Offset of the next byte to read.
    position: usize,
    nodes: Vec<Node<'a, G>>,
    stack: Vec<Id>,
    /// Heights of the stack at which a sequence of unknown length begins.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a, G: Globals> Machine<'a, G> {
    /// Runs one operation; the place of the result after the last.
    fn step(&mut self) -> Result<Option<Id>, String> {
        let [operation] = self.array()?;
        match operation {
            0x80 => self.protocol()?,
            b'.' => return self.pop().map(Some),
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Node::None),
            0x88 => self.push(Node::Bool(true)),
            0x89 => self.push(Node::Bool(false)),
            b'K' => {
                let [value] = self.array()?;
                self.push(Node::Integer(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Node::Integer(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Node::Integer(value.into()));
            }
            0x8a => {
                let [length] = self.array()?;
                let digits = self.take(length.into())?;
                self.push(small_integer(digits).map_or(Node::Long(digits), Node::Integer));
            }
            b'G' => {
                let value = f64::from_be_bytes(self.array()?);
                self.push(Node::Float(value));
            }
            b'X' => {
                let length = u32::from_le_bytes(self.array()?);
                let text = std::str::from_utf8(self.take(length as usize)?);
                self.push(Node::Text(text.map_err(|_| "a text is not utf-8")?));
            }
            b'U' | b'C' => {
                let [length] = self.array()?;
                let bytes = self.take(length.into())?;
                self.push(Node::Bytes(bytes));
            }
            b'T' | b'B' => {
                let length = u32::from_le_bytes(self.array()?);
                let bytes = self.take(length as usize)?;
                self.push(Node::Bytes(bytes));
            }
            b')' => self.push(Node::Tuple(Vec::new())),
            operation @ 0x85..=0x87 => {
                let length = usize::from(operation - 0x84);
                let height = self.stack.len().checked_sub(length).ok_or(EMPTY)?;
                let items = self.pop_from(height)?;
                self.push(Node::Tuple(items));
            }
            b't' => {
                let items = self.pop_to_mark()?;
                self.push(Node::Tuple(items));
            }
            b']' => self.push(Node::List(Vec::new())),
            b'a' => {
                let item = self.pop()?;
                self.extend_list([item])?;
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.extend_list(items)?;
            }
            b'}' => self.push(Node::Dict(Vec::new())),
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.extend_dict(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.extend_dict(&items)?;
            }
            b'c' => {
                let global = self.global()?;
                self.push(Node::Global(global));
            }
            b'R' => self.call()?,
            b'b' => self.build()?,
            b'Q' => {
                let key = self.pop()?;
                self.push(Node::Persistent(key));
            }
            b'q' => {
                let [key] = self.array()?;
                self.memoize(key.into())?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.memoize(key)?;
            }
            b'h' => {
                let [key] = self.array()?;
                self.recall(key.into())?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
            other => {
                return Err(format!(
                    "operation {other:#04x} is refused, plain data need none of it"
                ));
            }
        }
        Ok(None)
    }

    fn protocol(&mut self) -> Result<(), String> {
        match self.array()? {
            [2 | 3] => Ok(()),
            [other] => Err(format!("pickle protocol {other} instead of 2 or 3")),
        }
    }

    /// The global that the next two lines name.
    fn global(&mut self) -> Result<G, String> {
        let module = self.line()?;
        let name = self.line()?;
        G::find(module, name).ok_or_else(|| {
            format!("global `{module}.{name}` is refused, such a file needs none of it")
        })
    }

    fn call(&mut self) -> Result<(), String> {
        let arguments = self.pop()?;
        let callee = self.pop()?;
        let (Node::Global(global), Node::Tuple(arguments)) =
            (&self.nodes[callee], &self.nodes[arguments])
        else {
            return Err("a call of what is no global".to_owned());
        };
        let result = match global {
            global if global.makes_dictionary() && arguments.is_empty() => Node::Dict(Vec::new()),
            // Each call takes a copy of its arguments, so their number has to be limited.
            _ if arguments.len() > MAX_ARGUMENTS => {
                return Err(format!("a call with more than {MAX_ARGUMENTS} arguments"));
            }
            _ => Node::Call(*global, arguments.clone()),
        };
        self.push(result);
        Ok(())
    }

    /// Notes the state of what a call gave, and steps over the attributes of a dictionary: PyTorch notes the versions of
    /// modules there.
    fn build(&mut self) -> Result<(), String> {
        let state = self.pop()?;
        let target = *self.stack.last().ok_or(EMPTY)?;
        match self.nodes[target] {
            Node::Dict(_) => Ok(()),
            Node::Call(..) => {
                // In its place, for whatever refers to it already.
                let call = self.nodes.len();
                let built = std::mem::replace(&mut self.nodes[target], Node::Built(call, state));
                self.nodes.push(built);
                Ok(())
            }
            _ => {
                Err("a state for what is neither a dictionary nor the result of a call".to_owned())
            }
        }
    }

    fn extend_list(&mut self, items: impl IntoIterator<Item = Id>) -> Result<(), String> {
        let target = *self.stack.last().ok_or(EMPTY)?;
        let Node::List(list) = &mut self.nodes[target] else {
            return Err("items for what is no list".to_owned());
        };
        list.extend(items);
        Ok(())
    }

    fn extend_dict(&mut self, items: &[Id]) -> Result<(), String> {
        let target = *self.stack.last().ok_or(EMPTY)?;
        let Node::Dict(dict) = &mut self.nodes[target] else {
            return Err("entries for what is no dictionary".to_owned());
        };
        let (entries, odd) = items.as_chunks::<2>();
        if !odd.is_empty() {
            return Err("a dictionary key without its value".to_owned());
        }
        dict.extend(entries.iter().map(|&[key, value]| (key, value)));
        Ok(())
    }

    fn memoize(&mut self, key: u32) -> Result<(), String> {
        let top = *self.stack.last().ok_or(EMPTY)?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), String> {
        let id = self.memo.get(&key).ok_or_else(|| format!("nothing was stored under {key}"))?;
        self.stack.push(*id);
        Ok(())
    }

    fn push(&mut self, node: Node<'a, G>) {
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
    }

    fn pop(&mut self) -> Result<Id, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(EMPTY.to_owned());
        }
        self.stack.pop().ok_or_else(|| EMPTY.to_owned())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, String> {
        let height = self.marks.pop().ok_or("there is no mark")?;
        Ok(self.stack.split_off(height))
    }

    fn pop_from(&mut self, height: usize) -> Result<Vec<Id>, String> {
        if height < self.marks.last().copied().unwrap_or(0) {
            return Err(EMPTY.to_owned());
        }
        Ok(self.stack.split_off(height))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let taken = self
            .bytes
            .get(self.position..)
            .and_then(|rest| rest.get(..length))
            .ok_or("the file ends inside a pickle")?;
        self.position += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("as many bytes as taken"))
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = rest
            .iter()
            .take(MAX_GLOBAL)
            .position(|&byte| byte == b'\n')
            .ok_or("the name of a global does not end")?;
        let line = std::str::from_utf8(self.take(length)?)
            .map_err(|_| "the name of a global is not utf-8")?;
        self.position += 1;
        Ok(line)
    }
}

/// A little-endian integer in two's complement, if it has at most eight bytes.
fn small_integer(digits: &[u8]) -> Option<i64> {
    let negative = digits.last().is_some_and(|&highest| highest >= 0x80);
    let mut bytes = [if negative { 0xff } else { 0 }; 8];
    bytes.get_mut(..digits.len())?.copy_from_slice(digits);
    Some(i64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests;
