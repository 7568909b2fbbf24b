//! What records say of themselves, as footnotes.

mod departures;

use departures::Departures;

use crate::group::Group;
use crate::record::Record;
use crate::table::Footnote;

/// Remarks on the rows of a table, each once, with the rows it holds for.
#[derive(Default)]
pub(super) struct Remarks {
    footnotes: Vec<Footnote>,
    /// Reasons against a comparison with published values, each with its rows.
    incomparable: Vec<(String, Vec<usize>)>,
    departures: Departures,
    rows: Vec<usize>,
}

impl Remarks {
    /// A remark on one row.
    pub(super) fn add(&mut self, row: usize, text: String) {
        match self.footnotes.iter_mut().find(|note| note.text == text) {
            Some(note) if note.rows.contains(&row) => {}
            Some(note) => note.rows.push(row),
            None => self.footnotes.push(Footnote { rows: vec![row], text }),
        }
    }

    /// What the record of a row of its own says.
    pub(super) fn record(&mut self, row: usize, record: &Record) {
        self.provenance(row, record);
        if let Some(end) = end(record) {
            self.add(row, sentence(&end));
        }
    }

    /// What the records of a group's row say, and how its seeds ended.
    pub(super) fn group(&mut self, row: usize, group: &Group<'_>) {
        for run in &group.runs {
            self.provenance(row, &run.record);
        }
        for run in &group.seeds {
            if let Some(end) = end(&run.record) {
                self.add(row, format!("Seed {}: {end}.", run.record.seed));
            }
        }
        for kept in &group.seeds {
            let twins = || group.runs.iter().filter(|run| run.record.seed == kept.record.seed);
            if twins().count() > 1 {
                let machines: Vec<String> = twins().map(|run| machine(&run.record)).collect();
                let seed = kept.record.seed;
                let machines = machines.join(", ");
                self.add(
                    row,
                    format!(
                        "Seed {seed} was run {} times ({machines}) and counts once: on {}.",
                        twins().count(),
                        machine(&kept.record)
                    ),
                );
            }
        }
    }

    fn provenance(&mut self, row: usize, record: &Record) {
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        for reason in &record.incomparable {
            if !self.departures.take(row, reason) {
                self.object(reason, &[row]);
            }
        }
        for warning in &record.warnings {
            self.add(row, sentence(&format!("warning: {warning}")));
        }
        for note in record.notes.iter().filter(|note| !record.incomparable.contains(note)) {
            self.add(row, sentence(note));
        }
    }

    /// Adds rows to those that a reason holds for.
    fn object(&mut self, reason: &str, rows: &[usize]) {
        let index = self.incomparable.iter().position(|(known, _)| known == reason);
        let index = index.unwrap_or_else(|| {
            self.incomparable.push((reason.to_owned(), Vec::new()));
            self.incomparable.len() - 1
        });
        let known = &mut self.incomparable[index].1;
        known.extend(rows.iter().filter(|row| !known.contains(row)).copied().collect::<Vec<_>>());
    }

    /// The footnotes; a remark on all rows that have a record is one on the whole table. Reasons that hold for the same
    /// rows are one footnote.
    pub(super) fn footnotes(mut self) -> Vec<Footnote> {
        if let Some((rows, told)) = self.departures.told() {
            self.object(&told, &rows);
        }
        let mut objections: Vec<(Vec<usize>, Vec<String>)> = Vec::new();
        for (reason, mut rows) in std::mem::take(&mut self.incomparable) {
            rows.sort_unstable();
            match objections.iter_mut().find(|(known, _)| *known == rows) {
                Some((_, reasons)) => reasons.push(reason),
                None => objections.push((rows, vec![reason])),
            }
        }
        let objections = objections.into_iter().map(|(rows, reasons)| {
            let reasons = reasons.join("; ");
            let text = sentence(&format!("not comparable with published values: {reasons}"));
            Footnote { rows, text }
        });
        let mut footnotes: Vec<Footnote> = objections.chain(self.footnotes).collect();
        for note in &mut footnotes {
            if note.rows.len() >= self.rows.len() {
                note.rows.clear();
            }
        }
        footnotes
    }
}

/// How a run ended, if not as it should, and what is left of it.
fn end(record: &Record) -> Option<String> {
    let end = record.ending()?;
    let best = record.best.as_ref().and_then(|best| {
        let measure = record.measures.iter().find(|measure| measure.key == best.by)?;
        let value = record.best_metric(&best.by)?;
        let (title, decimals) = (&measure.title, measure.decimals);
        Some(format!("; its best {title}, at step {}, is {value:.decimals$}", best.step))
    });
    Some(end + &best.unwrap_or_default())
}

fn machine(record: &Record) -> String {
    format!("{} with {} threads", record.device, record.threads)
}

/// `text` with a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    stopped(&first.chain(chars).collect::<String>())
}

/// `text` with a full stop; what may begin with a name keeps its first letter.
pub(crate) fn stopped(text: &str) -> String {
    let text = text.trim();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{stop}")
}
