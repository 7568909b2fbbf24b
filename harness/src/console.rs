//! Standard error: the one place where it is written. Notes, warnings and errors come here through [`log`]; a line that
//! cannot be written costs nothing else.

use std::io::{self, Write as _};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// Writes what is logged as lines.
struct Console;

/// Lets what is logged come to standard error. A second call changes nothing.
pub fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Writes `text` and a line end, as it is.
pub fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Libraries that log on their own have their own ways to say what matters.
        metadata.level() <= Level::Info && metadata.target().starts_with("bench")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let kind = match record.level() {
                Level::Error => "error",
                Level::Warn => "warning",
                _ => "note",
            };
            line(&format!("bench: {kind}: {}", record.args()));
        }
    }

    fn flush(&self) {}
}
