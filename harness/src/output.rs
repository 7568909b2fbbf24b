//! Results, which go to standard output.

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;

use bench_data::files::FileError;

/// Writes a line to standard output, as `println!` does, which panics where the disk behind it is full.
///
/// # Errors
/// [`FileError::Io`], unless the reader of a pipe is gone: it has seen what it wanted.
macro_rules! outln {
    ($($text:tt)*) => {
        $crate::output::write_line(format_args!($($text)*))
    };
}

pub(crate) use outln;

/// See [`outln`].
pub(crate) fn write_line(text: fmt::Arguments<'_>) -> Result<(), FileError> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// Writes the help or the version that was asked for.
///
/// # Errors
/// As [`outln`].
pub(crate) fn help(message: &clap::Error) -> Result<(), FileError> {
    written(message.print().and_then(|()| io::stdout().flush()))
}

fn written(result: io::Result<()>) -> Result<(), FileError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(FileError::io("write", Path::new("standard output"), error))
        }
        _ => Ok(()),
    }
}
