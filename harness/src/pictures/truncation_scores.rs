//! What truncated latents score: better images, less varied.

use bench_metrics::Extractor;
use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCurve};

use super::truncation::THRESHOLDS;
use super::{Needs, Picture, Subject};
use crate::training::config::RunConfig;
use crate::training::error::RunError;
use crate::training::record::shown;
use crate::training::scoring::{self, Scale};

/// Of the images of an evaluation one in so many is scored under each threshold, where no number is asked for.
const SHARE: u64 = 4;

/// The measures of the run against the threshold of truncated latents.
pub(super) struct TruncationScores;

impl Picture for TruncationScores {
    fn name(&self) -> &'static str {
        "truncation-scores"
    }

    fn doc(&self) -> &'static str {
        "each measure of N images against the threshold of truncated latents (a quarter of those that the run is scored by)"
    }

    fn most(&self) -> u64 {
        u64::MAX
    }

    fn needs(&self) -> Needs {
        Needs::Extractor
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        if asked.truncation.is_some() {
            return Some("it shows several thresholds; give none".to_owned());
        }
        if subject.class.is_some() {
            return Some("scores are of the images of all classes; give no class".to_owned());
        }
        subject.refuses_truncation(Some(1.0))
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let most = subject.config.evaluation.generated();
        let n = asked.n.unwrap_or(most / SHARE).clamp(2, most.max(2));
        let mut config: RunConfig = subject.config.clone();
        config.evaluation.plan.generated = Some(n);
        let mut note = subject.note(asked, format!("Scores of {n} images by truncation"))?;
        note.stream = Some(Purpose::SampleLatents.name().to_owned());
        let samplers = THRESHOLDS
            .iter()
            .map(|&threshold| Ok((threshold, subject.whole_sampler(Some(threshold))?)))
            .collect::<Result<Vec<_>, RunError>>()?;
        let whole = subject.whole_sampler(None)?;
        let Some(lab) = subject.lab.as_mut() else { return Ok(None) };
        let mut panel = lab.panel.clone();
        panel.shrink_to(n);
        let scale = Scale { config: &config, panel: &panel, measured: lab.measured };
        let label = |what: &str| format!("scoring {} {what}", config.name);
        let untruncated = scoring::score(&whole, &scale, lab.extractors, label("untruncated"))?;
        let extractor = lab.extractors.current().name().to_owned();
        note.title += &format!(
            ", against {} reference images; extractor {extractor}, protocol {}",
            untruncated.n_reference, config.evaluation.plan.protocol
        );
        let mut values = Vec::new();
        for (threshold, sampler) in samplers {
            let label = label(&format!("truncated at {threshold}"));
            values
                .push((threshold, scoring::score(&sampler, &scale, lab.extractors, label)?.values));
        }
        let mut beside = Vec::new();
        for measure in panel.measures().into_iter().map(|measure| shown(measure, &extractor)) {
            let points: Vec<(f64, f64)> = values
                .iter()
                .filter_map(|(threshold, values)| Some((*threshold, *values.get(&measure.key)?)))
                .filter(|(_, value)| value.is_finite())
                .collect();
            if let Some(value) = untruncated.values.get(&measure.key) {
                let decimals = measure.decimals;
                beside.push(format!("{} {value:.decimals$}", measure.title));
            }
            note.curves.push(PictureCurve {
                label: measure.label(),
                measure: measure.key,
                against: "Truncation threshold \u{3c8}".to_owned(),
                points,
            });
        }
        note.remarks.push(format!("{} without truncation: {}", config.name, beside.join(", ")));
        Ok(Some(Drawn { note, pixels: Vec::new() }))
    }
}
