//! What the page calls a run, and where on the page it stands.

use std::collections::BTreeSet;

use crate::naming::{UniqueNames, name_runs};
use crate::record::Record;
use crate::run::Run;

/// A run as the page shows it.
pub(super) struct LabelledRun<'a> {
    pub(super) run: &'a Run,
    /// Tells it from every other run of the page: name, seed, and suite, dataset or budget where those differ.
    pub(super) label: String,
    /// What it and its other seeds are called together.
    pub(super) group: String,
}

/// Labels every run, group by group.
pub(super) fn label_runs(runs: &[Run]) -> Vec<LabelledRun<'_>> {
    let varies = |value: fn(&Record) -> &str| {
        runs.iter().map(|run| value(&run.record)).collect::<BTreeSet<_>>().len() > 1
    };
    let suites = varies(|record| &record.suite);
    let datasets = varies(|record| &record.dataset);
    let budgets = varies(|record| &record.budget);
    let mut labels = UniqueNames::default();
    let labelled = name_runs(runs).into_iter().map(|named| {
        let record = &named.run.record;
        let mut label = named.label;
        if suites {
            label = format!("{}/{label}", record.suite);
        }
        if datasets {
            label.push_str(&format!(" on {}", record.dataset));
        }
        if budgets {
            label.push_str(&format!(", {} budget", record.budget));
        }
        let group = label.clone();
        label.push_str(&format!(", seed {}", record.seed));
        LabelledRun { run: named.run, label: labels.claim(label), group }
    });
    labelled.collect()
}
