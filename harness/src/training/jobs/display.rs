//! One display for several processes.

use std::collections::{BTreeMap, BTreeSet};

use crate::console::{self, Advance, Event};
use crate::progress::Progress;

/// What all processes say, in one place.
pub(super) struct Display {
    all: Progress,
    /// The bars of each run, by its number.
    bars: BTreeMap<usize, BTreeMap<String, Progress>>,
    /// Notes and warnings that have been said: each is news once.
    said: BTreeSet<String>,
    runs: usize,
}

impl Display {
    /// A display of so many runs.
    pub(super) fn new(runs: usize) -> Self {
        let mut all = Progress::of("all runs", runs as u64, "runs");
        all.set(0, "");
        Self { all, bars: BTreeMap::new(), said: BTreeSet::new(), runs }
    }

    /// Shows a line that the process of run number `run` wrote.
    pub(super) fn line(&mut self, run: usize, line: &str) {
        let place = self.place(run);
        let placed = |text: &str| format!("{place} {text}");
        match Event::from_json(line) {
            Some(Event::Progress(advance)) => self.advance(run, advance),
            Some(Event::Line { text }) => console::line(&placed(&text)),
            Some(Event::Note { text }) if self.said.insert(text.clone()) => {
                console::say(Event::Note { text: placed(&text) });
            }
            Some(Event::Warning { text }) if self.said.insert(text.clone()) => {
                console::say(Event::Warning { text: placed(&text) });
            }
            Some(Event::Note { .. } | Event::Warning { .. }) => {}
            Some(Event::Error { text }) => console::say(Event::Error { text: placed(&text) }),
            // A library, or the operating system.
            None => console::line(&placed(line)),
        }
    }

    /// Shows that run number `run` has ended, and so many of all, of which some failed.
    pub(super) fn ended(&mut self, run: usize, ended: usize, failed: usize) {
        for (_, bar) in self.bars.remove(&run).unwrap_or_default() {
            bar.clear();
        }
        let failures = if failed > 0 { format!("{failed} failed") } else { String::new() };
        self.all.set(ended as u64, failures);
    }

    /// The number of a run and that of all.
    pub(super) fn place(&self, run: usize) -> String {
        format!("[{}/{}]", run + 1, self.runs)
    }

    /// Removes all bars.
    pub(super) fn close(self) {
        self.bars.into_values().flat_map(BTreeMap::into_values).for_each(Progress::clear);
        self.all.clear();
    }

    fn advance(&mut self, run: usize, advance: Advance) {
        let place = self.place(run);
        let bars = self.bars.entry(run).or_default();
        if advance.ended {
            if let Some(bar) = bars.remove(&advance.label) {
                bar.clear();
            }
            return;
        }
        let Advance { label, done, total, unit, text, .. } = advance;
        let unit = ["steps", "images"].into_iter().find(|known| *known == unit).unwrap_or("");
        let bar = bars.entry(label).or_insert_with_key(|label| {
            Progress::of(format!("{place} {label}"), total.unwrap_or_default(), unit)
        });
        bar.set(done, text);
    }
}
