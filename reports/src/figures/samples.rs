//! `figures/samples-<run>.png`: a run's last sample grid, under a title.

use super::heading::Heading;
use super::scene::{Picture, Scene};
use super::{COLUMN_WIDTH, Figure, MARGIN, paint};
use crate::artifact::Artifact;
use crate::cohort::caveat;
use crate::error::ReportError;
use crate::naming::{NamedRun, name_runs};
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

    fn draw(&self, results: &Results) -> Result<Vec<Artifact>, ReportError> {
        let mut artifacts = Vec::new();
        for named in name_runs(&results.runs) {
            if let Some(grid) = &named.run.samples {
                artifacts.push(Artifact {
                    path: format!("figures/{}-{}.png", self.name(), named.stem).into(),
                    bytes: paint::png(self.name(), &scene(&named, grid)?)?,
                });
            }
        }
        Ok(artifacts)
    }
}

fn scene(named: &NamedRun<'_>, grid: &SampleGrid) -> Result<Scene, ReportError> {
    let pixels = image::load_from_memory_with_format(&grid.png, image::ImageFormat::Png)
        .map_err(|error| ReportError::Samples {
            path: grid.path.clone(),
            reason: error.to_string(),
        })?
        .to_rgb8();
    let record = &named.run.record;
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let heading = Heading::new(
        &format!("{} on {}", named.label, record.dataset),
        &format!("step {}, seed {}, {} budget", grid.step, record.seed, record.budget),
        caveat([record]).as_deref(),
        width,
    );
    // A whole number of painted pixels a sample pixel, so that all come out alike; large grids are scaled down.
    let (columns, rows) = pixels.dimensions();
    let fitting = width * paint::PIXELS_PER_UNIT / f64::from(columns.max(1));
    let zoom = if fitting >= 1.0 { fitting.floor() } else { fitting };
    let side = |count: u32| f64::from(count) * zoom / paint::PIXELS_PER_UNIT;
    let size = (side(columns), side(rows));

    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + heading.height() + size.1);
    heading.draw(&mut scene, MARGIN, MARGIN);
    scene.picture(Picture {
        at: (MARGIN, MARGIN + heading.height()),
        size,
        pixels: (columns, rows),
        rgb: pixels.into_raw(),
    });
    Ok(scene)
}
