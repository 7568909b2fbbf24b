//! The Fréchet distance class by class, where the classes of both sides are known.

use std::collections::{BTreeMap, BTreeSet};

use bench_data::source::Labels;
use bench_metrics::metrics::fid::Fid;
use bench_metrics::panel::Changes;
use bench_metrics::{
    Activations, Evidence, GaussianStatistics, Metric as _, MetricsError, Panel, Protocol, Sample,
};
use ndarray::{Array2, Axis};
use serde::Serialize;

use super::side::ScoredImages;

/// Class names listed in a warning.
const SHOWN: usize = 5;

/// How near the generated images of one class are to the reference images of that class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassScore {
    /// Fréchet distance between the class' features on either side.
    pub fid: f64,
    /// Generated and reference images of the class.
    pub n: (usize, usize),
}

/// Distances of every class that both sides have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerClass {
    /// Scores by class name.
    pub scores: BTreeMap<String, ClassScore>,
    /// What is to be said of classes that are missing or small.
    pub warnings: Vec<String>,
}

/// FID of every class of which both sides have at least two images, by features of `extractor`, whose name tells what the
/// distance is called. Classes are matched by name.
///
/// # Errors
/// As FID.
pub fn per_class_fid(
    (generated, generated_labels): (&ScoredImages, &Labels),
    (reference, reference_labels): (&ScoredImages, &Labels),
    extractor: &str,
) -> Result<PerClass, MetricsError> {
    let generated_rows = rows_by_class(generated, generated_labels);
    let reference_rows = rows_by_class(reference, reference_labels);
    let dim = generated.measured().gaussian.dim();
    // Its defaults: an interval for every class would take long and is not shown.
    let panel = Panel::new(Protocol::default(), &[&Fid], &Changes::new())?;
    let mut found = PerClass::default();
    let (mut one_sided, mut tiny, mut small) = (Vec::new(), Vec::new(), Vec::new());
    let classes: BTreeSet<&str> =
        generated_rows.keys().chain(reference_rows.keys()).copied().collect();
    for class in classes {
        let (Some(ours), Some(theirs)) = (generated_rows.get(class), reference_rows.get(class))
        else {
            one_sided.push(class);
            continue;
        };
        let n = (ours.len(), theirs.len());
        if n.0.min(n.1) < 2 {
            tiny.push(class);
            continue;
        }
        if n.0.min(n.1) <= dim {
            small.push(class);
        }
        let (ours, theirs) = (Class::of(generated, ours)?, Class::of(reference, theirs)?);
        let (generated, reference) = (ours.sample(), Some(theirs.sample()));
        let evidence = Evidence { generated, reference, held_out: None };
        let values = panel.compute(&evidence)?;
        if let Some(&fid) = values.get("fid") {
            found.scores.insert(class.to_owned(), ClassScore { fid, n });
        }
    }
    let title = Fid.measures()[0].title_below(extractor);
    for (classes, what) in [
        (one_sided, format!("images on one side alone and no {title}")),
        (tiny, format!("fewer than two images on a side and no {title}")),
        (
            small,
            format!("no more images than the {dim} features: their {title} is strongly biased"),
        ),
    ] {
        found.warnings.extend(warning(&classes, &what));
    }
    Ok(found)
}

/// The rows of the features of every class, in order.
fn rows_by_class<'l>(images: &ScoredImages, labels: &'l Labels) -> BTreeMap<&'l str, Vec<usize>> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in 0..images.measured().activations.len() {
        let label = labels.of_images.get(images.place_of(row));
        if let Some(class) = label.and_then(|&label| labels.classes.get(label)) {
            rows.entry(class).or_default().push(row);
        }
    }
    rows
}

/// The images of one class on one side.
struct Class {
    activations: Activations,
    gaussian: GaussianStatistics,
}

impl Class {
    fn of(images: &ScoredImages, rows: &[usize]) -> Result<Self, MetricsError> {
        let Activations { features, logits, .. } = &images.measured().activations;
        let features = features.select(Axis(0), rows);
        let gaussian = GaussianStatistics::from_features(features.view())?;
        let logits = logits.select(Axis(0), rows);
        Ok(Self {
            activations: Activations { spatial: Array2::zeros((rows.len(), 0)), features, logits },
            gaussian,
        })
    }

    fn sample(&self) -> Sample<'_> {
        Sample {
            activations: Some(&self.activations),
            gaussian: Some(&self.gaussian),
            spatial: None,
        }
    }
}

fn warning(classes: &[&str], what: &str) -> Option<String> {
    let shown = classes.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    let more = classes.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!classes.is_empty()).then(|| format!("classes {shown}{rest} have {what}"))
}
