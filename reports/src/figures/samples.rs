//! `figures/samples-<run>.png`: a run's last sample grid, under a title.

use super::drawing::{Caption, Drawing, Pictures};
use super::scene::{Picture, Scene};
use super::{COLUMN_WIDTH, Figure, MARGIN, paint};
use crate::error::ReportError;
use crate::naming::shown_runs;
use crate::results::Results;
use crate::run::SampleGrid;

/// The last samples of each run.
pub(super) struct Samples;

impl Figure for Samples {
    fn name(&self) -> &'static str {
        "samples"
    }

    fn doc(&self) -> &'static str {
        "the last sample grid of each run, with name, dataset, step and seed"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let mut drawings = Vec::new();
        for named in shown_runs(&results.runs) {
            let record = &named.run.record;
            let Some(grid) = &named.run.samples else { continue };
            let caption = Caption {
                title: format!("{} on {}", named.label, record.dataset),
                provenance: format!(
                    "step {}, seed {}, {} budget",
                    grid.step, record.seed, record.budget
                ),
                ..Caption::default()
            };
            drawings.push(Drawing {
                stem: format!("{}-{}", self.name(), named.stem),
                caption,
                scene: scene(grid)?,
                pictures: Pictures::Pixels,
            });
        }
        Ok(drawings)
    }
}

fn scene(grid: &SampleGrid) -> Result<Scene, ReportError> {
    let pixels = grid.pixels()?;
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    // A whole number of painted pixels a sample pixel, so that all come out alike; large grids are scaled down.
    let (columns, rows) = pixels.dimensions();
    let fitting = width * paint::PIXELS_PER_UNIT / f64::from(columns.max(1));
    let zoom = if fitting >= 1.0 { fitting.floor() } else { fitting };
    let side = |count: u32| f64::from(count) * zoom / paint::PIXELS_PER_UNIT;
    let size = (side(columns), side(rows));

    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + size.1);
    scene.picture(Picture {
        at: (MARGIN, MARGIN),
        size,
        pixels: (columns, rows),
        rgb: pixels.into_raw(),
    });
    Ok(scene)
}
