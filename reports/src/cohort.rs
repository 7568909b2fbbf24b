//! Cohorts: the runs whose metrics may stand in one figure, because they were measured alike.

use std::collections::BTreeMap;

use crate::naming::{NamedRun, UniqueNames, file_stem};
use crate::record::Record;

/// Runs of one suite, dataset and budget that were scored by one protocol with one extractor.
#[derive(Debug)]
pub(crate) struct Cohort<'a> {
    /// End of the file names of this cohort's figures: `<suite>-<dataset>`, and more where that is ambiguous.
    pub(crate) stem: String,
    /// In the order of the runs given.
    pub(crate) runs: Vec<NamedRun<'a>>,
}

/// Splits runs into cohorts, ordered by suite, dataset, budget, protocol and extractor.
pub(crate) fn cohorts<'a>(runs: &[NamedRun<'a>]) -> Vec<Cohort<'a>> {
    let mut groups: BTreeMap<CohortKey<'a>, Vec<NamedRun<'a>>> = BTreeMap::new();
    for named in runs {
        groups.entry(cohort_key(&named.run.record)).or_default().push(named.clone());
    }
    let keys: Vec<CohortKey<'a>> = groups.keys().copied().collect();
    let mut stems = UniqueNames::default();
    groups
        .into_iter()
        .map(|(key, runs)| {
            let siblings: Vec<_> = keys.iter().filter(|other| other[..2] == key[..2]).collect();
            let mut parts = key[..2].to_vec();
            for field in 2..key.len() {
                if siblings.iter().any(|sibling| sibling[field] != key[field]) {
                    // A hash says enough in a few digits.
                    let digits = if field == key.len() - 1 { 8 } else { usize::MAX };
                    parts.push(key[field].get(..digits).unwrap_or(key[field]));
                }
            }
            Cohort { stem: stems.claim(file_stem(&parts)), runs }
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

impl<'a> Cohort<'a> {
    /// The runs of each label, one entry a seed, labels in the order of their first run.
    pub(crate) fn variants(&self) -> Vec<(&str, Vec<&NamedRun<'a>>)> {
        let mut variants: Vec<(&str, Vec<&NamedRun<'a>>)> = Vec::new();
        for named in &self.runs {
            match variants.iter_mut().find(|(label, _)| *label == named.label) {
                Some((_, seeds)) => seeds.push(named),
                None => variants.push((&named.label, vec![named])),
            }
        }
        variants
    }

    /// The dataset and the budget.
    pub(crate) fn setting(&self) -> String {
        self.runs.first().map_or_else(String::new, |named| {
            format!("{}, {} budget", named.run.record.dataset, named.run.record.budget)
        })
    }

    /// What produced the numbers: extractor, protocol and sample counts.
    pub(crate) fn provenance(&self) -> String {
        let Some(first) = self.runs.first() else {
            return String::new();
        };
        let record = &first.run.record;
        let generated =
            count_range(self.runs.iter().filter_map(|named| named.run.record.n_generated));
        let reference =
            count_range(self.runs.iter().filter_map(|named| named.run.record.n_reference));
        let mut parts = vec![
            format!("extractor {}", record.extractor),
            format!("protocol {}", record.protocol),
        ];
        match (generated, reference) {
            (Some(generated), Some(reference)) => {
                parts.push(format!("n = {generated} vs {reference}"))
            }
            (Some(generated), None) => parts.push(format!("n = {generated}")),
            _ => {}
        }
        parts.join(", ")
    }

    /// The sentence that keeps a figure from being read beside published ones, if it must not be.
    pub(crate) fn caveat(&self) -> Option<&'static str> {
        caveat(self.runs.iter().map(|named| &named.run.record))
    }
}

/// The sentence to show with these records' numbers when some must not be read beside published ones.
pub(crate) fn caveat<'a>(records: impl IntoIterator<Item = &'a Record>) -> Option<&'static str> {
    let (mut any, mut all) = (false, true);
    for record in records {
        any |= !record.incomparable.is_empty();
        all &= !record.incomparable.is_empty();
    }
    match (any, all) {
        (true, true) => Some("Not comparable with published values."),
        (true, false) => Some("Some of these runs are not comparable with published values."),
        (false, _) => None,
    }
}

/// `2000`, or `500 to 2000` where runs differ; `None` for no counts.
pub(crate) fn count_range(counts: impl Iterator<Item = u64>) -> Option<String> {
    let counts: Vec<u64> = counts.collect();
    let (low, high) = (counts.iter().min()?, counts.iter().max()?);
    Some(if low == high { low.to_string() } else { format!("{low} to {high}") })
}
