//! What a figure shows, in words, and how the experiments in it ended up.

use crate::cohort::Cohort;
use crate::figures::Drawing;
use crate::measure::Measure;
use crate::naming::file_stem;
use crate::table::Decimals;

/// More experiments than this are not listed with their values: the tables do that.
const MOST_LISTED: usize = 8;

/// What stands for a figure where it is not seen: its caption, and what it shows of a measure.
pub(super) fn alternative(drawing: &Drawing, cohorts: &[Cohort<'_>]) -> String {
    let name = drawing.stem();
    let ends = |stem: &str| name.ends_with(&format!("-{stem}"));
    // The longest name that fits: `a-b` ends as `b` does.
    let cohort = cohorts.iter().filter(|c| ends(&c.stem)).max_by_key(|cohort| cohort.stem.len());
    let ended = cohort.and_then(|cohort| {
        let measure = measure_of(name, cohort)?;
        Some(format!(" {} at the end: {}.", measure.title, values(cohort, measure)?))
    });
    format!("{}{}", drawing.text(), ended.unwrap_or_default())
}

/// The measure that a figure is named after, where it is of one.
fn measure_of<'a>(name: &str, cohort: &Cohort<'a>) -> Option<&'a Measure> {
    let named = |measure: &&&Measure| name.starts_with(&format!("{}-", file_stem(&[&measure.key])));
    cohort.measures.iter().find(named).copied()
}

/// The last mean of each experiment, best first.
fn values(cohort: &Cohort<'_>, measure: &Measure) -> Option<String> {
    let mut scored: Vec<(&str, f64)> = cohort
        .groups
        .iter()
        .filter_map(|group| {
            Some((group.label.as_str(), group.sample(|record| record.metric(&measure.key))?.mean))
        })
        .collect();
    scored.sort_by(|a, b| measure.direction.order(a.1, b.1));
    let more = scored.len().saturating_sub(MOST_LISTED);
    let mut listed: Vec<String> = scored
        .iter()
        .take(MOST_LISTED)
        .map(|(label, mean)| format!("{label} {}", Decimals::Fixed(measure.decimals).shown(*mean)))
        .collect();
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    (!listed.is_empty()).then(|| listed.join(", "))
}
