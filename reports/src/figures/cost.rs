//! `figures/<measure>-cost-<suite>-<dataset>.*`: what the leading measure cost.

use super::axis::Axis;
use super::drawing::{Caption, Drawing, Pictures};
use super::legend::{Legend, Swatch};
use super::palette::Styles;
use super::panels::Panels;
use super::plot::{Grid, Plot};
use super::reference::{self, Reference, references};
use super::scene::{Scene, Stroke};
use super::{Figure, MARGIN, PAGE_WIDTH};
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::Measure;
use crate::record::Record;
use crate::results::Results;
use crate::statistics::Sample;

/// The leading measure against time and against images seen, one figure a cohort of several experiments.
pub(super) struct Cost;

/// Height of the panels, in units.
const HEIGHT: f64 = 270.0;
/// Whiskers beyond this many times the highest mean are cut.
const HIGHEST_WHISKER: f64 = 1.25;
const SECONDS_PER_HOUR: f64 = 3600.0;

impl Figure for Cost {
    fn name(&self) -> &'static str {
        "cost"
    }

    fn doc(&self) -> &'static str {
        "the leading measure against time and against real images seen, one point an experiment"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let styles = Styles::of(&groups(&results.runs));
        let mut drawings = Vec::new();
        for cohort in cohorts(&results.runs) {
            let scored = cohort.groups.iter().filter(|g| quality(g, cohort.measures[0]).is_some());
            let scored: Vec<&Group<'_>> = scored.collect();
            if scored.len() > 1 {
                let stem = cohort.file(cohort.measures[0], &[self.name()]);
                drawings.push(drawing(stem, &cohort, &scored, &styles));
            }
        }
        Ok(drawings)
    }
}

fn quality(group: &Group<'_>, measure: &Measure) -> Option<Sample> {
    group.sample(|record| record.metric(&measure.key))
}

fn drawing(stem: String, cohort: &Cohort<'_>, scored: &[&Group<'_>], styles: &Styles) -> Drawing {
    let measure = cohort.measures[0];
    let mut machines: Vec<String> = cohort
        .records()
        .map(|record| {
            let plural = if record.threads == 1 { "thread" } else { "threads" };
            format!("{} with {} {plural}", record.device, record.threads)
        })
        .collect();
    machines.sort();
    machines.dedup();
    let caption = Caption {
        title: format!("{} against its cost on {}", measure.title, cohort.setting()),
        provenance: format!(
            "{}; {}; wall time, evaluation included, on {}",
            cohort.provenance(),
            cohort.seeds(),
            machines.join(", ")
        ),
        caveat: cohort.caveat(),
        remarks: Vec::new(),
    };
    let references = references(cohort, measure);
    let scene = scene(measure, scored, &references, styles);
    Drawing { stem, caption, scene, pictures: Pictures::Scaling }
}

/// What a panel has to the right, of one run.
type Price = (&'static str, fn(&Record) -> Option<f64>);

const HOURS: Price = ("Hours", |record| Some(record.wall_seconds / SECONDS_PER_HOUR));
const MINUTES: Price = ("Minutes", |record| Some(60.0 * record.wall_seconds / SECONDS_PER_HOUR));
const IMAGES: Price = ("Real images seen", |record| Some(record.images_seen as f64));

/// What the panels have to the right: minutes where no experiment takes an hour.
fn prices(scored: &[&Group<'_>]) -> [Price; 2] {
    let hours = |group: &&Group<'_>| group.sample(HOURS.1).is_some_and(|hours| hours.mean >= 1.0);
    [if scored.iter().any(hours) { HOURS } else { MINUTES }, IMAGES]
}

fn scene(
    measure: &Measure,
    scored: &[&Group<'_>],
    references: &[Reference],
    styles: &Styles,
) -> Scene {
    let points = scored
        .iter()
        .map(|group| (Swatch::Point(styles.style(&group.label)), group.label.clone()))
        .chain(references.iter().map(|reference| (reference::SWATCH, reference.name())));
    let legend = Legend::new(points.collect(), PAGE_WIDTH - 2.0 * MARGIN);
    let prices = prices(scored);
    let panels = Panels::new(prices.len(), prices.len(), HEIGHT);
    let mut scene = panels.scene(legend.height());
    let samples: Vec<Sample> = scored.iter().filter_map(|group| quality(group, measure)).collect();
    let means = || samples.iter().map(|sample| sample.mean);
    let highest = means().fold(0.0, f64::max) * HIGHEST_WHISKER;
    let ends = samples.iter().filter_map(|sample| Some(sample.interval()?.1.min(highest)));
    let values: Vec<f64> = means().chain(ends).collect();
    let y = reference::axis(&measure.label(), values, references, 5);
    for (index, (label, price)) in prices.into_iter().enumerate() {
        let costs = || scored.iter().filter_map(|group| group.sample(price));
        let x = Axis::for_distances(label, costs().map(|sample| sample.mean), 4);
        let label = if index == 0 { y.label.clone() } else { String::new() };
        let frame = panels.frame(index);
        let plot = Plot::new(&mut scene, frame, x, Axis { label, ..y.clone() }, Grid::Horizontal);
        for reference in references {
            reference.draw_across(&mut scene, &plot);
        }
        for group in scored {
            let style = styles.style(&group.label);
            let (Some(value), Some(cost)) = (quality(group, measure), group.sample(price)) else {
                continue;
            };
            if let Some((low, high)) = value.interval() {
                let ends = [low, high].map(|end| plot.point(cost.mean, end));
                if let [Some(from), Some(to)] = ends {
                    let within = |(x, y): (f64, f64)| (x, y.clamp(plot.area.top, plot.area.bottom));
                    scene.line(vec![within(from), within(to)], Stroke::solid(style.colour, 1.3));
                }
            }
            if let Some(at) = plot.point(cost.mean, value.mean) {
                scene.marker(style.marker, at, 5.0, style.colour);
            }
        }
    }
    let top = scene.height - MARGIN - legend.height();
    legend.draw(&mut scene, MARGIN, PAGE_WIDTH - MARGIN, top);
    scene
}
