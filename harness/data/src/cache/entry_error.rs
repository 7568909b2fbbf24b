//! Why an entry cannot be used.

use std::io;

/// Why a file of the cache gives nothing. None of these is a failure: what it should hold is made again.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// There is none.
    #[error("there is no such file")]
    Absent,
    /// The system refused.
    #[error("cannot read it: {0}")]
    Io(io::Error),
    /// It is no entry, or not a whole one, or its bytes have changed.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// It is the entry of something else.
    #[error("it was made from something else, or by another program")]
    Stale,
}

impl From<io::Error> for EntryError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            io::ErrorKind::UnexpectedEof => Self::Damaged("it is cut off"),
            _ => Self::Io(error),
        }
    }
}
