//! The files of an archive.

use super::{
    ArchiveMember, Depth, Entry, FileError, ImageArchive, Kind, MAX_DEPTH, Selection, is_hidden,
    kind_of,
};
use crate::files::DecodeError;

/// What is in the archive.
///
/// # Errors
/// [`FileError::Image`] of an image too deep below folders, where all are looked for.
pub(super) fn entries(
    archive: &ImageArchive,
    selection: Selection<'_>,
) -> Result<Vec<Entry<ArchiveMember>>, FileError> {
    let entry = |member: &ArchiveMember, kind| Entry {
        name: member.name.clone(),
        kind,
        place: member.clone(),
    };
    let files = archive.members().iter();
    let files = files.map(|member| entry(member, kind_of(&member.name, selection)));
    // What lies in hidden folders is not looked at in a folder either.
    let parts = |member: &ArchiveMember| {
        member.name.split(['/', '\\']).filter(|part| is_hidden(part)).count()
    };
    let passed_over = archive.passed_over().iter().filter_map(|member| {
        let last = member.name.rsplit(['/', '\\']).next().unwrap_or_default();
        match parts(member) {
            0 => Some(entry(member, Kind::Link)),
            1 if is_hidden(last) => Some(entry(member, Kind::Hidden)),
            _ => None,
        }
    });
    let entries: Vec<_> = files.chain(passed_over).collect();
    let is_deep = |entry: &&Entry<_>| {
        entry.kind == Kind::Image && entry.name.matches('/').count() > MAX_DEPTH
    };
    match entries.iter().find(is_deep) {
        Some(deep) if selection.depth == Depth::All => Err(FileError::Image {
            path: archive.path_of(&deep.place),
            reason: DecodeError::TooDeep(MAX_DEPTH),
        }),
        _ => Ok(entries),
    }
}
