//! The figures of a report: one file each, one line each in [`FIGURES`].

mod axis;
mod disturbances;
mod fid_bars;
mod fid_over_steps;
mod font;
mod heading;
mod legend;
mod losses;
mod nearest_pairs;
mod paint;
mod palette;
mod plot;
mod samples;
mod scene;

pub use disturbances::{DisturbanceCurve, disturbance_curves};
pub use nearest_pairs::{NearestPair, Thumbnail, nearest_pairs};

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::run::Run;
use scene::Scene;

/// A kind of figure that is drawn from runs.
pub trait Figure: Sync {
    /// What its file names start with, such as `losses`.
    fn name(&self) -> &'static str;

    /// One line on what it shows.
    fn doc(&self) -> &'static str;

    /// Every figure of this kind, under `figures/`; none where these runs give it nothing to show.
    ///
    /// # Errors
    /// [`ReportError::Figure`] when painting fails, [`ReportError::Samples`] for an unreadable sample grid.
    fn draw(&self, runs: &[Run]) -> Result<Vec<Artifact>, ReportError>;
}

/// Every kind of figure, in the order of the report.
pub const FIGURES: &[&dyn Figure] =
    &[&fid_bars::FidBars, &fid_over_steps::FidOverSteps, &samples::Samples, &losses::Losses];

/// Width of a figure for one column of a paper, in units.
const COLUMN_WIDTH: f64 = 480.0;
/// White border of a figure, in units.
const MARGIN: f64 = 8.0;

/// A scene as `figures/<name>-<stem>.png` and, as it scales, `.svg`.
fn png_and_svg(name: &str, stem: &str, scene: &Scene) -> Result<[Artifact; 2], ReportError> {
    Ok([
        Artifact {
            path: format!("figures/{name}-{stem}.png").into(),
            bytes: paint::png(name, scene)?,
        },
        Artifact {
            path: format!("figures/{name}-{stem}.svg").into(),
            bytes: paint::svg(name, scene)?.into_bytes(),
        },
    ])
}
