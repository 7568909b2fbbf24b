//! Names for runs and files: what a legend calls a run and what its figures are called on disk.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::groups;
use crate::run::Run;

/// Longest part of a file name, in bytes; five parts stay well under the 255 that file systems allow.
const LONGEST_PART: usize = 40;

/// A run with the names it goes by beside the other runs of its results folder.
#[derive(Debug, Clone)]
pub(crate) struct NamedRun<'a> {
    pub(crate) run: &'a Run,
    /// The label of its group.
    pub(crate) label: String,
    /// Start of the file names that belong to this run alone: `<suite>-<dataset>-<name>-s<seed>`.
    pub(crate) stem: String,
}

/// Names every run, group by group, so that no two runs share a stem.
pub(crate) fn name_runs(runs: &[Run]) -> Vec<NamedRun<'_>> {
    let mut twins: BTreeMap<_, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        twins.entry(twin_key(run)).or_default().push(run);
    }
    let mut stems = UniqueNames::default();
    let mut named = Vec::with_capacity(runs.len());
    for group in groups(runs) {
        for &run in &group.runs {
            let twins = &twins[&twin_key(run)];
            let record = &run.record;
            let of_budget = twins.iter().filter(|twin| twin.record.budget == record.budget).count();
            let seed = format!("s{}", record.seed);
            let mut parts = vec![record.suite.as_str(), &record.dataset, &record.name, &seed];
            if twins.len() > 1 {
                let by_hash = of_budget > 1;
                parts.push(if by_hash { record.short_experiment() } else { &record.budget });
            }
            let stem = stems.claim(file_stem(&parts));
            named.push(NamedRun { run, label: group.label.clone(), stem });
        }
    }
    named
}

/// More runs than this do not all have figures of their own.
const MOST_SHOWN: usize = 48;

/// The runs that have figures of their own: all of them, while they are few; else the first seed of each experiment, and
/// of many experiments those with the best leading measure.
pub(crate) fn shown_runs(runs: &[Run]) -> Vec<NamedRun<'_>> {
    let mut named = name_runs(runs);
    if runs.len() <= MOST_SHOWN {
        return named;
    }
    let mut first: Vec<&Run> = groups(runs).iter().map(|group| group.seeds[0]).collect();
    let leading = |run: &Run| {
        let measure = run.record.measures.first()?;
        Some((measure.direction, run.record.metric(&measure.key)?))
    };
    first.sort_by(|a, b| match (leading(a), leading(b)) {
        (Some((direction, a)), Some((_, b))) => direction.order(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    first.truncate(MOST_SHOWN);
    named.retain(|named| first.iter().any(|run| std::ptr::eq(*run, named.run)));
    named
}

fn twin_key(run: &Run) -> (&str, &str, &str, u64) {
    let record = &run.record;
    (&record.suite, &record.dataset, &record.name, record.seed)
}

/// Joins parts with hyphens into a file name of letters, digits, `.`, `_` and `-`; other characters become `_`.
pub(crate) fn file_stem(parts: &[&str]) -> String {
    let safe = parts.iter().map(|part| {
        part.chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
            .take(LONGEST_PART)
            .collect::<String>()
    });
    safe.collect::<Vec<_>>().join("-").trim_start_matches('.').to_owned()
}

/// Hands out names, numbering those already taken.
#[derive(Debug, Default)]
pub(crate) struct UniqueNames {
    taken: BTreeSet<String>,
}

impl UniqueNames {
    pub(crate) fn claim(&mut self, name: String) -> String {
        let unique = if self.taken.contains(&name) {
            (2..)
                .map(|number| format!("{name}-{number}"))
                .find(|candidate| !self.taken.contains(candidate))
                .unwrap_or(name)
        } else {
            name
        };
        self.taken.insert(unique.clone());
        unique
    }
}
