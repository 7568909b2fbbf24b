//! The sides of an evaluation, from what the user names to features.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Context;
use bench_data::datasets::ImageCache;
use bench_data::source::{Labels, Source};
use bench_metrics::memorization::{Memorization, memorization};
use bench_metrics::{Metric, MetricsError, OnnxExtractor, Sample};

use super::EvalArgs;
use super::report::Provenance;
use crate::commands::extraction::skipped_warning;
use crate::evaluation::{
    self, FeatureCache, Known, MemorizationReport, PerClass, ScoredImages, ScoringPlan, Side,
    Statistics,
};
use crate::exit::Failure;
use crate::warnings::Warnings;

/// Held-out images below which their first percentile rests on a handful of them.
const FEW_HELD_OUT: u64 = 1000;

/// What is compared, opened and not yet scored.
pub(super) struct Sides {
    pub(super) generated: Side,
    pub(super) reference: Option<Side>,
    held_out: Option<Source>,
    labels: Option<(Labels, Labels)>,
}

/// What is compared, scored.
pub(super) struct Scored {
    pub(super) provenance: Provenance,
    pub(super) generated: Known,
    pub(super) reference: Option<Known>,
    held_out: Option<ScoredImages>,
    labels: Option<(Labels, Labels)>,
}

impl Sides {
    /// Opens everything that the user names, so that a wrong path fails before the work starts.
    pub(super) fn open(args: &EvalArgs) -> anyhow::Result<Self> {
        let cache = if args.no_cache { None } else { ImageCache::of_user() };
        let options = args.extraction.source_options(cache.as_ref(), args.per_class);
        let open = |text: &OsString| Side::parse(text, &options);
        let generated = open(&args.generated)?;
        let reference = args.reference.as_ref().map(open).transpose()?;
        let flat = args.extraction.source_options(cache.as_ref(), false);
        let open_images = |text: &OsString| Source::open(text, &flat);
        let held_out = args.held_out.as_ref().map(open_images).transpose()?;
        let images = (generated.images(), reference.as_ref().and_then(Side::images));
        let needs_images = |option: &str| {
            let text = match reference {
                Some(_) => format!("{option} needs images on both sides, and not statistics"),
                None => {
                    format!("{option} needs images to compare with; name REFERENCE after GENERATED")
                }
            };
            images.0.zip(images.1).ok_or(Failure::usage(text))
        };
        let needy = args.metrics.need_images();
        for option in needy.chain(held_out.is_some().then(|| "--held-out".to_owned())) {
            needs_images(&option)?;
        }
        let labels = match args.per_class {
            true => Some(common_labels(needs_images("--per-class")?)?),
            false => None,
        };
        Ok(Self { generated, reference, held_out, labels })
    }

    /// What is to be said of statistics that lie beside images.
    pub(super) fn beside_images(&self) -> Vec<String> {
        let sides = [Some(&self.generated), self.reference.as_ref()].into_iter().flatten();
        let both = sides.filter(|side| side.images().is_some());
        both.filter_map(Side::held_statistics).map(Statistics::beside_images).collect()
    }

    /// Scores all images; statistics are known already. Leaves those metrics of `plan` that the extractor allows. What is
    /// to be said joins `warnings`.
    ///
    /// # Errors
    /// If images cannot be read or scored, statistics are of another extractor, or it allows none of the metrics, or not
    /// one that was named.
    pub(super) fn score(
        self,
        args: &EvalArgs,
        plan: &mut ScoringPlan,
        warnings: &mut Warnings,
    ) -> anyhow::Result<Scored> {
        let extraction = &args.extraction;
        let Self { generated, reference, held_out, labels } = self;
        let metrics = plan.panel.metrics();
        let needs = |which: fn(&dyn Metric) -> bool| metrics.iter().any(|metric| which(*metric));
        let all_images = labels.is_some() || held_out.is_some();
        let generated = generated.settled(all_images || needs(|metric| metric.needs_activations()));
        let needs_reference = all_images || needs(|metric| metric.needs_reference_activations());
        let reference = reference.map(|side| side.settled(needs_reference));
        if let (Side::Statistics(ours), Some(Side::Statistics(theirs))) = (&generated, &reference) {
            warnings.extend(ours.check_against(theirs)?);
            if !extraction.is_open() {
                warnings.push("no images are scored: the extractor is not used".to_owned());
            }
        }
        let (provenance, generated, reference, held_out) = match (generated, reference) {
            (Side::Statistics(ours), Some(Side::Statistics(theirs))) => {
                let provenance = Provenance::of_statistics(&ours, &theirs);
                let known = |statistics| Known::Statistics(Box::new(statistics));
                (provenance, known(ours), Some(known(theirs)), None)
            }
            (generated, reference) => {
                let mut extractor = extraction.load()?;
                let mut needy = plan.panel.metrics();
                needy.retain(|metric| metric.needs_logits());
                if let Some(missing) = plan.fit_to_extractor(&extractor) {
                    // What was named is missed, and so is what alone was to be computed.
                    let missed = |metric| args.metrics.name(metric) || plan.panel.is_empty();
                    if let Some(metric) = needy.into_iter().find(|metric| missed(*metric)) {
                        return Err(MetricsError::MissingLogits { metric: metric.name() }.into());
                    }
                    warnings.push(missing);
                }
                let named = plan
                    .panel
                    .metrics()
                    .into_iter()
                    .find(|metric| metric.needs_spatial() && args.metrics.name(*metric));
                match (plan.fit_to_spatial(&extractor), named) {
                    (Some(_), Some(metric)) => {
                        let what = "spatial features, which InceptionV3 gives under protocol adm";
                        return Err(
                            MetricsError::MissingEvidence { metric: metric.name(), what }.into()
                        );
                    }
                    (missing, _) => warnings.extend(missing),
                }
                let sides = [Some(&generated), reference.as_ref()];
                for statistics in sides.into_iter().flatten().filter_map(Side::held_statistics) {
                    warnings.extend(statistics.check_extractor(&extractor)?);
                }
                let cache = match args.no_cache {
                    true => FeatureCache::none(),
                    false => FeatureCache::of_user(extraction.threads),
                };
                // Generated images come once; what they are compared with comes again.
                let passing = FeatureCache::none();
                let mut scoring = Scoring { extractor: &mut extractor, args, warnings };
                let generated = scoring.side(generated, &passing)?;
                let reference = reference.map(|side| scoring.side(side, &cache)).transpose()?;
                let held_out = held_out.map(|source| scoring.images(source, &cache)).transpose()?;
                let provenance =
                    Provenance::of_extractor(&extractor, extraction.protocol, extraction.threads);
                (provenance, generated, reference, held_out)
            }
        };
        Ok(Scored { provenance, generated, reference, held_out, labels })
    }
}

/// The scoring of one side after the other.
struct Scoring<'a> {
    extractor: &'a mut OnnxExtractor,
    args: &'a EvalArgs,
    warnings: &'a mut Warnings,
}

impl Scoring<'_> {
    fn side(&mut self, side: Side, cache: &FeatureCache) -> anyhow::Result<Known> {
        match side {
            Side::Statistics(statistics) => Ok(Known::Statistics(Box::new(statistics))),
            Side::Images(source) => self.images(source, cache).map(Box::new).map(Known::Images),
            Side::Both(source, statistics) => {
                let images = self.images(source, cache)?.with_statistics(statistics);
                Ok(Known::Images(Box::new(images)))
            }
        }
    }

    fn images(&mut self, source: Source, cache: &FeatureCache) -> anyhow::Result<ScoredImages> {
        let extraction = &self.args.extraction;
        let origin = evaluation::look_at(&source, extraction.bad_images())?;
        self.warnings.extend(origin.notes.iter().cloned());
        let (measured, skipped) = evaluation::measure_once(
            &source,
            &origin,
            self.extractor,
            extraction.protocol,
            extraction.reading(),
            cache,
        )?;
        self.warnings.extend(skipped_warning(&skipped));
        Ok(ScoredImages::new(source, origin, measured, &skipped))
    }
}

impl Scored {
    /// FID of every class, if asked for.
    pub(super) fn per_class(&self) -> anyhow::Result<Option<PerClass>> {
        let (Some((ours, theirs)), Some((generated, reference))) = (&self.labels, self.images())
        else {
            return Ok(None);
        };
        Ok(Some(evaluation::per_class_fid((generated, ours), (reference, theirs))?))
    }

    /// How near the generated images lie to the reference images, if there are held-out ones.
    pub(super) fn memorization(&self) -> anyhow::Result<Option<Memorization>> {
        let (Some(held_out), Some((generated, training))) = (&self.held_out, self.images()) else {
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
            Known::Statistics(statistics) => serde_json::to_value(statistics.origin()),
        };
        let sides = [
            ("generated", Some(of_known(&self.generated))),
            ("reference", self.reference.as_ref().map(of_known)),
            ("held_out", self.held_out.as_ref().map(|own| serde_json::to_value(own.origin()))),
        ];
        let found = sides.into_iter().filter_map(|(name, value)| Some((name, value?.ok()?)));
        found.collect()
    }

    /// What metrics are computed from of the held-out images, if there are any.
    pub(super) fn held_out(&self) -> Option<Sample<'_>> {
        self.held_out.as_ref().map(|images| images.measured().sample())
    }

    /// Number of held-out images, if there are any.
    pub(super) fn n_held_out(&self) -> Option<u64> {
        self.held_out.as_ref().map(|images| images.measured().n())
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
}

/// The classes of either side's images, which must have one in common.
fn common_labels((generated, reference): (&Source, &Source)) -> Result<(Labels, Labels), Failure> {
    let labels = |source: &Source| {
        source.labels().ok_or_else(|| {
            Failure::input(format!(
                "{}: the classes of its images are unknown; for --per-class give a dataset split, or a folder or .zip \
                 with a folder for every class",
                source.describe()
            ))
        })
    };
    let (ours, theirs) = (labels(generated)?, labels(reference)?);
    if ours.classes.iter().any(|class| theirs.classes.contains(class)) {
        return Ok((ours, theirs));
    }
    Err(Failure::input(format!(
        "no class is on both sides: {} has {}, {} has {}; name the folders alike",
        generated.describe(),
        ours.classes.join(", "),
        reference.describe(),
        theirs.classes.join(", ")
    )))
}
