//! `figures/source-<suite>-<figure>.*`: the figures of the sources, as a suite names them.

use super::curve::Curve;
use super::drawing::{Caption, Drawing, Pictures};
use super::losses_together::{column_title, has_column};
use super::over_steps;
use super::overlay::{Panel, scene};
use super::palette::series_style;
use super::smoothing;
use super::{Figure, losses_together};
use crate::cohort;
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::union_over_extractors;
use crate::naming::{UniqueNames, file_stem};
use crate::published::{Arrangement, SuiteFigure};
use crate::record::{Kind, Record};
use crate::results::Results;

/// One figure for each figure of a source whose runs there are.
pub(super) struct Sources;

impl Figure for Sources {
    fn name(&self) -> &'static str {
        "source"
    }

    fn doc(&self) -> &'static str {
        "the sources' own figures: losses and scores of the runs they compare"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let groups = groups(&results.runs);
        let all = named(results, &groups).into_iter();
        let curves = all.filter(|named| named.figure.picture.is_none());
        Ok(curves.filter_map(drawing).collect())
    }
}

/// A figure of a source under one budget.
pub(super) struct Named<'a> {
    pub(super) stem: String,
    pub(super) figure: &'a SuiteFigure,
    pub(super) budget: &'a str,
    pub(super) rows: Vec<Row<'a>>,
}

/// Every figure of every suite, under every budget that has runs of it.
pub(super) fn named<'a>(results: &'a Results, groups: &'a [Group<'a>]) -> Vec<Named<'a>> {
    let mut names = UniqueNames::default();
    let mut all = Vec::new();
    for (suite, tables) in &results.tables {
        for figure in &tables.figures {
            for budget in budgets(suite, figure, groups) {
                let rows = runs(suite, figure, budget, groups);
                let stem = names.claim(file_stem(&["source", suite, &figure.id]));
                all.push(Named { stem, figure, budget, rows });
            }
        }
    }
    all
}

/// A line of a figure: the source's name for it, and the runs behind it.
pub(super) type Row<'a> = (String, &'a Group<'a>);

fn budgets<'a>(suite: &str, figure: &SuiteFigure, groups: &'a [Group<'a>]) -> Vec<&'a str> {
    let of_suite = groups.iter().map(Group::record).filter(|record| record.suite == suite);
    let shown = of_suite
        .filter(|record| record.kind == Kind::Run)
        .filter(|record| figure.shows_run(&record.name));
    let mut budgets: Vec<&str> = shown.map(|record| record.budget.as_str()).collect();
    budgets.sort_unstable();
    budgets.dedup();
    budgets
}

fn runs<'a>(
    suite: &str,
    figure: &SuiteFigure,
    budget: &str,
    groups: &'a [Group<'a>],
) -> Vec<Row<'a>> {
    let of_budget = |group: &&Group<'_>| {
        let record = group.record();
        record.suite == suite && record.budget == budget && !group.is_real()
    };
    let mut rows = Vec::new();
    if figure.rows.is_empty() {
        let all = groups.iter().filter(of_budget);
        rows.extend(all.map(|group| (group.label.clone(), group)));
    }
    for row in &figure.rows {
        let own: Vec<_> =
            groups.iter().filter(of_budget).filter(|g| g.record().name == row.run).collect();
        let several = own.len() > 1;
        rows.extend(own.into_iter().map(|group| {
            let told = if several {
                format!("{} ({})", row.title, group.distinction)
            } else {
                row.title.clone()
            };
            (told, group)
        }));
    }
    rows
}

fn drawing(named: Named<'_>) -> Option<Drawing> {
    let Named { stem, figure, budget, rows } = named;
    let rows = rows.as_slice();
    let panels: Vec<Panel> = match figure.panels {
        Arrangement::Curves => figure.shows.iter().map(|key| of_curve(key, rows)).collect(),
        Arrangement::Runs => rows.iter().map(|row| of_run(&figure.shows, row)).collect(),
    };
    let values = panels.iter().flat_map(|panel| &panel.curves).flat_map(Curve::values).count();
    if values == 0 {
        return None;
    }
    let losses = rows.iter().any(|(_, g)| figure.shows.iter().any(|key| has_column(g, key)));
    let several = rows.iter().any(|(_, group)| group.seeds.len() > 1);
    // Of those that have scores among what is shown.
    let has_score = |record: &Record| record.measures.iter().any(|m| figure.shows.contains(&m.key));
    let scored = rows.iter().filter(|(_, group)| has_score(group.record()));
    let scored = scored.flat_map(|(_, group)| group.runs.iter().map(|run| &run.record));
    let has_scores = scored.clone().next().is_some();
    let told = [
        has_scores.then(|| cohort::provenance(scored.clone())),
        Some(format!("{budget} budget")),
        losses.then(|| smoothing::RULE.to_owned()),
        several.then(|| "bands are 95 % intervals of the mean over seeds".to_owned()),
    ];
    let endings =
        rows.iter().filter_map(|(title, group)| Some(format!("{title}: {}", group.ending()?)));
    let caption = Caption {
        title: format!("{} ({})", figure.title.trim_end_matches('.'), figure.source),
        provenance: told.into_iter().flatten().collect::<Vec<_>>().join("; "),
        caveat: cohort::caveat(scored),
        remarks: lacking(figure, rows).into_iter().chain(endings).collect(),
    };
    let alike = figure.panels == Arrangement::Runs;
    Some(Drawing { stem, caption, scene: scene(&panels, alike), pictures: Pictures::Scaling })
}

/// Which runs of the source are not among `rows`, if any.
pub(super) fn lacking(figure: &SuiteFigure, rows: &[Row<'_>]) -> Option<String> {
    let lacking: Vec<&str> = figure
        .rows
        .iter()
        .filter(|row| rows.iter().all(|(_, group)| group.record().name != row.run))
        .map(|row| row.title.as_str())
        .collect();
    (!lacking.is_empty()).then(|| format!("Not run under this budget: {}", lacking.join(", ")))
}

/// One quantity of every run.
fn of_curve(key: &str, rows: &[Row<'_>]) -> Panel {
    let curves = rows.iter().enumerate().map(|(index, (title, group))| Curve {
        label: title.clone(),
        style: series_style(index),
        points: points(group, key),
    });
    let label = label(key, rows);
    Panel { title: label.clone(), label, curves: curves.collect() }
}

/// Every quantity of one run.
fn of_run(keys: &[String], row: &Row<'_>) -> Panel {
    let (title, group) = row;
    let curves = keys.iter().enumerate().map(|(index, key)| Curve {
        label: label(key, std::slice::from_ref(row)),
        style: series_style(index),
        points: points(group, key),
    });
    Panel { title: title.clone(), label: "Loss".to_owned(), curves: curves.collect() }
}

fn points(group: &Group<'_>, key: &str) -> Vec<(f64, Option<crate::statistics::Sample>)> {
    match has_column(group, key) {
        true => losses_together::over_seeds(group, key),
        false => over_steps::over_seeds(group, key),
    }
}

/// A measure's title with its arrow, or the loss in words.
fn label(key: &str, rows: &[Row<'_>]) -> String {
    let records = rows.iter().map(|(_, group)| group.record());
    let measures = union_over_extractors(records.map(|record| record.measures.as_slice()));
    let measure = measures.iter().find(|measure| measure.key == key);
    measure.map_or_else(|| column_title(key), |measure| measure.label())
}
