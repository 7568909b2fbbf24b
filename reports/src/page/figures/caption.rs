//! What a figure shows, in words: of which runs, and how they compare.

use super::drawn::Drawn;
use crate::cohort::Cohort;
use crate::figures::Figure;
use crate::measure::Measure;
use crate::naming::file_stem;
use crate::page::labels::LabelledRun;
use crate::table::Decimals;

/// More experiments than this are not listed with their values: the tables do that.
const MOST_LISTED: usize = 8;

/// What a figure is said to show.
pub(super) struct Caption {
    /// What stands below it: of which runs it is, or how they ended up.
    pub(super) shown: String,
    /// What stands for it where it is not seen.
    pub(super) alternative: String,
}

/// The caption of a figure.
pub(super) fn caption(
    figure: &dyn Figure,
    drawn: &Drawn<'_>,
    cohorts: &[Cohort<'_>],
    runs: &[LabelledRun<'_>],
) -> Caption {
    let name = drawn.name();
    // Names of files are cut to some length, those of runs and cohorts are not.
    let ends = |stem: &str| name.ends_with(&format!("-{}", file_stem(&[stem])));
    // The longest name that fits: `a-b` ends as `b` does.
    let run = runs.iter().filter(|run| ends(&run.stem)).max_by_key(|run| run.stem.len());
    let cohort = cohorts.iter().filter(|c| ends(&c.stem)).max_by_key(|cohort| cohort.stem.len());
    let kind = figure.name().replace('-', " ");
    match (run, cohort) {
        (Some(run), _) => Caption {
            shown: run.label.clone(),
            alternative: format!("{}: {kind}: {}.", run.label, figure.doc()),
        },
        (None, Some(cohort)) => of_cohort(&kind, cohort, measure_of(&name, cohort)),
        (None, None) => Caption {
            shown: name.clone(),
            alternative: format!("{name}: {kind}: {}.", figure.doc()),
        },
    }
}

/// The measure that a figure is named after, where it is of one.
fn measure_of<'a>(name: &str, cohort: &Cohort<'a>) -> Option<&'a Measure> {
    let named = |measure: &&&Measure| name.starts_with(&format!("{}-", file_stem(&[&measure.key])));
    cohort.measures.iter().find(named).copied()
}

fn of_cohort(kind: &str, cohort: &Cohort<'_>, measure: Option<&Measure>) -> Caption {
    let record = cohort.groups[0].record();
    let title = measure.map_or_else(String::new, |measure| format!("{} ", measure.title));
    let described = format!(
        "{title}{kind}: suite {}, {}, {}, {}.",
        record.suite,
        cohort.setting(),
        cohort.seeds(),
        cohort.provenance()
    );
    let measure = measure.unwrap_or(cohort.measures[0]);
    let ended = values(cohort, measure).map_or_else(
        || "Nothing was scored at the end.".to_owned(),
        |values| format!("{} at the end: {values}.", measure.title),
    );
    Caption {
        alternative: format!("{described} {ended}"),
        shown: format!("{}, {}. {ended}", record.suite, cohort.setting()),
    }
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
