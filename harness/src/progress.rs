//! Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where standard error is no terminal, a line is written this often.
const LINE_INTERVAL: Duration = Duration::from_secs(20);

/// The progress of one piece of work.
pub struct Progress {
    label: String,
    bar: ProgressBar,
    total: Option<u64>,
    lines: bool,
    last_line: Instant,
}

impl Progress {
    /// Starts the display of `total` units of work called `label`.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        let style = "{prefix} [{bar:32}] {pos}/{len} {per_sec} eta {eta} {msg}";
        Self::with_style(label.into(), Some(total), style)
    }

    /// Starts the display of bytes on their way, `total` of them if that is known.
    pub fn of_bytes(label: impl Into<String>, total: Option<u64>) -> Self {
        let style = match total {
            Some(_) => "{prefix} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} eta {eta} {msg}",
            None => "{prefix} {bytes} {bytes_per_sec} {msg}",
        };
        Self::with_style(label.into(), total, style)
    }

    fn with_style(label: String, total: Option<u64>, style: &str) -> Self {
        let lines = !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(label.clone());
        Self { label, bar, total, lines, last_line: Instant::now() }
    }

    /// Says that `done` units are done.
    pub fn set(&mut self, done: u64, message: impl Into<String>) {
        let message = message.into();
        if self.lines && self.last_line.elapsed() >= LINE_INTERVAL {
            self.last_line = Instant::now();
            let of_total = self.total.map_or(String::new(), |total| format!("/{total}"));
            eprintln!("{}: {done}{of_total} {message}", self.label);
        }
        self.bar.set_message(message);
        self.bar.set_position(done);
    }

    /// Removes the bar and leaves `message` as a line.
    pub fn finish(self, message: impl AsRef<str>) {
        self.bar.finish_and_clear();
        eprintln!("{}: {}", self.label, message.as_ref());
    }
}
