//! What each of several extractors makes of a side, in one pass over its images.

use std::rc::Rc;

use bench_data::source::Source;
use bench_metrics::OnnxExtractor;

use super::EvalArgs;
use crate::commands::extraction::skipped_warning;
use crate::evaluation::{self, FeatureCache, Known, ScoredImages, ScoringPlan, Side};
use crate::warnings::Warnings;

/// The extractors, once there are images for them.
pub(super) struct Extraction<'a> {
    pub(super) args: &'a EvalArgs,
    pub(super) extractors: Vec<OnnxExtractor>,
}

/// What an extractor can give of what is asked for.
pub(super) struct Fitted {
    /// Its place among the extractors.
    pub(super) place: usize,
    pub(super) plan: ScoringPlan,
    pub(super) warnings: Warnings,
}

impl Extraction<'_> {
    /// What is known of a side by each of `fitted`, in their order, and what is to be said of it.
    pub(super) fn side(
        &mut self,
        side: &Side,
        fitted: &mut [&mut Fitted],
        cache: &FeatureCache,
    ) -> anyhow::Result<(Vec<Known>, Vec<String>)> {
        let (source, statistics) = match side {
            Side::Statistics(statistics) => {
                let known = || Known::Statistics(Rc::clone(statistics));
                return Ok((fitted.iter().map(|_| known()).collect(), Vec::new()));
            }
            Side::Images(source) => (source, None),
            Side::Both(source, statistics) => (source, Some(statistics)),
        };
        let (images, notes) = self.images(source, fitted, cache)?;
        let known = |images: ScoredImages| {
            let images = match statistics {
                Some(statistics) => images.with_statistics(statistics),
                None => images,
            };
            Known::Images(Rc::new(images))
        };
        Ok((images.into_iter().map(known).collect(), notes))
    }

    fn images(
        &mut self,
        source: &Rc<Source>,
        fitted: &mut [&mut Fitted],
        cache: &FeatureCache,
    ) -> anyhow::Result<(Vec<ScoredImages>, Vec<String>)> {
        let extraction = &self.args.extraction;
        let origin = evaluation::look_at(source, extraction.bad_images())?;
        let mut notes = origin.notes.clone();
        let say = |texts: &[String], fitted: &mut [&mut Fitted]| {
            fitted.iter_mut().for_each(|own| own.warnings.extend(texts.iter().cloned()));
        };
        say(&notes, fitted);
        let wanted = |place: usize| fitted.iter().any(|own| own.place == place);
        let extractors = self.extractors.iter_mut().enumerate();
        let extractors = extractors.filter_map(|(place, own)| wanted(place).then_some(own));
        let (measured, skipped) = evaluation::measure_once(
            source,
            &origin,
            extractors.collect(),
            extraction.protocol,
            extraction.reading(),
            cache,
        )?;
        let left_out: Vec<String> = skipped_warning(&skipped).into_iter().collect();
        say(&left_out, fitted);
        notes.extend(left_out);
        let scored = |own| ScoredImages::new(Rc::clone(source), origin.clone(), own, &skipped);
        Ok((measured.into_iter().map(scored).collect(), notes))
    }
}
