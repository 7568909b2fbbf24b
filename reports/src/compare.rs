//! Two experiments side by side: how much they differ, how sure that is, and how many seeds would settle it.

mod resolve;
mod table;

use serde::Serialize;

use crate::cohort::count_range;
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::{Direction, Measure};
use crate::record::Record;
use crate::results::Results;
use crate::settings::shown;
use crate::statistics::{Sample, seeds_needed, welch};
use resolve::resolve;

/// Two experiments, measure by measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first experiment.
    pub a: Side,
    /// The second one.
    pub b: Side,
    /// Every measure both have, in the order in which they are shown.
    pub measures: Vec<Difference>,
    /// What must be known of the two, and how the numbers came about.
    pub notes: Vec<String>,
}

/// One experiment of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Its suite.
    pub suite: String,
    /// The run's name.
    pub name: String,
    /// The experiment's hash, 64 digits of hex.
    pub experiment: String,
    /// The budget's name.
    pub budget: String,
    /// Generator steps of each seed, in the order of [`Self::seeds`].
    pub steps: Vec<u64>,
    /// The seeds, each once.
    pub seeds: Vec<u64>,
}

/// Which evaluation of a run a value is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluation {
    /// The one after the last step.
    Last,
    /// The best one by the leading measure.
    Best,
}

/// One measure of both experiments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The measure's key, such as `fid`.
    pub key: String,
    /// Its title, such as `FID`.
    pub title: String,
    /// Which way it improves.
    pub direction: Direction,
    /// Decimals where people read it.
    pub decimals: usize,
    /// Which evaluation the values are of.
    pub evaluation: Evaluation,
    /// The first experiment's seeds.
    pub a: Estimate,
    /// The second one's.
    pub b: Estimate,
    /// Mean of the first less mean of the second.
    pub difference: f64,
    /// 95 % interval of the difference, by Welch's t; `None` where a side has one seed.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p-value of no difference, by Welch's test; `None` where a side has one seed.
    pub p: Option<f64>,
    /// Seeds that each side would need for a test at 5 % to find this difference with a power of 80 %; `None` where a
    /// side has one seed, or where there is no difference.
    pub seeds_needed: Option<u64>,
}

/// A mean over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Seeds that have a value.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (divisor n - 1); `None` for one.
    pub std: Option<f64>,
}

/// Compares two experiments of a results folder, each named by a run's name, by `suite/name`, or by the first digits of
/// an experiment's hash.
///
/// # Errors
/// [`ReportError::UnknownRun`] and [`ReportError::AmbiguousRun`], which list what there is, and
/// [`ReportError::NotComparable`] where dataset, split, protocol, extractor or counts differ: budget and steps may.
pub fn compare(results: &Results, a: &str, b: &str) -> Result<Comparison, ReportError> {
    let groups = groups(&results.runs);
    let (group_a, group_b) = (resolve(&groups, a)?, resolve(&groups, b)?);
    let reasons = obstacles(group_a, group_b);
    if !reasons.is_empty() {
        let [a, b] = [a, b].map(str::to_owned);
        return Err(ReportError::NotComparable { a, b, reasons: reasons.join("; ") });
    }
    Ok(Comparison {
        a: side(group_a),
        b: side(group_b),
        measures: differences(group_a, group_b),
        notes: notes(group_a, group_b),
    })
}

/// What a fact on a record is called, and the fact.
type Fact = (&'static str, fn(&Record) -> Option<String>);

/// Why values of one must not be held against values of the other. What one of them does not tell is no reason.
fn obstacles(a: &Group<'_>, b: &Group<'_>) -> Vec<String> {
    let facts: [Fact; 8] = [
        ("dataset", |record| Some(record.dataset.clone())),
        ("contents of the dataset", |record| Some(record.dataset_sha256.clone())),
        ("split", |record| Some(record.split.clone())),
        ("image size", |record| (record.image_size > 0).then(|| record.image_size.to_string())),
        ("protocol", |record| Some(record.protocol.clone())),
        ("extractor", |record| Some(record.extractor_sha256.clone())),
        ("generated images", |record| Some(record.n_generated?.to_string())),
        ("reference images", |record| Some(record.n_reference?.to_string())),
    ];
    let obstacle = |(fact, value): Fact| {
        let of = |group: &Group<'_>| {
            group.runs.iter().find_map(|run| value(&run.record).filter(|told| !told.is_empty()))
        };
        let (a, b) = (of(a)?, of(b)?);
        (a != b).then(|| format!("{fact} {} and {}", shown(Some(&a)), shown(Some(&b))))
    };
    facts.into_iter().filter_map(obstacle).collect()
}

fn side(group: &Group<'_>) -> Side {
    let record = group.record();
    Side {
        suite: record.suite.clone(),
        name: record.name.clone(),
        experiment: record.experiment.clone(),
        budget: record.budget.clone(),
        steps: group.seeds.iter().map(|run| run.record.steps).collect(),
        seeds: group.seeds.iter().map(|run| run.record.seed).collect(),
    }
}

/// Every common measure after the last step; the leading one at the best step as well.
fn differences(a: &Group<'_>, b: &Group<'_>) -> Vec<Difference> {
    let known = |measure: &&Measure| b.record().measures.iter().any(|m| m.key == measure.key);
    let mut differences = Vec::new();
    for (index, measure) in a.record().measures.iter().filter(known).enumerate() {
        let of = |evaluation: Evaluation| {
            let value = |record: &Record| match evaluation {
                Evaluation::Last => record.metric(&measure.key),
                Evaluation::Best => record.best_metric(&measure.key),
            };
            Some(difference(measure, evaluation, a.sample(value)?, b.sample(value)?))
        };
        differences.extend(of(Evaluation::Last));
        if index == 0 {
            differences.extend(of(Evaluation::Best));
        }
    }
    differences
}

fn difference(measure: &Measure, evaluation: Evaluation, a: Sample, b: Sample) -> Difference {
    let welch = welch(&a, &b);
    let estimate = |Sample { n, mean, std }: Sample| Estimate { n, mean, std };
    Difference {
        key: measure.key.clone(),
        title: measure.title.clone(),
        direction: measure.direction,
        decimals: measure.decimals,
        evaluation,
        a: estimate(a),
        b: estimate(b),
        difference: a.mean - b.mean,
        interval: welch.map(|welch| welch.interval),
        p: welch.map(|welch| welch.p),
        seeds_needed: seeds_needed(&a, &b),
    }
}

fn notes(a: &Group<'_>, b: &Group<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let steps = |group: &Group<'_>| {
        count_range(group.seeds.iter().map(|run| run.record.steps)).unwrap_or_default()
    };
    if (a.record().budget.as_str(), steps(a)) != (b.record().budget.as_str(), steps(b)) {
        notes.push(format!(
            "trained differently long: A {} steps under budget {}, B {} steps under budget {}",
            steps(a),
            a.record().budget,
            steps(b),
            b.record().budget
        ));
    }
    for (name, group) in [("A", a), ("B", b)] {
        notes.extend(group.ending().map(|ending| format!("{name}: {ending}")));
        if group.seeds.len() == 1 {
            notes.push(format!(
                "{name} has one seed: nothing can be said of how sure a difference is"
            ));
        }
    }
    notes.push("differences are A − B with Welch's 95 % interval and two-sided p, for each measure by itself".to_owned());
    notes.push(
        "seeds needed a side: 2 (z₀.₉₇₅ + z₀.₈)² s² / d² + z₀.₉₇₅² / 4 with difference d and mean variance s² as seen here, for \
         5 % two-sided and a power of 80 % (Guenther 1981, “Sample size formulas for normal theory t tests”)"
            .to_owned(),
    );
    notes
}
