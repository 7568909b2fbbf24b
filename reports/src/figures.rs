//! The figures of a report: one file each, one line each in [`FIGURES`].

mod axis;
mod bars;
mod disturbances;
mod fitted;
mod font;
mod heading;
mod legend;
mod losses;
mod nearest_pairs;
mod number;
mod over_steps;
mod paint;
mod palette;
mod plot;
mod reference;
mod samples;
mod scene;

pub use disturbances::{DisturbanceCurve, disturbance_curves};
pub use nearest_pairs::{NearestPair, Thumbnail, nearest_pairs};

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::results::Results;
use scene::Scene;

/// A kind of figure that is drawn from results.
pub trait Figure: Sync {
    /// What it is called, such as `losses`.
    fn name(&self) -> &'static str;

    /// One line on what it shows.
    fn doc(&self) -> &'static str;

    /// Every figure of this kind, under `figures/`; none where these results give it nothing to show.
    ///
    /// # Errors
    /// [`ReportError::Figure`] when painting fails, [`ReportError::Samples`] for an unreadable sample grid.
    fn draw(&self, results: &Results) -> Result<Vec<Artifact>, ReportError>;
}

/// Every kind of figure, in the order of the report.
pub const FIGURES: &[&dyn Figure] =
    &[&bars::Bars, &over_steps::OverSteps, &samples::Samples, &losses::Losses];

/// Width of a figure for one column of a paper, in units.
const COLUMN_WIDTH: f64 = 480.0;
/// White border of a figure, in units.
const MARGIN: f64 = 8.0;

/// A scene as `figures/<stem>.png` and, as it scales, `.svg`.
fn png_and_svg(stem: &str, scene: &Scene) -> Result<[Artifact; 2], ReportError> {
    Ok([
        Artifact { path: format!("figures/{stem}.png").into(), bytes: paint::png(stem, scene)? },
        Artifact {
            path: format!("figures/{stem}.svg").into(),
            bytes: paint::svg(stem, scene)?.into_bytes(),
        },
    ])
}
