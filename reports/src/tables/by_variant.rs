//! `tables/by_variant.*`: mean, standard deviation and interval over seeds.

use polars::prelude::Column;

use super::Tabulation;
use super::columns::{count_column, counts, frame, numbers};
use super::remarks::Remarks;
use super::setting::{Identity, class, sentence_of};
use crate::contest::{Discipline, Verdict, judge};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::{Direction, Measure, union_over_extractors};
use crate::record::Record;
use crate::results::Results;
use crate::statistics::Sample;
use crate::table::{Content, Decimals, Footnote, HumanColumn, Table};

/// One row an experiment, over its seeds; made when some experiment has several.
pub struct ByVariant;

impl Tabulation for ByVariant {
    fn name(&self) -> &'static str {
        "by_variant"
    }

    fn doc(&self) -> &'static str {
        "mean, standard deviation and 95 % interval of each measure over the seeds of an experiment"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let groups = groups(&results.runs);
        if groups.iter().all(|group| group.seeds.len() < 2) {
            return Ok(Vec::new());
        }
        let records: Vec<&Record> = results.runs.iter().map(|run| &run.record).collect();
        let measures =
            union_over_extractors(records.iter().map(|record| record.measures.as_slice()));
        let measures: Vec<&Measure> = measures.iter().collect();
        let estimates = estimates(&groups, &measures);
        let verdict = verdict(&groups, &estimates);
        let identity = Identity::new(groups.iter().map(Group::record).collect());

        let mut columns = identity.columns();
        columns.push(counts(SEEDS, groups.iter().map(|group| Some(group.seeds.len() as u64))));
        columns.extend(estimates.iter().flat_map(Estimates::columns));
        let mut human = identity.human_columns();
        human.push(count_column("Seeds", SEEDS));
        let mut bold = verdict.best.iter();
        human.extend(estimates.iter().map(|estimates| HumanColumn {
            bold: estimates.direction.and_then(|_| bold.next()).cloned().unwrap_or_default(),
            ..estimates.human_column()
        }));

        let mut caption = format!("Mean over seeds. {}", sentence_of(&records));
        if let Some(bold) = verdict.sentence() {
            caption.push_str(&format!(" {bold}"));
        }
        Ok(vec![Table {
            name: self.name().to_owned(),
            caption,
            frame: frame(self.name(), columns)?,
            columns: human,
            across: false,
            footnotes: footnotes(&groups, &identity),
        }])
    }
}

const SEEDS: &str = "seeds";

/// One quantity of every row.
struct Estimates<'a> {
    /// Start of the machine columns' names.
    key: String,
    title: String,
    measure: &'a Measure,
    /// None for what does not compete.
    direction: Option<Direction>,
    samples: Vec<Option<Sample>>,
}

/// Every measure after the last step; after the leading one, its best where any run has one.
fn estimates<'a>(groups: &[Group<'_>], measures: &[&'a Measure]) -> Vec<Estimates<'a>> {
    let mut estimates = Vec::new();
    for (index, &measure) in measures.iter().enumerate() {
        let Measure { key, title, direction, .. } = measure;
        estimates.push(Estimates {
            key: key.clone(),
            title: title.clone(),
            measure,
            direction: Some(*direction),
            samples: groups.iter().map(|g| g.sample(|record| record.metric(key))).collect(),
        });
        let best: Vec<_> =
            groups.iter().map(|g| g.sample(|record| record.best_metric(key))).collect();
        if index == 0 && best.iter().any(Option::is_some) {
            estimates.push(Estimates {
                key: format!("{key}_best"),
                title: format!("{title} best"),
                measure,
                direction: None,
                samples: best,
            });
        }
    }
    estimates
}

fn verdict(groups: &[Group<'_>], estimates: &[Estimates<'_>]) -> Verdict {
    let disciplines: Vec<Discipline> = estimates
        .iter()
        .filter_map(|e| Some(Discipline { direction: e.direction?, samples: e.samples.clone() }))
        .collect();
    let classes: Vec<_> =
        groups.iter().map(|group| (!group.is_real()).then(|| class(group.record()))).collect();
    judge(&disciplines, &classes)
}

impl Estimates<'_> {
    fn mean(&self) -> String {
        format!("{}_over_seeds", self.key)
    }

    fn std(&self) -> String {
        format!("{}_std_over_seeds", self.key)
    }

    fn interval(&self) -> [String; 2] {
        ["low", "high"].map(|end| format!("{}_ci_{end}_over_seeds", self.key))
    }

    fn n(&self) -> String {
        format!("{}_n", self.key)
    }

    fn columns(&self) -> [Column; 5] {
        let samples = || self.samples.iter().map(Option::as_ref);
        let [low, high] = self.interval();
        [
            counts(&self.n(), samples().map(|sample| Some(sample.map_or(0, |s| s.n as u64)))),
            numbers(&self.mean(), samples().map(|sample| Some(sample?.mean))),
            numbers(&self.std(), samples().map(|sample| sample?.std)),
            numbers(&low, samples().map(|sample| Some(sample?.interval()?.0))),
            numbers(&high, samples().map(|sample| Some(sample?.interval()?.1))),
        ]
    }

    fn human_column(&self) -> HumanColumn {
        let content = Content::Estimate {
            mean: self.mean(),
            std: self.std(),
            interval: Some(self.interval()),
            n: Some([self.n(), SEEDS.to_owned()]),
            decimals: Decimals::Fixed(self.measure.decimals),
        };
        HumanColumn {
            unit: self.measure.unit.clone(),
            direction: self.direction,
            ..HumanColumn::new(&self.title, content)
        }
    }
}

fn footnotes(groups: &[Group<'_>], identity: &Identity<'_>) -> Vec<Footnote> {
    let mut remarks = Remarks::default();
    for (row, group) in groups.iter().enumerate() {
        remarks.group(row, group);
    }
    let mut footnotes = remarks.footnotes();
    footnotes.extend(identity.footnote());
    footnotes.push(Footnote::general(
        "Mean ± standard deviation over seeds (divisor n − 1) [95 % interval of the mean, Student's t]; runs without a \
         value are left out of all three."
            .to_owned(),
    ));
    footnotes
}
