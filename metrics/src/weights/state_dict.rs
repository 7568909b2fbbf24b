//! From the pickle of a state dictionary to the tensors it names.

use std::collections::BTreeMap;

use bench_formats::pickle::{Id, Node, Pickle};

use super::global::Global;
use super::layout::{ElementType, Storage, TensorLayout};

/// Most axes of a tensor.
const MAX_AXES: usize = 8;

/// A storage as a pickle names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedStorage<'a> {
    pub(super) key: &'a str,
    pub(super) element: ElementType,
    /// Number of elements.
    pub(super) count: usize,
}

/// A tensor as a pickle names it.
#[derive(Clone, Debug)]
pub(super) struct NamedTensor<'a> {
    name: &'a str,
    pub(super) storage: NamedStorage<'a>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// The tensors of the state dictionary that `pickle` stands for.
///
/// # Errors
/// The reason, naming the entry that is no tensor.
pub(super) fn tensors<'a>(pickle: &Pickle<'a, Global>) -> Result<Vec<NamedTensor<'a>>, String> {
    let Node::Dict(entries) = pickle.root() else {
        return Err("its pickle is no dictionary of tensors".to_owned());
    };
    entries
        .iter()
        .map(|&(name, value)| {
            let Node::Text(name) = *pickle.node(name) else {
                return Err("a key of its dictionary is no text".to_owned());
            };
            tensor(pickle, name, value)
                .ok_or_else(|| format!("its entry {name:?} is no dense tensor"))
        })
        .collect()
}

/// Where the tensors lie, given the offset in bytes of every storage.
///
/// # Errors
/// The reason, if a name occurs twice or a tensor does not fit into its storage.
pub(super) fn layouts(
    tensors: Vec<NamedTensor<'_>>,
    mut start: impl FnMut(NamedStorage<'_>) -> Result<usize, String>,
) -> Result<BTreeMap<String, TensorLayout>, String> {
    let mut layouts = BTreeMap::new();
    for tensor in tensors {
        let NamedStorage { element, count, .. } = tensor.storage;
        let start = start(tensor.storage)?;
        let storage = Storage { element, count, start };
        let layout = TensorLayout::new(storage, tensor.offset, tensor.shape, tensor.strides)
            .map_err(|reason| format!("tensor {:?}: {reason}", tensor.name))?;
        if layouts.insert(tensor.name.to_owned(), layout).is_some() {
            return Err(format!("tensor {:?} occurs twice", tensor.name));
        }
    }
    Ok(layouts)
}

fn tensor<'a>(pickle: &Pickle<'a, Global>, name: &'a str, value: Id) -> Option<NamedTensor<'a>> {
    let arguments = match pickle.node(value) {
        Node::Call(Global::RebuildTensor, arguments) => arguments,
        Node::Call(Global::RebuildParameter, outer) => match pickle.node(*outer.first()?) {
            Node::Call(Global::RebuildTensor, arguments) => arguments,
            _ => return None,
        },
        _ => return None,
    };
    // Behind these four come what only training needs: whether a gradient is kept, and hooks.
    let &[storage, offset, shape, strides, ..] = arguments.as_slice() else {
        return None;
    };
    Some(NamedTensor {
        name,
        storage: named_storage(pickle, storage)?,
        offset: length(pickle, offset)?,
        shape: lengths(pickle, shape)?,
        strides: lengths(pickle, strides)?,
    })
}

/// The storage of a key such as `("storage", torch.FloatStorage, "0", "cpu", 864)`.
fn named_storage<'a>(pickle: &Pickle<'a, Global>, id: Id) -> Option<NamedStorage<'a>> {
    let Node::Persistent(key) = *pickle.node(id) else {
        return None;
    };
    let Node::Tuple(parts) = pickle.node(key) else {
        return None;
    };
    let &[kind, element, key, _device, count, ref view @ ..] = parts.as_slice() else {
        return None;
    };
    // Older files may make one storage a part of another; a `None` says that this one is not.
    let whole = view.iter().all(|&part| *pickle.node(part) == Node::None);
    match (pickle.node(kind), pickle.node(element), pickle.node(key)) {
        (Node::Text("storage"), &Node::Global(Global::Storage(element)), &Node::Text(key))
            if whole =>
        {
            Some(NamedStorage { key, element, count: length(pickle, count)? })
        }
        _ => None,
    }
}

fn length(pickle: &Pickle<'_, Global>, id: Id) -> Option<usize> {
    match *pickle.node(id) {
        Node::Integer(value) => value.try_into().ok(),
        _ => None,
    }
}

fn lengths(pickle: &Pickle<'_, Global>, id: Id) -> Option<Vec<usize>> {
    match pickle.node(id) {
        Node::Tuple(items) if items.len() <= MAX_AXES => {
            items.iter().map(|&id| length(pickle, id)).collect()
        }
        _ => None,
    }
}
