//! The folder of what the program can make again: whoever needs room may delete it.

mod entries;
mod entry_error;

use std::path::PathBuf;

pub use entries::{DEFAULT_MAX_BYTES, EntryFolder, EntryKind, MAX_VARIABLE};
pub use entry_error::EntryError;

/// Environment variable that names the folder and wins over every other place.
pub const CACHE_VARIABLE: &str = "BENCH_CACHE";

/// `$BENCH_CACHE`, else `$XDG_CACHE_HOME/bench`, else `~/.cache/bench`; `None` where there is not even a home. The
/// folder need not exist.
#[must_use]
pub fn cache_dir() -> Option<PathBuf> {
    let folder = |variable| std::env::var_os(variable).filter(|value| !value.is_empty());
    let named = folder(CACHE_VARIABLE).map(PathBuf::from);
    // A relative path is to be ignored by the XDG base directory specification.
    let shared = folder("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named
        .or_else(|| Some(shared?.join("bench")))
        .or_else(|| Some(std::env::home_dir()?.join(".cache/bench")))
}
