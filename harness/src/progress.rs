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
    total: u64,
    lines: bool,
    last_line: Instant,
}

impl Progress {
    /// Starts the display of `total` units of work called `label`.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        let label = label.into();
        let lines = !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let style = "{prefix} [{bar:32}] {pos}/{len} {per_sec} eta {eta} {msg}";
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
            eprintln!("{}: {done}/{} {message}", self.label, self.total);
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
