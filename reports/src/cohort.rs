//! Cohorts: the groups whose measures may stand in one figure, because they were measured alike.

use std::collections::BTreeMap;

use crate::group::{Group, groups};
use crate::measure::{Measure, union};
use crate::naming::{UniqueNames, file_stem};
use crate::record::Record;
use crate::run::Run;

/// Groups of one suite, dataset and budget that were scored by one protocol with one extractor.
#[derive(Debug)]
pub(crate) struct Cohort<'a> {
    /// End of the file names of this cohort's figures: `<suite>-<dataset>`, and more where that is ambiguous.
    pub(crate) stem: String,
    /// Groups of trained generators, in the order of the runs given; not empty.
    pub(crate) groups: Vec<Group<'a>>,
    /// Real images, scored alike.
    pub(crate) real: Vec<Group<'a>>,
    /// The measures of the runs, the leading one first; not empty.
    pub(crate) measures: Vec<&'a Measure>,
}

/// Splits runs into cohorts, ordered by suite, dataset, budget, protocol and extractor. Those without a generator or
/// without a measure are left out.
pub(crate) fn cohorts(runs: &[Run]) -> Vec<Cohort<'_>> {
    let mut by_key: BTreeMap<CohortKey<'_>, Vec<Group<'_>>> = BTreeMap::new();
    for group in groups(runs) {
        by_key.entry(cohort_key(group.record())).or_default().push(group);
    }
    let keys: Vec<CohortKey<'_>> = by_key.keys().copied().collect();
    let mut stems = UniqueNames::default();
    by_key
        .into_iter()
        .filter_map(|(key, all)| {
            let stem = stems.claim(stem(key, &keys));
            let (real, groups): (Vec<_>, Vec<_>) = all.into_iter().partition(Group::is_real);
            let records = groups.iter().flat_map(|group| &group.runs).map(|run| &run.record);
            let measures = union(records.map(|record| record.measures.as_slice()));
            (!measures.is_empty()).then_some(Cohort { stem, groups, real, measures })
        })
        .collect()
}

/// Suite, dataset, budget, protocol, extractor's name and hash.
type CohortKey<'a> = [&'a str; 6];

fn cohort_key(record: &Record) -> CohortKey<'_> {
    [
        &record.suite,
        &record.dataset,
        &record.budget,
        &record.protocol,
        &record.extractor,
        &record.extractor_sha256,
    ]
}

fn stem(key: CohortKey<'_>, keys: &[CohortKey<'_>]) -> String {
    let siblings: Vec<_> = keys.iter().filter(|other| other[..2] == key[..2]).collect();
    let mut parts = key[..2].to_vec();
    for field in 2..key.len() {
        if siblings.iter().any(|sibling| sibling[field] != key[field]) {
            // A hash says enough in a few digits.
            let digits = if field == key.len() - 1 { 8 } else { usize::MAX };
            parts.push(key[field].get(..digits).unwrap_or(key[field]));
        }
    }
    file_stem(&parts).chars().take(LONGEST_STEM).collect()
}

/// Longest name of a cohort, in characters: room for the rest in the 255 that file systems allow.
const LONGEST_STEM: usize = 140;

impl<'a> Cohort<'a> {
    /// What a figure of a measure is called: its key, what the figure shows of it, and the cohort.
    pub(crate) fn file(&self, measure: &Measure, parts: &[&str]) -> String {
        self.named(&[&[measure.key.as_str()], parts].concat())
    }

    /// What a figure of the cohort is called: some parts, and the cohort, whose name is whole.
    pub(crate) fn named(&self, parts: &[&str]) -> String {
        format!("{}-{}", file_stem(parts), self.stem)
    }

    /// The records of the trained generators.
    pub(crate) fn records(&self) -> impl Iterator<Item = &'a Record> + Clone {
        self.groups.iter().flat_map(|group| group.runs.iter().map(|run| &run.record))
    }

    /// The dataset and the budget.
    pub(crate) fn setting(&self) -> String {
        let record = self.groups[0].record();
        format!("{}, {} budget", record.dataset, record.budget)
    }

    /// What produced the numbers: extractor, protocol and sample counts.
    pub(crate) fn provenance(&self) -> String {
        provenance(self.records())
    }

    /// How many seeds the groups have, such as `3 seeds` or `1 to 3 seeds`.
    pub(crate) fn seeds(&self) -> String {
        let counts = self.groups.iter().map(|group| group.seeds.len() as u64);
        match count_range(counts).unwrap_or_default().as_str() {
            "1" => "1 seed".to_owned(),
            range => format!("{range} seeds"),
        }
    }

    /// The sentence that keeps a figure from being read beside published ones, if it must not be.
    pub(crate) fn caveat(&self) -> Option<String> {
        caveat(self.records())
    }
}

/// What produced the numbers of some records: extractors, protocols and sample counts.
pub(crate) fn provenance<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> String {
    let names = |value: fn(&Record) -> &str| {
        let mut names: Vec<&str> = Vec::new();
        for name in records.clone().map(value) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    };
    let generated = count_range(records.clone().filter_map(|record| record.n_generated));
    let reference = count_range(records.clone().filter_map(|record| record.n_reference));
    let mut parts = vec![
        format!("Extractor {}", names(|record| &record.extractor)),
        format!("protocol {}", names(|record| &record.protocol)),
    ];
    match (generated, reference) {
        (Some(generated), Some(reference)) => parts.push(format!("n = {generated} vs {reference}")),
        (Some(generated), None) => parts.push(format!("n = {generated}")),
        _ => {}
    }
    parts.join(", ")
}

/// More reasons than this are left to the tables.
const MOST_REASONS: usize = 2;

/// The sentence to show with a figure of these records when some must not be read beside published ones, with the
/// reasons.
pub(crate) fn caveat<'a>(records: impl IntoIterator<Item = &'a Record>) -> Option<String> {
    let (mut all, mut reasons) = (true, Vec::<&str>::new());
    for record in records {
        all &= !record.incomparable.is_empty();
        let new = record.incomparable.iter().map(String::as_str);
        reasons.extend(new.filter(|reason| !reasons.contains(reason)).collect::<Vec<_>>());
    }
    let subject = if all { "Not" } else { "Some of these runs are not" };
    let more = reasons.len().saturating_sub(MOST_REASONS);
    let shown = reasons.get(..MOST_REASONS).unwrap_or(&reasons).join("; ");
    match (reasons.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("{subject} comparable with published values: {shown}.")),
        (false, _) => Some(format!(
            "{subject} comparable with published values: {shown}; and {more} more (see the tables)."
        )),
    }
}

/// `2000`, or `500 to 2000` where runs differ; `None` for no counts.
pub(crate) fn count_range(counts: impl Iterator<Item = u64>) -> Option<String> {
    let counts: Vec<u64> = counts.collect();
    let (low, high) = (counts.iter().min()?, counts.iter().max()?);
    Some(if low == high { low.to_string() } else { format!("{low} to {high}") })
}
