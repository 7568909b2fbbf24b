//! A published table with the runs that measure its rows anew, before it is laid out.

use std::collections::BTreeSet;

use crate::cohort::count_range;
use crate::contest::{Discipline, Verdict, judge};
use crate::group::Group;
use crate::measure::{Direction, Measure, union};
use crate::published::{PublishedTable, Reports};
use crate::record::Record;
use crate::results::Results;
use crate::run::Run;
use crate::statistics::Sample;

/// One published table, as far as it was measured under one budget, by one protocol and extractor.
pub(super) struct Sheet<'a> {
    pub(super) suite: &'a str,
    pub(super) table: &'a PublishedTable,
    /// Budget, protocol and hash of the extractor.
    pub(super) setting: [&'a str; 3],
    /// The rows of the table, in its order; a row that several experiments measure stands there for each of them.
    pub(super) entries: Vec<Entry<'a>>,
    measures: Vec<&'a Measure>,
}

/// One row of a published table, and the experiment that measures it.
pub(super) struct Entry<'a> {
    pub(super) row: usize,
    /// The source's name for it; with what differs where several experiments measure it.
    pub(super) title: String,
    pub(super) group: Option<&'a Group<'a>>,
}

/// The three values that a table shows of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Score {
    Published,
    Measured,
    Untrained,
}

impl Score {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Measured => "measured",
            Self::Untrained => "untrained",
        }
    }
}

/// The sheets, in the order of suites, of their tables, and of budgets.
pub(super) fn sheets<'a>(results: &'a Results, groups: &'a [Group<'a>]) -> Vec<Sheet<'a>> {
    let mut sheets = Vec::new();
    for (suite, tables) in &results.tables {
        for table in &tables.tables {
            let placed: Vec<(usize, &Group<'_>)> = groups
                .iter()
                .filter(|group| group.record().suite == *suite)
                .flat_map(|group| rows_of(group, table).map(move |row| (row, group)))
                .collect();
            let settings: BTreeSet<[&str; 3]> =
                placed.iter().map(|(_, group)| setting(group.record())).collect();
            sheets.extend(settings.into_iter().map(|setting_| {
                let alike: Vec<_> = placed
                    .iter()
                    .filter(|(_, g)| setting(g.record()) == setting_)
                    .copied()
                    .collect();
                Sheet::new(suite, table, setting_, &alike, results.measured_rows_only)
            }));
        }
    }
    sheets
}

fn rows_of<'a>(
    group: &Group<'a>,
    table: &'a PublishedTable,
) -> impl Iterator<Item = usize> + use<'a> {
    let placements = group.record().placements.iter();
    let rows = placements.filter(|placement| placement.table == table.id).map(|p| p.row);
    rows.filter(|row| *row < table.rows.len())
}

fn setting(record: &Record) -> [&str; 3] {
    [&record.budget, &record.protocol, &record.extractor_sha256]
}

impl<'a> Sheet<'a> {
    fn new(
        suite: &'a str,
        table: &'a PublishedTable,
        setting: [&'a str; 3],
        placed: &[(usize, &'a Group<'a>)],
        measured_only: bool,
    ) -> Self {
        let mut entries = Vec::new();
        for (row, published) in table.rows.iter().enumerate() {
            let groups: Vec<&Group<'_>> =
                placed.iter().filter(|(place, _)| *place == row).map(|(_, group)| *group).collect();
            if groups.is_empty() && !measured_only {
                entries.push(Entry { row, title: published.title.clone(), group: None });
            }
            let several = groups.len() > 1;
            entries.extend(groups.into_iter().map(|group| Entry {
                row,
                title: match (several, group.distinction.as_str()) {
                    (false, _) => published.title.clone(),
                    (true, "") => format!("{} ({})", published.title, group.label),
                    (true, distinction) => format!("{} ({distinction})", published.title),
                },
                group: Some(group),
            }));
        }
        let records = placed.iter().flat_map(|(_, group)| &group.runs).map(|run| &run.record);
        let measures = union(records.map(|record| record.measures.as_slice()));
        Self { suite, table, setting, entries, measures }
    }

    /// How a metric is presented, where the runs know it.
    pub(super) fn measure(&self, key: &str) -> Option<&'a Measure> {
        self.measures.iter().find(|measure| measure.key == key).copied()
    }

    /// The leading measure of the runs.
    pub(super) fn leading(&self) -> Option<&'a Measure> {
        self.measures.first().copied()
    }

    /// The title of a metric where its `score` stands: published values are called as their source calls them.
    pub(super) fn title(&self, key: &str, score: Score) -> String {
        let published = self.measure(key).filter(|_| score == Score::Published);
        let known = published.map(|measure| measure.published_title().to_owned());
        let known = known.or_else(|| self.measures.iter().find_map(|own| own.title_of(key)));
        known.unwrap_or_else(|| key.to_owned())
    }

    /// The values shown of a metric: the published one only where the source has some.
    pub(super) fn scores(&self, key: &str) -> Vec<Score> {
        let published = self.table.rows.iter().any(|row| row.published.contains_key(key));
        let scores = [Score::Published, Score::Measured, Score::Untrained];
        scores.into_iter().filter(|score| published || *score != Score::Published).collect()
    }

    pub(super) fn sample(&self, entry: &Entry<'_>, key: &str, score: Score) -> Option<Sample> {
        match score {
            Score::Published => {
                Sample::of(&[*self.table.rows.get(entry.row)?.published.get(key)?])
            }
            Score::Measured => entry.group?.sample(|record| self.measured(record, key)),
            Score::Untrained => entry.group?.sample(|record| record.untrained_metric(key)),
        }
    }

    /// The value that the source would report of a run: of the best evaluation, or of the last one, and of that too
    /// where no best one was kept.
    fn measured(&self, record: &Record, key: &str) -> Option<f64> {
        match (self.table.reports, &record.best) {
            (Reports::Best, Some(_)) => record.best_metric(key),
            (Reports::Best, None) | (Reports::Last, _) => record.metric(key),
        }
    }

    /// Which entries are the best in each of the table's metrics.
    pub(super) fn verdict(&self) -> Verdict {
        let mut disciplines = Vec::new();
        for key in &self.table.metrics {
            let sample = |entry| self.sample(entry, key, Score::Measured);
            // What no run knows has no direction and no winner.
            let (direction, samples) = match self.measure(key) {
                Some(measure) => (measure.direction, self.entries.iter().map(sample).collect()),
                None => (Direction::LowerIsBetter, vec![None; self.entries.len()]),
            };
            disciplines.push(Discipline { direction, samples });
        }
        let class = |entry: &Entry<'a>| {
            let group = entry.group.filter(|group| !group.is_real())?;
            Some(group.record().dataset.as_str())
        };
        judge(&disciplines, &self.entries.iter().map(class).collect::<Vec<_>>())
    }

    /// Which of a run's scores an entry shows, such as `best of 8 evaluations, at step 1500`.
    pub(super) fn shown(&self, entry: &Entry<'_>) -> Option<String> {
        let group = entry.group.filter(|group| !group.is_real())?;
        let steps_of = |runs: &[&Run], step: fn(&Run) -> u64| {
            let steps: BTreeSet<u64> = runs.iter().map(|run| step(run)).collect();
            let plural = if steps.len() > 1 { "steps" } else { "step" };
            count_range(steps.into_iter()).map(|steps| format!("{plural} {steps}"))
        };
        let best: Vec<&Run> =
            group.seeds.iter().copied().filter(|run| run.record.best.is_some()).collect();
        if self.table.reports == Reports::Best && !best.is_empty() {
            let counts = best.iter().map(|run| run.trained_evaluations() as u64);
            let count = count_range(counts).unwrap_or_default();
            let steps = steps_of(&best, |run| run.record.best.as_ref().map_or(0, |b| b.step))?;
            // A run whose history is lost is known by its record alone.
            return Some(match count.as_str() {
                "0" => format!("best, at {steps}"),
                "1" => format!("only evaluation, at {steps}"),
                count => format!("best of {count} evaluations, at {steps}"),
            });
        }
        let scored: Vec<&Run> =
            group.seeds.iter().copied().filter(|run| !run.record.metrics.is_empty()).collect();
        Some(format!("last, at {}", steps_of(&scored, |run| run.record.steps)?))
    }

    /// What [`Self::shown`] says of every entry that was measured, where it says the same of all.
    pub(super) fn shared_shown(&self) -> Option<String> {
        let mut all = self.entries.iter().filter_map(|entry| self.shown(entry));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// How many seeds every entry that was measured has, where all have the same number.
    pub(super) fn shared_seeds(&self) -> Option<usize> {
        let trained = self.entries.iter().filter_map(|entry| entry.group);
        let mut all = trained.filter(|group| !group.is_real()).map(|group| group.seeds.len());
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// Why an entry's measured values must not be read beside the published ones, beyond what its records say.
    pub(super) fn mismatch(&self, entry: &Entry<'_>) -> Option<String> {
        let group = entry.group.filter(|group| !group.is_real())?;
        let lacks = |record: &Record| record.best.is_none() && !record.metrics.is_empty();
        let lacking = group.seeds.iter().any(|run| lacks(&run.record));
        (self.table.reports == Reports::Best && lacking).then(|| {
            "Not comparable with published values: the source reports the best evaluation, and of this run only the \
             last is known."
                .to_owned()
        })
    }

    /// The entries whose measured values stand beside a published one and must not be compared with it.
    pub(super) fn incomparable(&self, key: &str) -> Vec<usize> {
        let marked = |entry: &Entry<'_>| {
            let both = [Score::Published, Score::Measured];
            both.into_iter().all(|score| self.sample(entry, key, score).is_some())
                && (self.mismatch(entry).is_some()
                    || entry.group.is_some_and(|group| {
                        group.runs.iter().any(|run| !run.record.incomparable.is_empty())
                    }))
        };
        (0..self.entries.len()).filter(|&index| marked(&self.entries[index])).collect()
    }
}
