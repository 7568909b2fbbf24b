//! What stands on the terminal at the end: one line an experiment, on one screen.

use crate::contest::{Discipline, judge};
use crate::group::{Group, groups};
use crate::measure::{Measure, short_title, union_over_extractors};
use crate::record::Record;
use crate::results::Results;
use crate::table::Decimals;
use crate::tables::setting::class;

/// Widest line, in characters.
const WIDTH: usize = 100;
/// Most lines of experiments: with headings and remarks a screen of 40 lines.
const ROWS: usize = 30;
/// Widest name of an experiment.
const NAME: usize = 34;
/// Widest name of a dataset.
const DATASET: usize = 13;
/// Measures beside the leading one, as far as there is room.
const FURTHER: usize = 3;

/// The results as lines of at most 100 characters, 36 at most: of every experiment its seeds and its scores, the leading
/// measure also of the untrained generator; what is the best of those scored alike, or cannot be told from it, bears a
/// star.
pub fn screen(results: &Results) -> String {
    let groups = groups(&results.runs);
    let records = groups.iter().map(Group::record);
    let measures = union_over_extractors(records.clone().map(|record| record.measures.as_slice()));
    let Some((leading, further)) = measures.split_first() else { return String::new() };
    let further = &further[..further.len().min(FURTHER)];
    let best = best(&groups, leading);
    let extractors = extractors(&groups);
    let mut lines = vec![heading(leading, further, &extractors)];
    for (row, group) in groups.iter().enumerate().take(ROWS) {
        lines.push(line(group, leading, further, best.contains(&row)));
    }
    if groups.len() > ROWS {
        lines.push(format!("… and {} more in tables/comparison.md", groups.len() - ROWS));
    }
    if !best.is_empty() {
        lines.push("* the best of those scored alike, or not to be told from it".to_owned());
    }
    // Only distances are called after their extractor.
    let shown = || std::iter::once(leading).chain(further);
    if shown().any(|measure| short_title(&measure.title, &extractors) != measure.title) {
        lines.push(cut(&format!("of the features of extractor {}", extractors.join(", ")), WIDTH));
    }
    let incomparable = records.clone().filter(|record| !record.incomparable.is_empty()).count();
    if incomparable > 0 {
        let of = groups.len();
        lines.push(format!(
            "Not comparable with published values: {incomparable} of {of}; the reasons stand under the tables."
        ));
    }
    lines.join("\n")
}

/// The rows that hold the best mean of the leading measure or cannot be told from it.
fn best(groups: &[Group<'_>], leading: &Measure) -> Vec<usize> {
    let value = |record: &Record| record.metric(&leading.key);
    let samples = groups.iter().map(|group| group.sample(value)).collect();
    let discipline = Discipline { direction: leading.direction, samples };
    let classes: Vec<_> =
        groups.iter().map(|group| (!group.is_real()).then(|| class(group.record()))).collect();
    judge(&[discipline], &classes).best.concat()
}

/// The extractors of the runs, in the order in which they first occur.
fn extractors<'a>(groups: &'a [Group<'_>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for name in groups.iter().map(|group| group.record().extractor.as_str()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn heading(leading: &Measure, further: &[Measure], extractors: &[&str]) -> String {
    let title = |measure: &Measure| {
        let short = short_title(&measure.title, extractors);
        format!("{short} {}", measure.direction.arrow())
    };
    let further: Vec<String> = further.iter().map(title).collect();
    format_row("run", "dataset", "seeds", "untrained", &title(leading), &further)
}

fn line(group: &Group<'_>, leading: &Measure, further: &[Measure], best: bool) -> String {
    let record = group.record();
    let number = |value: Option<f64>, measure: &Measure| {
        value.map_or("-".to_owned(), |value| Decimals::Fixed(measure.decimals).shown(value))
    };
    let mean = |measure: &Measure| group.sample(|record| record.metric(&measure.key));
    let untrained = group.sample(|record| record.untrained_metric(&leading.key));
    let mut score = number(mean(leading).map(|sample| sample.mean), leading);
    if let Some(std) = mean(leading).and_then(|sample| sample.std) {
        score += &format!(" ± {}", number(Some(std), leading));
    }
    if mean(leading).is_none() {
        score = group.ending().unwrap_or(score);
    }
    score.push(if best { '*' } else { ' ' });
    let further: Vec<String> =
        further.iter().map(|m| number(mean(m).map(|sample| sample.mean), m)).collect();
    format_row(
        &format!("{}/{}", record.suite, group.label),
        &record.dataset,
        &group.seeds.len().to_string(),
        &number(untrained.map(|sample| sample.mean), leading),
        &score,
        &further,
    )
}

fn format_row(
    name: &str,
    dataset: &str,
    seeds: &str,
    untrained: &str,
    score: &str,
    further: &[String],
) -> String {
    let (name, dataset) = (cut(name, NAME), cut(dataset, DATASET));
    let mut line =
        format!("{name:<NAME$} {dataset:<DATASET$} {seeds:>5} {untrained:>9} {score:>15}");
    for value in further {
        if line.chars().count() + 9 <= WIDTH {
            line += &format!(" {value:>8}");
        }
    }
    cut(line.trim_end(), WIDTH)
}

/// `text` in at most `width` characters, without any that steer a terminal.
fn cut(text: &str, width: usize) -> String {
    let plain = text.chars().filter(|c| !c.is_control());
    match text.chars().count() <= width {
        true => plain.collect(),
        false => plain.take(width - 1).chain(['…']).collect(),
    }
}
