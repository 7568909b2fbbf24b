//! Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere.

use std::time::{Duration, Instant};

use bench_data::download::DownloadProgress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::console;

/// Where standard error is no terminal, a line is written this often.
const LINE_INTERVAL: Duration = Duration::from_secs(20);

/// And the first one so soon.
const FIRST_LINE: Duration = Duration::from_millis(1500);

/// The progress of one piece of work.
pub struct Progress {
    label: String,
    bar: ProgressBar,
    total: Option<u64>,
    lines: bool,
    next_line: Instant,
    /// When the first units were done, and how many: before, there was set-up.
    first: Option<(Instant, u64)>,
}

impl Progress {
    /// Starts the display of `total` units of work called `label`.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        let style = "{prefix} [{bar:32}] {pos}/{len} {per_sec} eta {eta} {msg}";
        Self::with_style(label.into(), Some(total), style)
    }

    /// Starts the display of a download of `total` bytes, if that is known.
    pub fn of_download(label: &str, total: Option<u64>) -> Box<dyn DownloadProgress> {
        let style = match total {
            Some(_) => "{prefix} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} eta {eta} {msg}",
            None => "{prefix} {bytes} {bytes_per_sec} {msg}",
        };
        Box::new(Self::with_style(label.to_owned(), total, style))
    }

    fn with_style(label: String, total: Option<u64>, style: &str) -> Self {
        let bar = console::bar(total);
        let lines = bar.is_hidden();
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(label.clone());
        Self { label, bar, total, lines, next_line: Instant::now() + FIRST_LINE, first: None }
    }

    /// Says that `done` units are done.
    pub fn set(&mut self, done: u64, message: impl Into<String>) {
        let message = message.into();
        let now = Instant::now();
        let (start, before) = *self.first.get_or_insert((now, done));
        if self.lines && now >= self.next_line {
            self.next_line = now + LINE_INTERVAL;
            let how_far = self.total.map_or(String::new(), |total| {
                let left = total.saturating_sub(done);
                format!("/{total}{}", pace(done.saturating_sub(before), left, now - start))
            });
            console::line(&format!("{}: {done}{how_far} {message}", self.label));
        }
        self.bar.set_message(message);
        self.bar.set_position(done);
    }

    /// Removes the bar and leaves nothing.
    pub fn clear(self) {
        self.bar.finish_and_clear();
    }

    /// Removes the bar and leaves `message` as a line.
    pub fn finish(self, message: impl AsRef<str>) {
        self.bar.finish_and_clear();
        console::line(&format!("{}: {}", self.label, message.as_ref()));
    }
}

impl DownloadProgress for Progress {
    fn received(&mut self, bytes: u64) {
        self.set(bytes, "");
    }

    fn ended(self: Box<Self>, bytes: u64) {
        self.finish(format!("{bytes} bytes received"));
    }
}

/// How fast work goes and how long the rest takes, given the units done in a time; empty where nothing is known yet.
fn pace(done: u64, left: u64, time: Duration) -> String {
    let rate = done as f64 / time.as_secs_f64();
    if done == 0 || !rate.is_finite() {
        return String::new();
    }
    format!(", {rate:.1}/s, {} left", duration(left as f64 / rate))
}

/// A time in words, rounded up to whole seconds, or to minutes where there are hours.
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_tells_rate_and_remaining_time() {
        let pace = |done, left, seconds| pace(done, left, Duration::from_secs(seconds));
        assert_eq!(pace(100, 50, 10), ", 10.0/s, 5 s left");
        assert_eq!(pace(100, 905, 10), ", 10.0/s, 1 min 31 s left");
        assert_eq!(pace(1, 5000, 2), ", 0.5/s, 2 h 46 min left");
        assert_eq!(pace(100, 0, 10), ", 10.0/s, 0 s left");
        assert_eq!(pace(0, 50, 10), "");
        assert_eq!(pace(5, 50, 0), "");
    }
}
