//! What a reader needs to know first: how many runs of what, which did best, and what must not be made of it.

use std::collections::BTreeSet;

use crate::cohort::{Cohort, caveat, cohorts};
use crate::contest::{Discipline, judge};
use crate::formats::html::{LONG, escape};
use crate::group::{Group, groups};
use crate::measure::Measure;
use crate::record::{Record, Status};
use crate::results::Results;
use crate::statistics::Sample;
use crate::table::Decimals;
use crate::tables::setting::class;

/// The title of the page.
pub(super) fn title(results: &Results) -> String {
    let runs = results.runs.len();
    let datasets = distinct(results, |record| &record.dataset);
    format!("GAN benchmark: {} on {}", counted(runs, "run"), datasets.join(", "))
}

/// The summary.
pub(super) fn html(results: &Results) -> String {
    let mut html = format!("<p>{}</p>\n", escape(&overview(results)));
    if let Some(caveat) = caveat(results.runs.iter().map(|run| &run.record)) {
        html.push_str(&format!("<p class=\"caveat\" role=\"note\">{}</p>\n", escape(&caveat)));
    }
    if !results.unreadable.is_empty() {
        html.push_str(&format!(
            "<p class=\"caveat\" role=\"note\">{} of this results folder could not be read and left out; bench report names \
             them.</p>\n",
            counted(results.unreadable.len(), "file")
        ));
    }
    let cohorts = cohorts(&results.runs);
    if !cohorts.is_empty() {
        push_best(&mut html, &cohorts);
    }
    html
}

fn overview(results: &Results) -> String {
    let records = || results.runs.iter().map(|run| &run.record);
    let suites = distinct(results, |record| &record.suite);
    let mut text = format!(
        "{} of {} from {} {}",
        counted(results.runs.len(), "run"),
        counted(groups(&results.runs).len(), "experiment"),
        if suites.len() == 1 { "suite" } else { "suites" },
        suites.join(", ")
    );
    let of = |status: Status| records().filter(|record| record.status == status).count();
    let endings: Vec<String> = [Status::Done, Status::Diverged, Status::Failed]
        .into_iter()
        .filter(|&status| of(status) > 0)
        .map(|status| format!("{} {status}", of(status)))
        .collect();
    let hours = records().map(|record| record.wall_seconds).sum::<f64>() / 3600.0;
    text.push_str(&format!(": {}. Wall time in all: {}.", endings.join(", "), duration(hours)));
    let extractors = distinct(results, |record| &record.extractor);
    let protocols = distinct(results, |record| &record.protocol);
    text.push_str(&format!(
        " Extractor {}; protocol {}.",
        extractors.join(", "),
        protocols.join(", ")
    ));
    text
}

fn duration(hours: f64) -> String {
    match hours {
        0.0..1.0 => counted((hours * 60.0).round().max(1.0) as usize, "minute"),
        1.0..100.0 => format!("{hours:.1} hours"),
        _ => format!("{hours:.0} hours"),
    }
}

/// The headings of the table of the best, and their classes. On phones, where a row stands below the other, they stand before
/// the values.
const HEADINGS: [(&str, &str); 7] = [
    ("Suite", ""),
    ("Dataset, budget", ""),
    ("Best", ""),
    ("Measure", ""),
    ("Value", " class=\"number\""),
    ("Untrained", " class=\"number\""),
    ("Experiments", " class=\"number\""),
];

/// Of those measured alike, the experiments with the best mean and those that cannot be told from it.
fn push_best(html: &mut String, cohorts: &[Cohort<'_>]) {
    html.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Best experiments\"><table>\n<caption>The best \
         of those measured alike</caption>\n<thead><tr>",
    );
    for (heading, class) in HEADINGS {
        html.push_str(&format!("<th scope=\"col\"{class}>{heading}</th>"));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for cohort in cohorts {
        let measure = cohort.measures[0];
        let best = best(cohort);
        let label = best.map_or("–", |best| best.label.as_str());
        let last = best.and_then(|best| best.sample(|record| record.metric(&measure.key)));
        let untrained =
            best.and_then(|best| best.sample(|record| record.untrained_metric(&measure.key)));
        let cells = [
            escape(&cohort.setting()),
            escape(label) + &escape(&rivals(cohort, best)),
            escape(&measure.label()),
            estimate(measure, last),
            estimate(measure, untrained),
            cohort.groups.len().to_string(),
        ];
        let suite = escape(&cohort.groups[0].record().suite);
        html.push_str(&format!("<tr><th scope=\"row\">{suite}</th>"));
        for ((heading, class), cell) in HEADINGS[1..].iter().zip(cells) {
            let is_long = *heading == "Best" && label.chars().count() > LONG;
            let class = if is_long { " class=\"long\"" } else { class };
            html.push_str(&format!("<td{class} data-label=\"{heading}\">{cell}</td>"));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
}

/// The experiment with the best mean; `None` where nothing was scored.
fn best<'c, 'a>(cohort: &'c Cohort<'a>) -> Option<&'c Group<'a>> {
    let measure = cohort.measures[0];
    let mean = |group: &Group<'_>| Some(group.sample(|record| record.metric(&measure.key))?.mean);
    let scored = cohort.groups.iter().filter_map(|group| Some((group, mean(group)?)));
    scored.min_by(|a, b| measure.direction.order(a.1, b.1)).map(|(group, _)| group)
}

/// How many others the seeds do not tell from the best.
fn rivals(cohort: &Cohort<'_>, best: Option<&Group<'_>>) -> String {
    let measure = cohort.measures[0];
    let value = |record: &Record| record.metric(&measure.key);
    let samples = cohort.groups.iter().map(|group| group.sample(value)).collect();
    let classes: Vec<_> = cohort.groups.iter().map(|group| Some(class(group.record()))).collect();
    let verdict = judge(&[Discipline { direction: measure.direction, samples }], &classes);
    let equal = verdict.best.concat().len();
    match best {
        Some(_) if cohort.groups.len() == 1 => " (the only one)".to_owned(),
        Some(_) if equal > 1 => format!(" (not told from {})", counted(equal - 1, "other")),
        _ => String::new(),
    }
}

fn estimate(measure: &Measure, sample: Option<Sample>) -> String {
    let Some(Sample { n, mean, std }) = sample else { return "–".to_owned() };
    let number = |value: f64| Decimals::Fixed(measure.decimals).shown(value).replace('-', "−");
    match std {
        Some(std) => format!("{}&nbsp;±&nbsp;{} ({n}&nbsp;seeds)", number(mean), number(std)),
        None => number(mean),
    }
}

fn distinct(results: &Results, value: fn(&Record) -> &str) -> Vec<&str> {
    let values: BTreeSet<&str> = results.runs.iter().map(|run| value(&run.record)).collect();
    values.into_iter().collect()
}

/// `1 run`, `2 runs`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
