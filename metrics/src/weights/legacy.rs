//! The stream that `torch.save` wrote before PyTorch 1.6.
//!
//! Five pickles (a magic number, the version of the format, facts on the machine that wrote it, the state
//! dictionary, the keys of the storages), then for each key the number of elements, `i64`, and the elements.

use std::collections::{BTreeMap, HashMap};

use bench_formats::pickle::{Node, Pickle};

use super::global::{Global, read_pickle};
use super::layout::TensorLayout;
use super::state_dict::{self, NamedStorage};

/// The first pickle: 0x1950a86a20f9469cfc6c.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// The second pickle.
const FORMAT_VERSION: i64 = 1001;

/// The tensors in the `bytes` of a file.
///
/// # Errors
/// The reason, if this is no such stream, or a damaged one.
pub(super) fn tensors(bytes: &[u8]) -> Result<BTreeMap<String, TensorLayout>, String> {
    let magic = read_pickle(bytes, 0)?;
    if *magic.root() != Node::Long(&MAGIC) {
        return Err("the magic number is missing".to_owned());
    }
    let version = read_pickle(bytes, magic.end())?;
    if *version.root() != Node::Integer(FORMAT_VERSION) {
        return Err(format!("its version is not {FORMAT_VERSION}"));
    }
    let machine = read_pickle(bytes, version.end())?;
    if !is_little_endian(&machine) {
        return Err("it does not say that its numbers are little-endian".to_owned());
    }
    let state = read_pickle(bytes, machine.end())?;
    let tensors = state_dict::tensors(&state)?;
    let keys = read_pickle(bytes, state.end())?;

    let mut storages: HashMap<&str, NamedStorage<'_>> = HashMap::new();
    for tensor in &tensors {
        let known = storages.insert(tensor.storage.key, tensor.storage);
        if known.is_some_and(|known| known != tensor.storage) {
            return Err(format!("storage {:?} is described in two ways", tensor.storage.key));
        }
    }
    let starts = storage_starts(bytes, &keys, &storages)?;
    state_dict::layouts(tensors, |storage| {
        let start = starts.get(storage.key).copied();
        start.ok_or_else(|| format!("storage {:?} is missing", storage.key))
    })
}

fn is_little_endian(machine: &Pickle<'_, Global>) -> bool {
    let Node::Dict(entries) = machine.root() else {
        return false;
    };
    entries.iter().any(|&(key, value)| {
        *machine.node(key) == Node::Text("little_endian")
            && *machine.node(value) == Node::Bool(true)
    })
}

/// Offset in bytes of the first element of each storage; the storages fill the file's rest.
fn storage_starts<'a>(
    bytes: &[u8],
    keys: &Pickle<'a, Global>,
    storages: &HashMap<&str, NamedStorage<'_>>,
) -> Result<HashMap<&'a str, usize>, String> {
    let Node::List(order) = keys.root() else {
        return Err("its list of storages is missing".to_owned());
    };
    let mut starts = HashMap::new();
    let mut position = keys.end();
    for &id in order {
        let Node::Text(key) = *keys.node(id) else {
            return Err("the key of a storage is no text".to_owned());
        };
        let storage =
            storages.get(key).ok_or_else(|| format!("storage {key:?} belongs to no tensor"))?;
        let cut_off = || format!("at byte {position}: the file ends inside storage {key:?}");
        let rest = bytes.get(position..).ok_or_else(cut_off)?;
        let (count, rest) = rest.split_first_chunk::<8>().ok_or_else(cut_off)?;
        let count = i64::from_le_bytes(*count);
        if usize::try_from(count) != Ok(storage.count) {
            return Err(format!(
                "at byte {position}: storage {key:?} has {count} elements instead of {}",
                storage.count
            ));
        }
        let length = storage
            .count
            .checked_mul(storage.element.size())
            .filter(|&length| length <= rest.len())
            .ok_or_else(cut_off)?;
        if starts.insert(key, position + 8).is_some() {
            return Err(format!("storage {key:?} occurs twice"));
        }
        position += 8 + length;
    }
    if position == bytes.len() {
        Ok(starts)
    } else {
        Err(format!("at byte {position}: there is more behind the last storage"))
    }
}
