//! What the runs of a table were: what they share stands in the caption, what differs in columns.

use std::collections::BTreeMap;

use polars::prelude::Column;

use super::columns::{optional_texts, text_column, texts};
use crate::cohort::count_range;
use crate::record::{Kind, Record};
use crate::settings::{differing, short_names, shown, values};
use crate::table::{Content, Footnote, HumanColumn};

/// More settings than this do not become columns.
const MOST_SETTINGS: usize = 4;

/// A fact on a run: machine column, heading, value.
type Fact = (&'static str, &'static str, fn(&Record) -> &str);

/// Facts that a caption states once where all runs share them, and that are columns where they do not.
const FACTS: &[Fact] = &[
    ("suite", "Suite", |record| &record.suite),
    ("dataset", "Dataset", |record| &record.dataset),
    ("budget", "Budget", |record| &record.budget),
    ("protocol", "Protocol", |record| &record.protocol),
    ("extractor", "Extractor", |record| &record.extractor),
];

/// What must be equal for two rows to compete.
pub(crate) fn class(record: &Record) -> ([&str; 7], [Option<u64>; 2]) {
    let Record { suite, dataset, split, budget, protocol, extractor, extractor_sha256, .. } =
        record;
    (
        [suite, dataset, split, budget, protocol, extractor, extractor_sha256],
        [record.n_generated, record.n_reference],
    )
}

/// What must be equal for two values to be measured alike, whatever was trained.
pub(crate) fn scored_alike(record: &Record) -> ([&str; 5], [Option<u64>; 2]) {
    let Record { dataset, split, protocol, extractor, extractor_sha256, .. } = record;
    (
        [dataset, split, protocol, extractor, extractor_sha256],
        [record.n_generated, record.n_reference],
    )
}

fn shared<'a>(records: &[&'a Record], value: fn(&Record) -> &str) -> Option<&'a str> {
    let first = value(records.first()?);
    records.iter().all(|record| value(record) == first).then_some(first)
}

/// The facts all runs share, and the sample counts.
pub(super) fn sentence_of(records: &[&Record]) -> String {
    let mut facts: Vec<String> = FACTS
        .iter()
        .filter_map(|(_, heading, value)| {
            Some(format!("{} {}", heading.to_lowercase(), shared(records, *value)?))
        })
        .collect();
    if let Some(count) = count_range(records.iter().filter_map(|record| record.n_generated)) {
        facts.push(format!("{count} generated images"));
    }
    if let Some(count) = count_range(records.iter().filter_map(|record| record.n_reference)) {
        facts.push(format!("{count} reference images"));
    }
    super::remarks::sentence(&facts.join(", "))
}

/// The columns that say what each row is, for rows with these records: name, variant, facts, settings that differ
/// between runs of one variant, and the experiment.
pub(super) struct Identity<'a> {
    records: Vec<&'a Record>,
    /// Keys of the settings that are columns.
    settings: Vec<&'a str>,
    /// Keys of those that differ as well.
    further: Vec<&'a str>,
}

impl<'a> Identity<'a> {
    pub(super) fn new(records: Vec<&'a Record>) -> Self {
        let mut settings = telling_settings(&records);
        let further = settings.split_off(settings.len().min(MOST_SETTINGS));
        Self { records, settings, further }
    }

    /// The machine columns.
    pub(super) fn columns(&self) -> Vec<Column> {
        let records = || self.records.iter().copied();
        let mut columns = vec![
            texts("suite", records().map(|record| record.suite.as_str())),
            texts("name", records().map(|record| record.name.as_str())),
            texts("variant", records().map(|record| record.variant.as_str())),
            texts("dataset", records().map(|record| record.dataset.as_str())),
            texts("budget", records().map(|record| record.budget.as_str())),
            texts("protocol", records().map(|record| record.protocol.as_str())),
            texts("extractor", records().map(|record| record.extractor.as_str())),
            texts("experiment", records().map(|record| record.experiment.as_str())),
        ];
        columns.extend(self.settings.iter().map(|key| {
            let value = |record: &'a Record| record.settings.get(*key);
            optional_texts(key, records().map(|record| Some(shown(Some(value(record)?)))))
        }));
        columns
    }

    /// What people see of them.
    pub(super) fn human_columns(&self) -> Vec<HumanColumn> {
        let mut columns = vec![text_column("Run", "name")];
        let runs = || self.records.iter().filter(|record| record.kind == Kind::Run);
        if runs().any(|record| record.variant != record.name) {
            columns.push(text_column("Variant", "variant"));
        }
        let differing = FACTS.iter().filter(|(.., value)| shared(&self.records, *value).is_none());
        columns.extend(differing.map(|(column, heading, _)| text_column(heading, column)));
        let names = short_names(&self.settings);
        columns.extend(self.settings.iter().zip(names).map(|(key, name)| text_column(name, key)));
        if self.names_repeat() {
            let content = Content::Hash("experiment".to_owned());
            columns.push(HumanColumn::new("Experiment", content));
        }
        columns
    }

    /// Whether one name stands for several experiments.
    fn names_repeat(&self) -> bool {
        let mut experiments: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        self.records.iter().any(|record| {
            let first =
                experiments.entry((&record.suite, &record.name)).or_insert(&record.experiment);
            *first != record.experiment
        })
    }

    /// The settings that differ as well and are no columns.
    pub(super) fn footnote(&self) -> Option<Footnote> {
        if self.further.is_empty() {
            return None;
        }
        let told = self.further.iter().take(2 * MOST_SETTINGS).map(|key| {
            let values: Vec<&str> = values(&self.records, key).into_iter().map(shown).collect();
            format!("{key} ({})", values.join(", "))
        });
        let mut text = format!(
            "Settings that differ between runs of one variant as well: {}",
            told.collect::<Vec<_>>().join("; ")
        );
        match self.further.len().saturating_sub(2 * MOST_SETTINGS) {
            0 => text.push('.'),
            more => text.push_str(&format!("; and {more} more.")),
        }
        Some(Footnote::general(text))
    }
}

/// Keys of the settings that differ between runs of one variant, those with the most values first. Between variants
/// nearly all differ, and the variant's name says so.
fn telling_settings<'a>(records: &[&'a Record]) -> Vec<&'a str> {
    let mut kin: BTreeMap<[&str; 4], Vec<&'a Record>> = BTreeMap::new();
    for &record in records {
        let key = [&record.suite, &record.variant, &record.dataset, &record.budget];
        kin.entry(key.map(String::as_str)).or_default().push(record);
    }
    let mut settings: Vec<(usize, &'a str)> = Vec::new();
    for records in kin.values() {
        for key in differing(records) {
            let count = values(records, key).len();
            match settings.iter_mut().find(|(_, known)| *known == key) {
                Some((most, _)) => *most = count.max(*most),
                None => settings.push((count, key)),
            }
        }
    }
    settings.sort_by_key(|&(count, key)| (std::cmp::Reverse(count), key));
    settings.into_iter().map(|(_, key)| key).collect()
}
