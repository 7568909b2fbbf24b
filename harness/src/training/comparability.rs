//! Whether a run's numbers may stand beside those that its source published, and why not.

use bench_data::datasets;

use super::extractors::Extractors;
use super::reference::Reference;

/// What decides it.
pub(super) struct Circumstances<'a> {
    pub(super) budget: &'a str,
    /// Where the run departs from what its source states: settings, counts, split, protocol, size, steps.
    pub(super) departures: &'a [String],
    /// What the source does not say and its numbers hang on.
    pub(super) unstated: &'a [String],
    /// Reference images that the source asks for, and those that there were.
    pub(super) reference_images: (u64, u64),
    pub(super) reference: &'a Reference,
    pub(super) extractors: &'a Extractors,
}

impl Circumstances<'_> {
    /// Every reason why the numbers must not stand beside published ones; none if they may.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        reasons.extend(self.extractors.incomparable());
        let dataset = &self.reference.dataset;
        if self.reference.fallback.is_some() {
            reasons.push(format!("`{}` stands in for another dataset", dataset.name));
        } else if datasets::known(&dataset.name).is_some_and(|source| !source.needs_files()) {
            reasons.push(format!("`{}` is a dataset of this program", dataset.name));
        } else if !dataset.comparable {
            let name = &dataset.name;
            reasons.push(format!(
                "the images of {name} are not the official ones, or not all of them"
            ));
        }
        let (asked, found) = self.reference_images;
        if found < asked {
            reasons.push(format!("{found} reference images instead of {asked}"));
        }
        if !self.unstated.is_empty() {
            reasons.push(format!("the source does not state {}", self.unstated.join(" and ")));
        }
        if !self.departures.is_empty() {
            let (budget, departures) = (self.budget, self.departures.join(", "));
            reasons
                .push(format!("departures from the source under budget `{budget}`: {departures}"));
        }
        reasons
    }
}
