//! A model, its reference and held-out images, scored by one extractor.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use anyhow::Context;
use bench_data::source::Labels;
use bench_metrics::Sample;
use bench_metrics::memorization::{Memorization, memorization};

use super::report::Provenance;
use crate::evaluation::{
    self, Known, MemorizationReport, PerClass, ScoredImages, ScoringPlan, Statistics,
};
use crate::warnings::Warnings;

/// Held-out images below which their first percentile rests on a handful of them.
const FEW_HELD_OUT: u64 = 1000;

/// What is compared, scored.
pub(super) struct Scored {
    /// Place of the extractor among those that were asked for.
    pub(super) place: usize,
    pub(super) provenance: Provenance,
    /// The metrics that the extractor allows.
    pub(super) plan: ScoringPlan,
    /// What was said of it.
    pub(super) warnings: Warnings,
    pub(super) generated: Known,
    pub(super) reference: Option<Known>,
    pub(super) held_out: Option<Known>,
    pub(super) labels: Option<Rc<(Labels, Labels)>>,
}

impl Scored {
    /// FID of every class, if asked for.
    pub(super) fn per_class(&self) -> anyhow::Result<Option<PerClass>> {
        let (Some(labels), Some((generated, reference))) = (&self.labels, self.images()) else {
            return Ok(None);
        };
        let (ours, theirs) = &**labels;
        let extractor = self.provenance.extractor_name().unwrap_or_default();
        Ok(Some(evaluation::per_class_fid((generated, ours), (reference, theirs), extractor)?))
    }

    /// How near the generated images lie to the reference images, if there are held-out ones.
    pub(super) fn memorization(&self) -> anyhow::Result<Option<Memorization>> {
        let (Some(held_out), Some((generated, training))) = (self.held_out_images(), self.images())
        else {
            return Ok(None);
        };
        Ok(Some(memorization(generated.features(), training.features(), held_out.features())?))
    }

    /// Writes the memorisation report into `folder`.
    pub(super) fn report_memorization(
        &self,
        found: &Memorization,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let (generated, training) = self.images().context("there are images on both sides")?;
        let report = MemorizationReport {
            generated,
            training,
            memorization: found,
            extractor: self.provenance.extractor_name().unwrap_or("unknown"),
            held_out: self.n_held_out().unwrap_or_default(),
        };
        Ok(evaluation::report_memorization(&report, folder)?)
    }

    /// What each side is, by its name.
    pub(super) fn origins(&self) -> BTreeMap<&'static str, serde_json::Value> {
        let of_known = |known: &Known| match known {
            Known::Images(images) => serde_json::to_value(images.origin()),
            Known::Statistics(statistics) => serde_json::to_value(Statistics::origin(statistics)),
        };
        let sides = [
            ("generated", Some(&self.generated)),
            ("reference", self.reference.as_ref()),
            ("held_out", self.held_out.as_ref()),
        ];
        let found =
            sides.into_iter().filter_map(|(name, known)| Some((name, of_known(known?).ok()?)));
        found.collect()
    }

    /// What metrics are computed from of the held-out images, if there are any.
    pub(super) fn held_out(&self) -> Option<Sample<'_>> {
        self.held_out.as_ref().map(Known::sample)
    }

    /// Number of held-out images, if there are any.
    pub(super) fn n_held_out(&self) -> Option<u64> {
        self.held_out.as_ref().and_then(Known::n)
    }

    /// What is to be said of a threshold that means little.
    pub(super) fn held_out_warning(&self, found: &Memorization) -> Option<String> {
        let n = self.n_held_out()?;
        if found.threshold == 0.0 {
            let text = "more than a hundredth of the held-out images are among the reference images, so that \
                        nothing counts as memorised; hold out others";
            return Some(text.to_owned());
        }
        (n < FEW_HELD_OUT).then(|| {
            format!(
                "the threshold of memorisation rests on the nearest few of {n} held-out images; \
                 best use {FEW_HELD_OUT} or more"
            )
        })
    }

    fn images(&self) -> Option<(&ScoredImages, &ScoredImages)> {
        self.generated.images().zip(self.reference.as_ref()?.images())
    }

    fn held_out_images(&self) -> Option<&ScoredImages> {
        self.held_out.as_ref()?.images()
    }
}
