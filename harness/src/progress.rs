//! Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere, or JSON.

mod busy;

use std::time::{Duration, Instant};

use bench_data::download::DownloadProgress;
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use busy::Busy;

use crate::console::{self, Advance, Event};

/// Where standard error is no terminal, a line is written this often.
const LINE_INTERVAL: Duration = Duration::from_secs(20);

/// And the first one so soon.
const FIRST_LINE: Duration = Duration::from_millis(1500);

/// And JSON so often.
const JSON_INTERVAL: Duration = Duration::from_secs(1);

/// The progress of one piece of work.
pub struct Progress {
    label: String,
    /// What a unit of work is called, if it is.
    unit: &'static str,
    bar: ProgressBar,
    total: Option<u64>,
    lines: bool,
    next_line: Instant,
    /// When the first units were done, and how many: before, there was set-up.
    first: Option<(Instant, u64)>,
    last: u64,
    /// Tells of the time before the first unit.
    busy: Option<Busy>,
}

impl Progress {
    /// Starts the display of `total` units of work called `label`.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        Self::of(label, total, "")
    }

    /// Starts the display of `total` images of work called `label`.
    pub fn of_images(label: impl Into<String>, total: u64) -> Self {
        Self::of(label, total, "images")
    }

    /// Starts the display of `total` units of work called `label`, each called `unit`.
    pub fn of(label: impl Into<String>, total: u64, unit: &'static str) -> Self {
        let style = "{prefix} [{bar:32}] {pos}/{len}{msg}";
        Self::with_style(label.into(), Some(total), unit, style)
    }

    /// Starts the display of a download of `total` bytes, if that is known.
    pub fn of_download(label: &str, total: Option<u64>) -> Box<dyn DownloadProgress> {
        let style = match total {
            Some(_) => "{prefix} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} eta {eta}",
            None => "{prefix} {bytes} {bytes_per_sec}",
        };
        Box::new(Self::with_style(label.to_owned(), total, "bytes", style))
    }

    fn with_style(label: String, total: Option<u64>, unit: &'static str, style: &str) -> Self {
        let bar = console::bar(total);
        let lines = bar.is_hidden();
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(label.clone());
        let busy = lines.then(|| Busy::of(&label));
        let next_line = Instant::now() + FIRST_LINE;
        Self { label, unit, bar, total, lines, next_line, first: None, last: 0, busy }
    }

    /// Says that `done` units are done.
    pub fn set(&mut self, done: u64, message: impl Into<String>) {
        let message = message.into();
        self.busy = None;
        self.last = done;
        let now = Instant::now();
        self.first.get_or_insert((now, done));
        if !self.lines {
            self.bar.set_message(tail_of(&self.advance(message, now)));
        } else if now >= self.next_line {
            let advance = self.advance(message, now);
            if console::is_json() {
                self.next_line = now + JSON_INTERVAL;
                console::say(Event::Progress(advance));
            } else {
                self.next_line = now + LINE_INTERVAL;
                console::line(&text_of(&advance));
            }
        }
        self.bar.set_position(done);
    }

    /// Removes the bar and leaves nothing.
    pub fn clear(self) {
        self.end();
    }

    /// Removes the bar and leaves `message` as a line.
    pub fn finish(self, message: impl AsRef<str>) {
        self.end();
        console::line(&format!("{}: {}", self.label, message.as_ref()));
    }

    fn end(&self) {
        self.bar.finish_and_clear();
        if console::is_json() {
            let advance = self.advance(String::new(), Instant::now());
            console::say(Event::Progress(Advance { ended: true, ..advance }));
        }
    }

    /// How far the work is at the time `now`.
    fn advance(&self, text: String, now: Instant) -> Advance {
        let (start, before) = self.first.unwrap_or((now, self.last));
        let taken = self.last.saturating_sub(before);
        let per_second = rate(taken, now - start);
        let left = self.total.map(|total| total.saturating_sub(self.last));
        Advance {
            label: self.label.clone(),
            done: self.last,
            total: self.total,
            unit: self.unit.to_owned(),
            per_second,
            seconds_left: left.zip(per_second).map(|(left, rate)| left as f64 / rate),
            text,
            ended: false,
        }
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

/// Units a second, given those done in a time; none where nothing is known yet.
fn rate(done: u64, time: Duration) -> Option<f64> {
    let rate = done as f64 / time.as_secs_f64();
    (done > 0 && rate.is_finite()).then_some(rate)
}

/// How far work is, as a line.
fn text_of(advance: &Advance) -> String {
    let total = advance.total.map_or(String::new(), |total| format!("/{total}"));
    format!("{}: {}{total}{}", advance.label, advance.done, tail_of(advance))
}

/// How fast work goes, how long the rest takes, and what else there is to say.
fn tail_of(advance: &Advance) -> String {
    let Advance { unit, per_second, seconds_left, text, .. } = advance;
    let rate = per_second.map_or(String::new(), |rate| format!(", {}", speed(rate, unit)));
    let left = seconds_left.map_or(String::new(), |left| format!(", {} left", duration(left)));
    format!("{rate}{left} {text}").trim_end().to_owned()
}

/// A rate a second, or over the shortest time in which it shows.
fn speed(per_second: f64, unit: &str) -> String {
    let (rate, time) = match per_second {
        0.1.. => (per_second, "s"),
        0.002.. => (60.0 * per_second, "min"),
        _ => (3600.0 * per_second, "h"),
    };
    format!("{rate:.1}{}/{time}", spaced(unit))
}

/// `unit` with a space before it, if there is any.
fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
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
    fn a_line_tells_rate_and_remaining_time() {
        let line = |done: u64, total, unit: &str, seconds| {
            let per_second = rate(done, Duration::from_secs(seconds));
            text_of(&Advance {
                label: "gan".to_owned(),
                done,
                total: Some(total),
                unit: unit.to_owned(),
                per_second,
                seconds_left: per_second.map(|rate| (total - done) as f64 / rate),
                text: "D 0.1".to_owned(),
                ended: false,
            })
        };
        assert_eq!(line(100, 150, "images", 10), "gan: 100/150, 10.0 images/s, 5 s left D 0.1");
        assert_eq!(line(100, 1005, "", 10), "gan: 100/1005, 10.0/s, 1 min 31 s left D 0.1");
        assert_eq!(line(1, 5001, "", 2), "gan: 1/5001, 0.5/s, 2 h 46 min left D 0.1");
        assert_eq!(line(100, 100, "", 10), "gan: 100/100, 10.0/s, 0 s left D 0.1");
        assert_eq!(line(1, 2, "runs", 30), "gan: 1/2, 2.0 runs/min, 30 s left D 0.1");
        assert_eq!(line(1, 2, "runs", 1800), "gan: 1/2, 2.0 runs/h, 30 min 0 s left D 0.1");
        assert_eq!(line(0, 50, "", 10), "gan: 0/50 D 0.1");
        assert_eq!(line(5, 55, "", 0), "gan: 5/55 D 0.1");
    }
}
