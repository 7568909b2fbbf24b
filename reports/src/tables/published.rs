//! `tables/published-<suite>-<table>.*`: the tables of the sources, with what was measured beside what was published.

use polars::prelude::Column;

use super::remarks::{remarks, sentence};
use super::{
    Tabulation, count_column, counts, frame, number_column, numbers, setting_sentences,
    text_column, texts,
};
use crate::error::ReportError;
use crate::measure::Direction;
use crate::naming::{UniqueNames, file_stem};
use crate::over_seeds::mean_and_std;
use crate::published::{Layout, PublishedTable};
use crate::record::Record;
use crate::results::Results;
use crate::run::Run;
use crate::table::{Content, Footnote, HumanColumn, Table};

/// One table for each table of a source that some run belongs to.
pub struct Published;

impl Tabulation for Published {
    fn name(&self) -> &'static str {
        "published"
    }

    fn doc(&self) -> &'static str {
        "the sources' own tables: published values, the values measured here, and those of the untrained generators"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let runs = results.runs.as_slice();
        let groups = groups(results, runs);
        let mut names = UniqueNames::default();
        groups
            .iter()
            .map(|group| {
                let twins = groups
                    .iter()
                    .filter(|g| g.suite == group.suite && g.table.id == group.table.id);
                let mut parts = vec![self.name(), group.suite, &group.table.id];
                if twins.count() > 1 {
                    parts.push(group.setting[0]);
                }
                let name = names.claim(file_stem(&parts));
                match group.table.layout {
                    Layout::RunsDown => group.runs_down(name),
                    Layout::RunsAcross => group.runs_across(name),
                }
            })
            .collect()
    }
}

/// The runs of one published table that were measured alike.
struct Group<'a> {
    suite: &'a str,
    table: &'a PublishedTable,
    /// Budget, protocol and hash of the extractor.
    setting: [&'a str; 3],
    /// Row of the table and run, by row.
    members: Vec<(usize, &'a Run)>,
}

/// The groups, in the order of suites and of the tables' ids.
fn groups<'a>(results: &'a Results, runs: &'a [Run]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for run in runs {
        let Record { suite, budget, protocol, extractor_sha256, placements, .. } = &run.record;
        let setting = [budget.as_str(), protocol, extractor_sha256];
        for placement in placements {
            let Some(table) = results.tables.get(suite).and_then(|t| t.find(&placement.table))
            else {
                continue;
            };
            let same =
                |g: &&mut Group<'_>| g.suite == suite && g.table == table && g.setting == setting;
            match groups.iter_mut().find(same) {
                Some(group) => group.members.push((placement.row, run)),
                None => groups.push(Group {
                    suite,
                    table,
                    setting,
                    members: vec![(placement.row, run)],
                }),
            }
        }
    }
    for group in &mut groups {
        group.members.sort_by_key(|(row, run)| (*row, run.record.seed));
    }
    groups.sort_by_key(|group| (group.suite, &group.table.id, group.setting));
    groups
}

/// One number of a table, of one run or as a mean over seeds.
struct Number {
    mean: Option<f64>,
    /// Standard deviation over seeds; `None` for a single one.
    std: Option<f64>,
}

/// The three values that a table shows of a metric.
#[derive(Clone, Copy)]
enum Kind {
    Published,
    Measured,
    Untrained,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Published, Self::Measured, Self::Untrained];

    fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Measured => "measured",
            Self::Untrained => "untrained",
        }
    }
}

impl Group<'_> {
    fn number(&self, row: usize, key: &str, kind: Kind) -> Number {
        let over_seeds = |value: fn(&Record, &str) -> Option<f64>| {
            let members = self.members.iter().filter(|(r, _)| *r == row);
            let values: Vec<f64> = members.filter_map(|(_, run)| value(&run.record, key)).collect();
            match values.is_empty() {
                true => Number { mean: None, std: None },
                false => {
                    let (mean, std) = mean_and_std(&values);
                    Number { mean: Some(mean), std }
                }
            }
        };
        match kind {
            Kind::Published => Number {
                mean: self.table.rows.get(row).and_then(|r| r.published.get(key)).copied(),
                std: None,
            },
            Kind::Measured => over_seeds(Record::metric),
            Kind::Untrained => over_seeds(Record::untrained_metric),
        }
    }

    /// The values shown of a metric: the published one only where the source has some.
    fn kinds(&self, key: &str) -> impl Iterator<Item = Kind> {
        let published = self.table.rows.iter().any(|row| row.published.contains_key(key));
        Kind::ALL.into_iter().filter(move |kind| published || !matches!(kind, Kind::Published))
    }

    fn runs_down(&self, name: String) -> Result<Table, ReportError> {
        let rows = 0..self.table.rows.len();
        let members = |row: usize| self.members.iter().filter(move |(r, _)| *r == row);
        let dataset: Vec<Option<&str>> = rows
            .clone()
            .map(|row| members(row).next().map(|(_, run)| run.record.dataset.as_str()))
            .collect();
        let mut columns = vec![
            texts("row", self.table.rows.iter().map(|row| row.title.as_str())),
            Column::new("dataset".into(), dataset),
            counts("runs", rows.clone().map(|row| Some(members(row).count() as u64))),
        ];
        let mut human = vec![text_column("Model", "row")];
        if self.members.windows(2).any(|pair| pair[0].1.record.dataset != pair[1].1.record.dataset)
        {
            human.push(text_column("Dataset", "dataset"));
        }
        if rows.clone().any(|row| members(row).count() > 1) {
            human.push(count_column("Runs", "runs"));
        }
        for key in &self.table.metrics {
            let Look { title, direction, decimals } = self.look(key);
            for kind in self.kinds(key) {
                let column = format!("{key}_{}", kind.name());
                let values: Vec<Number> =
                    rows.clone().map(|row| self.number(row, key, kind)).collect();
                columns.push(numbers(&column, values.iter().map(|number| number.mean)));
                let heading = format!("{title} {}", kind.name());
                let mut shown = number_column(&heading, None, &column, decimals);
                if values.iter().any(|number| number.std.is_some()) {
                    let std = format!("{column}_std");
                    columns.push(numbers(&std, values.iter().map(|number| number.std)));
                    shown.content = Content::MeanStd { mean: column, std, decimals };
                }
                if matches!(kind, Kind::Measured) {
                    shown.direction = direction;
                }
                human.push(shown);
            }
        }
        let mut footnotes = self.footnotes();
        footnotes.extend(remarks(self.members.iter().map(|&(row, run)| (row, &run.record))));
        Ok(Table {
            caption: self.caption(),
            frame: frame(&name, columns)?,
            columns: human,
            contest: vec!["dataset"],
            footnotes,
            name,
        })
    }

    fn runs_across(&self, name: String) -> Result<Table, ReportError> {
        let rows: Vec<(&str, Kind)> = self
            .table
            .metrics
            .iter()
            .flat_map(|key| self.kinds(key).map(move |kind| (key.as_str(), kind)))
            .collect();
        let headings: Vec<String> = rows
            .iter()
            .map(|(key, kind)| format!("{}, {}", self.look(key).title, kind.name()))
            .collect();
        let decimals: Vec<usize> = rows.iter().map(|(key, _)| self.look(key).decimals).collect();
        let mut columns = vec![texts("score", headings.iter().map(String::as_str))];
        let mut human = vec![text_column("Score", "score")];
        let mut names = UniqueNames::default();
        for (index, row) in self.table.rows.iter().enumerate() {
            let column = names.claim(row.title.clone());
            let values = rows.iter().map(|(key, kind)| self.number(index, key, *kind).mean);
            columns.push(numbers(&column, values));
            human.push(HumanColumn {
                content: Content::NumberByRow {
                    column: column.clone(),
                    decimals: decimals.clone(),
                },
                ..text_column(&row.title, &column)
            });
        }
        let mut footnotes = self.footnotes();
        // Rows are metrics here: what is said of a run names it.
        let of_runs = remarks(self.members.iter().map(|&(row, run)| (row, &run.record)));
        footnotes.extend(of_runs.into_iter().map(|note| {
            let titles: Vec<&str> = note
                .rows
                .iter()
                .filter_map(|&row| Some(self.table.rows.get(row)?.title.as_str()))
                .collect();
            match titles.is_empty() {
                true => note,
                false => Footnote {
                    rows: Vec::new(),
                    text: format!("{}: {}", titles.join(", "), note.text),
                },
            }
        }));
        Ok(Table {
            caption: self.caption(),
            frame: frame(&name, columns)?,
            columns: human,
            contest: Vec::new(),
            footnotes,
            name,
        })
    }

    fn caption(&self) -> String {
        let runs: Vec<&Run> = self.members.iter().map(|(_, run)| *run).collect();
        let PublishedTable { title, source, .. } = self.table;
        format!("{} ({source}) Measured: {}", sentence(title), setting_sentences(&runs))
    }

    /// Where the published values come from, and what the dashes are.
    fn footnotes(&self) -> Vec<Footnote> {
        let mut texts = Vec::new();
        if self.table.rows.iter().any(|row| !row.published.is_empty()) {
            texts.push(match &self.table.protocol {
                Some(protocol) => format!(
                    "Published values are those of {}: {}",
                    self.table.source,
                    sentence(protocol)
                ),
                None => format!(
                    "Published values are those of {}, which does not say how they were computed.",
                    self.table.source
                ),
            });
        }
        let measured = |row: usize| self.members.iter().any(|(r, _)| *r == row);
        if !(0..self.table.rows.len()).all(measured) {
            texts.push(format!(
                "Rows without measured values were not run under budget {}.",
                self.setting[0]
            ));
        }
        texts.into_iter().map(|text| Footnote { rows: Vec::new(), text }).collect()
    }
}

/// How a metric is presented.
struct Look<'a> {
    title: &'a str,
    direction: Option<Direction>,
    decimals: usize,
}

impl Group<'_> {
    fn look<'a>(&'a self, key: &'a str) -> Look<'a> {
        let mut measures = self.members.iter().flat_map(|(_, run)| &run.record.measures);
        match measures.find(|measure| measure.key == key) {
            Some(measure) => Look {
                title: &measure.title,
                direction: Some(measure.direction),
                decimals: measure.decimals,
            },
            None => Look { title: key, direction: None, decimals: 4 },
        }
    }
}
