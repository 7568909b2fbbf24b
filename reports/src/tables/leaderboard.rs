//! `tables/leaderboard-<dataset>.*`: the experiments of all suites on one dataset, best first.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use polars::prelude::Column;

use super::Tabulation;
use super::columns::{count_column, counts, frame, number_column, numbers};
use super::remarks::Remarks;
use super::setting::{Identity, scored_alike, sentence_of};
use crate::contest::{Discipline, judge};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::{Measure, union_over_extractors};
use crate::naming::{UniqueNames, file_stem};
use crate::record::Record;
use crate::results::Results;
use crate::table::{Content, Decimals, Footnote, HumanColumn, Table};

/// One table a dataset that several suites train on.
pub struct Leaderboard;

const RANK: &str = "rank";
const SEEDS: &str = "seeds";
const SECONDS: &str = "wall_seconds";

impl Tabulation for Leaderboard {
    fn name(&self) -> &'static str {
        "leaderboard"
    }

    fn doc(&self) -> &'static str {
        "the experiments of all suites on one dataset, best first, ranked among those scored alike"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let groups = groups(&results.runs);
        let datasets: BTreeSet<&str> =
            groups.iter().map(|group| group.record().dataset.as_str()).collect();
        let mut names = UniqueNames::default();
        let mut tables = Vec::new();
        for dataset in datasets {
            let own: Vec<&Group<'_>> =
                groups.iter().filter(|group| group.record().dataset == dataset).collect();
            let trained = own.iter().filter(|group| !group.is_real());
            let suites: BTreeSet<&str> = trained.map(|g| g.record().suite.as_str()).collect();
            if suites.len() > 1 {
                let name = names.claim(file_stem(&[self.name(), dataset]));
                tables.push(table(name, dataset, own)?);
            }
        }
        Ok(tables)
    }
}

fn table(name: String, dataset: &str, mut own: Vec<&Group<'_>>) -> Result<Table, ReportError> {
    let measures =
        union_over_extractors(own.iter().map(|group| group.record().measures.as_slice()));
    let measures: Vec<&Measure> = measures.iter().collect();
    if let Some(leading) = measures.first() {
        own.sort_by(|a, b| order(a, b, leading));
    }
    let records: Vec<&Record> = own.iter().map(|group| group.record()).collect();
    let identity = Identity::new(records.clone());
    let disciplines: Vec<Discipline> = measures
        .iter()
        .map(|measure| Discipline {
            direction: measure.direction,
            samples: own.iter().map(|g| g.sample(|record| record.metric(&measure.key))).collect(),
        })
        .collect();
    let classes: Vec<_> =
        own.iter().map(|group| (!group.is_real()).then(|| scored_alike(group.record()))).collect();
    let verdict = judge(&disciplines, &classes);

    let mut columns = vec![counts(RANK, ranks(&own, measures.first().copied()).into_iter())];
    columns.extend(identity.columns());
    columns.push(counts(SEEDS, own.iter().map(|group| Some(group.seeds.len() as u64))));
    let mut human = identity.human_columns();
    human.push(count_column("Rank", RANK));
    human.push(count_column("Seeds", SEEDS));
    for ((measure, discipline), bold) in measures.iter().zip(&disciplines).zip(&verdict.best) {
        let samples = || discipline.samples.iter().map(Option::as_ref);
        let [mean, std] = [measure.key.clone(), format!("{}_std_over_seeds", measure.key)];
        columns.push(numbers(&mean, samples().map(|sample| Some(sample?.mean))));
        columns.push(numbers(&std, samples().map(|sample| sample?.std)));
        let decimals = Decimals::Fixed(measure.decimals);
        let content = Content::Estimate { mean, std, interval: None, n: None, decimals };
        human.push(HumanColumn {
            unit: measure.unit.clone(),
            direction: Some(measure.direction),
            bold: bold.clone(),
            ..HumanColumn::new(&measure.title, content)
        });
    }
    columns.push(seconds(&own));
    let time = number_column("Time", SECONDS, 0);
    human.push(HumanColumn { unit: "s".to_owned(), ..time });

    let mut caption = format!("All suites on {dataset}, best first. {}", sentence_of(&records));
    if let Some(bold) = verdict.sentence() {
        caption.push_str(&format!(" {bold}"));
    }
    Ok(Table {
        caption,
        frame: frame(&name, columns)?,
        columns: human,
        across: false,
        footnotes: footnotes(&own),
        name,
    })
}

/// Those scored alike beside each other, real images first, then the best; what has no value last.
fn order(a: &Group<'_>, b: &Group<'_>, leading: &Measure) -> Ordering {
    let value = |group: &Group<'_>| Some(group.sample(|r| r.metric(&leading.key))?.mean);
    let alike = scored_alike(a.record()).cmp(&scored_alike(b.record()));
    alike.then(b.is_real().cmp(&a.is_real())).then_with(|| match (value(a), value(b)) {
        (Some(a), Some(b)) => leading.direction.order(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    })
}

/// Ranks by the leading measure from 1 among those scored alike; equal values have equal ranks.
fn ranks(own: &[&Group<'_>], leading: Option<&Measure>) -> Vec<Option<u64>> {
    let value = |group: &Group<'_>| {
        let leading = leading.filter(|_| !group.is_real())?;
        Some((leading.direction, group.sample(|record| record.metric(&leading.key))?.mean))
    };
    let rank = |group: &&Group<'_>| {
        let (direction, own_value) = value(group)?;
        let alike =
            own.iter().filter(|other| scored_alike(other.record()) == scored_alike(group.record()));
        let better = alike.filter_map(|other| value(other));
        Some(1 + better.filter(|(_, other)| direction.prefers(*other, own_value)).count() as u64)
    };
    own.iter().map(rank).collect()
}

fn seconds(own: &[&Group<'_>]) -> Column {
    let mean = |group: &&Group<'_>| Some(group.sample(|record| Some(record.wall_seconds))?.mean);
    numbers(SECONDS, own.iter().map(mean))
}

fn footnotes(own: &[&Group<'_>]) -> Vec<Footnote> {
    let mut remarks = Remarks::default();
    for (row, group) in own.iter().enumerate() {
        remarks.group(row, group);
    }
    let mut footnotes = remarks.footnotes();
    let note = "Ranks are by the leading measure, among experiments with the same protocol, extractor, split and numbers \
        of images; they may differ in budget and steps. Time is the mean wall time of a run, evaluation included."
        .to_owned();
    footnotes.push(Footnote::general(note));
    if own.iter().any(|group| group.seeds.len() > 1) {
        let text = "Mean ± standard deviation over seeds (divisor n − 1).".to_owned();
        footnotes.push(Footnote::general(text));
    }
    footnotes
}
