//! Which experiment a user means.

use crate::error::ReportError;
use crate::group::Group;

/// Fewer digits of a hash name nothing.
const FEWEST_DIGITS: usize = 4;

/// The one group of this name, `suite/name`, or beginning of an experiment's hash; the first of these that fits any.
pub(super) fn resolve<'g, 'a>(
    groups: &'g [Group<'a>],
    name: &str,
) -> Result<&'g Group<'a>, ReportError> {
    let ways: [&dyn Fn(&Group<'_>) -> bool; 3] = [
        &|group| group.record().name == name,
        &|group| name.split_once('/') == Some((&group.record().suite, &group.record().name)),
        &|group| name.len() >= FEWEST_DIGITS && group.record().experiment.starts_with(name),
    ];
    for fits in ways {
        let found: Vec<&Group<'_>> = groups.iter().filter(|group| fits(group)).collect();
        match found.as_slice() {
            [] => {}
            [group] => return Ok(group),
            several => {
                return Err(ReportError::AmbiguousRun {
                    name: name.to_owned(),
                    found: listed(several.iter().copied()),
                });
            }
        }
    }
    Err(ReportError::UnknownRun { name: name.to_owned(), known: listed(groups.iter()) })
}

/// `sngan/sngan-proj 1a2b3c4d (quick, 3 seeds)` for each.
fn listed<'g, 'a: 'g>(groups: impl Iterator<Item = &'g Group<'a>>) -> String {
    let listed = groups.map(|group| {
        let record = group.record();
        let seeds = group.seeds.len();
        let plural = if seeds == 1 { "seed" } else { "seeds" };
        format!(
            "{}/{} {} ({} on {}, {seeds} {plural})",
            record.suite,
            record.name,
            record.short_experiment(),
            record.budget,
            record.dataset
        )
    });
    listed.collect::<Vec<_>>().join(", ")
}
