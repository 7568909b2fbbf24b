//! Which extractor gives what of a comparison, and what every model is compared with, which is scored once.

use std::collections::BTreeMap;
use std::rc::Rc;

use bench_metrics::{Extractor, Metric, MetricsError, OnnxExtractor};

use super::EvalArgs;
use super::one_pass::{Extraction, Fitted};
use super::report::Provenance;
use super::scored::Scored;
use super::sides::Model;
use crate::evaluation::{
    EvaluationError, ExtractorRequest, FeatureCache, Known, ScoringPlan, Side, Statistics,
};
use crate::exit::Failure;
use crate::warnings::Warnings;

/// Scores one model after the other; what they are compared with once.
pub(super) struct Scorer<'a> {
    requests: Vec<ExtractorRequest>,
    extraction: Extraction<'a>,
    reference: Option<Standing>,
    held_out: Option<Standing>,
}

/// A side that every model is compared with.
struct Standing {
    side: Side,
    /// Whether what is known is of images, where the side has statistics, too.
    of_images: bool,
    /// What is known of it, by the extractor's place.
    known: BTreeMap<usize, Known>,
    notes: Vec<String>,
}

impl<'a> Scorer<'a> {
    /// Nothing is scored or loaded yet.
    pub(super) fn new(
        args: &'a EvalArgs,
        requests: Vec<ExtractorRequest>,
        reference: Option<Side>,
        held_out: Option<Side>,
    ) -> Self {
        Self {
            requests,
            extraction: Extraction { args, extractors: Vec::new() },
            reference: reference.map(Standing::new),
            held_out: held_out.map(Standing::new),
        }
    }

    /// Scores a model by every extractor that can give a metric of `plan`. Statistics are known already.
    ///
    /// # Errors
    /// If images cannot be read or scored, statistics are of another extractor, or no extractor gives a metric that was
    /// named, or any.
    pub(super) fn score(
        &mut self,
        model: Model,
        plan: &ScoringPlan,
    ) -> anyhow::Result<Vec<Scored>> {
        let Model { side, labels, .. } = model;
        let mut warnings = Warnings::default();
        let sides = [Some(&side), self.reference.as_ref().map(|own| &own.side)];
        let both = sides.into_iter().flatten().filter(|side| side.images().is_some());
        warnings.extend(both.filter_map(Side::held_statistics).map(Statistics::beside_images));

        let metrics = plan.panel.metrics();
        let needs = |which: fn(&dyn Metric) -> bool| metrics.iter().any(|metric| which(*metric));
        let all_images = labels.is_some() || self.held_out.is_some();
        let generated = side.settled(all_images || needs(|metric| metric.needs_activations()));
        let of_images = all_images || needs(|metric| metric.needs_reference_activations());
        let reference = self.reference.as_ref().map(|own| own.side.clone().settled(of_images));
        if let (Side::Statistics(ours), Some(Side::Statistics(theirs))) = (&generated, &reference) {
            return Ok(vec![self.of_statistics(ours, theirs, plan, warnings)?]);
        }

        self.load()?;
        let sides = [Some(&generated), reference.as_ref()];
        let mut fitted = self.fitted(plan, sides, &warnings)?;
        let passing = FeatureCache::none();
        let threads = self.extraction.args.extraction.threads;
        let cache = match self.extraction.args.no_cache {
            true => FeatureCache::none(),
            false => FeatureCache::of_user(threads),
        };
        // Generated images come once; what they are compared with comes again.
        let mut all: Vec<&mut Fitted> = fitted.iter_mut().collect();
        let (generated, _) = self.extraction.side(&generated, &mut all, &passing)?;
        let mut stand = |standing: &mut Option<Standing>, of_images| {
            let standing = standing.as_mut();
            standing.map(|own| own.score(of_images, &mut self.extraction, &mut fitted, &cache))
        };
        let reference = stand(&mut self.reference, of_images).transpose()?;
        let held_out = stand(&mut self.held_out, true).transpose()?;
        let labels = labels.map(Rc::new);
        let scored =
            fitted.into_iter().zip(generated).map(|(Fitted { place, plan, warnings }, own)| {
                let known = |standing: &Option<BTreeMap<usize, Known>>| {
                    standing.as_ref()?.get(&place).cloned()
                };
                let extractor = &self.extraction.extractors[place];
                Scored {
                    place,
                    provenance: Provenance::of_extractor(extractor, plan.protocol, threads),
                    plan,
                    warnings,
                    generated: own,
                    reference: known(&reference),
                    held_out: known(&held_out),
                    labels: labels.clone(),
                }
            });
        Ok(scored.collect())
    }

    /// Statistics against statistics, which need no extractor.
    fn of_statistics(
        &self,
        ours: &Rc<Statistics>,
        theirs: &Rc<Statistics>,
        plan: &ScoringPlan,
        mut warnings: Warnings,
    ) -> anyhow::Result<Scored> {
        let [request] = self.requests.as_slice() else {
            let reason = "both sides are statistics, each of one extractor's features; name one extractor, or none";
            return Err(Failure::usage(reason).into());
        };
        warnings.extend(ours.check_against(theirs)?);
        if !request.is_open() {
            warnings.push("no images are scored: the extractor is not used".to_owned());
        }
        Ok(Scored {
            place: 0,
            provenance: Provenance::of_statistics(ours, theirs),
            plan: plan.clone(),
            warnings,
            generated: Known::Statistics(Rc::clone(ours)),
            reference: Some(Known::Statistics(Rc::clone(theirs))),
            held_out: None,
            labels: None,
        })
    }

    /// Loads the extractors, unless they are.
    fn load(&mut self) -> anyhow::Result<()> {
        let Extraction { args, extractors } = &mut self.extraction;
        for request in &self.requests[extractors.len()..] {
            let extractor = args.extraction.load(request.clone())?;
            let sha256 = extractor.sha256();
            if extractors.iter().any(|own| own.sha256() == sha256) {
                let (name, sha256) = (extractor.name().to_owned(), sha256.to_owned());
                return Err(EvaluationError::SameExtractor { name, sha256 }.into());
            }
            extractors.push(extractor);
        }
        Ok(())
    }

    /// The extractors that give a metric of `plan`, with what they cannot give left out and said, after `warnings`.
    ///
    /// # Errors
    /// If statistics of `sides` are another's, or none gives any metric, or one that was named.
    fn fitted(
        &self,
        plan: &ScoringPlan,
        sides: [Option<&Side>; 2],
        warnings: &Warnings,
    ) -> anyhow::Result<Vec<Fitted>> {
        let Extraction { args, extractors } = &self.extraction;
        let fit = |(place, extractor): (usize, &OnnxExtractor)| {
            let mut own = plan.clone();
            let missing = [own.fit_to_extractor(extractor), own.fit_to_spatial(extractor)];
            (Fitted { place, plan: own, warnings: warnings.clone() }, missing)
        };
        let fitted: Vec<_> = extractors.iter().enumerate().map(fit).collect();
        let gives = |metric: &dyn Metric| {
            let mut panels = fitted.iter().flat_map(|(own, _)| own.plan.panel.metrics());
            panels.any(|given| given.name() == metric.name())
        };
        let is_empty = fitted.iter().all(|(own, _)| own.plan.panel.is_empty());
        // What was named is missed, and so is what alone was to be computed.
        let missed = |metric: &&dyn Metric| args.metrics.name(*metric) || is_empty;
        let mut lacking = plan.panel.metrics().into_iter().filter(|metric| !gives(*metric));
        if let Some(metric) = lacking.find(missed) {
            return Err(not_given(metric).into());
        }
        let mut found = Vec::new();
        for (mut own, missing) in fitted {
            own.warnings.extend(missing.into_iter().flatten());
            if own.plan.panel.is_empty() {
                continue;
            }
            for statistics in sides.into_iter().flatten().filter_map(Side::held_statistics) {
                own.warnings.extend(statistics.check_extractor(&extractors[own.place])?);
            }
            found.push(own);
        }
        Ok(found)
    }
}

impl Standing {
    fn new(side: Side) -> Self {
        Self { side, of_images: false, known: BTreeMap::new(), notes: Vec::new() }
    }

    /// What is known of it, by the extractor's place: what it was before, and of images or statistics alone as
    /// `of_images` says.
    fn score(
        &mut self,
        of_images: bool,
        extraction: &mut Extraction<'_>,
        fitted: &mut [Fitted],
        cache: &FeatureCache,
    ) -> anyhow::Result<BTreeMap<usize, Known>> {
        if self.of_images != of_images {
            *self = Self { of_images, ..Self::new(self.side.clone()) };
        }
        let (known, mut new): (Vec<_>, Vec<_>) =
            fitted.iter_mut().partition(|own| self.known.contains_key(&own.place));
        known.into_iter().for_each(|own| own.warnings.keep(&self.notes));
        if !new.is_empty() {
            let side = self.side.clone().settled(of_images);
            let (found, notes) = extraction.side(&side, &mut new, cache)?;
            self.known.extend(new.iter().map(|own| own.place).zip(found));
            self.notes = notes;
        }
        Ok(self.known.clone())
    }
}

/// Why no extractor gives `metric`.
fn not_given(metric: &dyn Metric) -> MetricsError {
    let metric_name = metric.name();
    if metric.needs_logits() {
        return MetricsError::MissingLogits { metric: metric_name };
    }
    let what = "spatial features, which InceptionV3 gives under protocol adm";
    MetricsError::MissingEvidence { metric: metric_name, what }
}
