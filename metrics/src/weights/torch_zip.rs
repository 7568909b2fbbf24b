//! The zip archive that `torch.save` writes since PyTorch 1.6.
//!
//! All members lie in one folder: `data.pkl`, the pickle of the state dictionary; `data/KEY`, the elements of the
//! storage of that key; `byteorder`, in newer ones. They are stored, not compressed.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::global::read_pickle;
use super::layout::TensorLayout;
use super::state_dict::{self, NamedStorage};

/// The tensors in the `bytes` of a file.
///
/// # Errors
/// The reason, if this is no such archive, or a damaged one.
pub(super) fn tensors(bytes: &[u8]) -> Result<BTreeMap<String, TensorLayout>, String> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("no zip archive: {error}"))?;
    let folder = archive
        .file_names()
        .find_map(|name| {
            let name = name.ok()?;
            let folder = name.strip_suffix("data.pkl")?;
            (folder.is_empty() || folder.ends_with('/')).then(|| folder.to_owned())
        })
        .ok_or("it has no member data.pkl")?;
    let mut member = |name: &str| stored(&mut archive, bytes, &format!("{folder}{name}"));
    if let Some(order) = member("byteorder")?
        && &bytes[order.clone()] != b"little"
    {
        return Err("its numbers are not little-endian".to_owned());
    }
    let data = member("data.pkl")?.ok_or("it has no member data.pkl")?;
    let (start, end) = (data.start, data.end);
    let pickle = read_pickle(&bytes[..end], start)?;
    state_dict::layouts(state_dict::tensors(&pickle)?, |storage| {
        let NamedStorage { key, element, count } = storage;
        let found =
            member(&format!("data/{key}"))?.ok_or_else(|| format!("storage {key:?} is missing"))?;
        if Some(found.len()) == count.checked_mul(element.size()) {
            Ok(found.start)
        } else {
            Err(format!(
                "storage {key:?} has {} bytes instead of {count} elements of {}",
                found.len(),
                element.name()
            ))
        }
    })
}

/// Where the bytes of the member `name` lie in the file; `None` if there is no such member.
fn stored(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    bytes: &[u8],
    name: &str,
) -> Result<Option<Range<usize>>, String> {
    let Some(index) = archive.index_for_name(name) else {
        return Ok(None);
    };
    let member =
        archive.by_index_raw(index).map_err(|error| format!("member {name:?}: {error}"))?;
    if member.compression() != CompressionMethod::Stored || member.encrypted() {
        return Err(format!(
            "member {name:?} is compressed or encrypted, which torch.save never does"
        ));
    }
    let range = member.data_start().and_then(|start| {
        let start = usize::try_from(start).ok()?;
        let end = start.checked_add(usize::try_from(member.size()).ok()?)?;
        (end <= bytes.len()).then_some(start..end)
    });
    match range {
        Some(range) => Ok(Some(range)),
        None => Err(format!("member {name:?} reaches beyond the end of the file")),
    }
}
