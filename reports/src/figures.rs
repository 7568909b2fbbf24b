//! The figures of a report: one file each, one line each in [`FIGURES`].

mod axis;
mod bars;
mod cost;
mod curve;
mod disturbances;
mod drawing;
mod film;
mod fitted;
mod font;
mod heading;
mod legend;
mod losses;
mod losses_together;
mod nearest_pairs;
mod number;
mod over_steps;
mod overlay;
mod paint;
mod palette;
mod panels;
mod pdf;
mod pictures;
mod plot;
mod reference;
mod samples;
mod scene;
mod sheet;
mod smoothing;
mod source_pictures;
mod sources;

pub use disturbances::{DisturbanceCurve, disturbance_curves};
pub use drawing::Drawing;
pub(crate) use film::{Animation, animations};
pub use losses_together::loss_columns;
pub use nearest_pairs::{NearestPair, Thumbnail, nearest_pairs};
pub use pictures::picture;

use crate::error::ReportError;
use crate::results::Results;

/// A kind of figure that is drawn from results.
pub trait Figure: Sync {
    /// What it is called, such as `losses`.
    fn name(&self) -> &'static str;

    /// One line on what it shows.
    fn doc(&self) -> &'static str;

    /// Every figure of this kind; none where these results give it nothing to show.
    ///
    /// # Errors
    /// [`ReportError::Samples`] for an unreadable sample grid.
    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError>;
}

/// Every kind of figure, in the order of the report.
pub const FIGURES: &[&dyn Figure] = &[
    &bars::Bars,
    &over_steps::OverSteps,
    &sources::Sources,
    &source_pictures::SourcePictures,
    &cost::Cost,
    &samples::Samples,
    &film::Film,
    &losses_together::LossesTogether,
    &losses::Losses,
];

/// Width of a figure for one column of a paper, in units.
const COLUMN_WIDTH: f64 = 480.0;
/// Width of a figure over both columns of a paper.
const PAGE_WIDTH: f64 = 2.0 * COLUMN_WIDTH;
/// White border of a figure, in units.
const MARGIN: f64 = 8.0;
