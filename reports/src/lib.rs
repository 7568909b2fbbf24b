//! Records in, tables and figures out.
//!
//! A results folder holds one folder a run (`<suite>/<run>/`) with its record, its histories and its sample grids.
//! [`load_all`] reads them, [`render`] turns them into tables, figures and one page, and [`compare()`] holds two of them
//! against each other; nothing here writes a file.
//!
//! To add a table, a figure or a format, write one file in `tables/`, `figures/` or `formats/` and add one line to
//! [`tables::TABLES`], [`figures::FIGURES`] or [`formats::FORMATS`].

mod artifact;
mod choice;
mod cohort;
pub mod compare;
mod contest;
mod data;
mod error;
pub mod figures;
pub mod formats;
pub mod grid;
mod group;
pub mod history;
pub mod measure;
mod naming;
pub mod origin;
mod page;
pub mod paper;
mod parallel;
pub mod picture;
pub mod published;
pub mod record;
mod results;
pub mod run;
mod screen;
mod settings;
mod statistics;
pub mod table;
pub mod tables;

pub use artifact::Artifact;
pub use choice::Choice;
pub use compare::compare;
pub use error::ReportError;
pub use paper::paper;
pub use record::{Record, Status};
pub use results::{Results, load_all};
pub use run::Run;
pub use screen::screen;

use figures::Drawing;
use parallel::parallel;

/// Every table in every format, every figure, `records.jsonl` and `report.html`, as files relative to the results folder.
/// The same runs give the same bytes.
///
/// # Errors
/// As [`render_as`].
pub fn render(results: &Results) -> Result<Vec<Artifact>, ReportError> {
    render_as(results, &Choice::default())
}

/// The figures, and what else was asked for, as files relative to the results folder.
///
/// # Errors
/// [`ReportError::NoRuns`] for no runs, [`ReportError::Samples`] for a sample grid that is no PNG, and
/// [`ReportError::Table`] or [`ReportError::Figure`] when something cannot be rendered.
pub fn render_as(results: &Results, choice: &Choice) -> Result<Vec<Artifact>, ReportError> {
    if results.runs.is_empty() {
        return Err(ReportError::NoRuns);
    }
    let tables = tables::build_all(results)?;
    let mut artifacts = Vec::new();
    for table in &tables {
        artifacts.extend(tables::artifacts(table, &choice.tables)?);
    }
    if choice.covers("csv") {
        artifacts.push(data::measures(results)?);
    }
    if choice.records {
        artifacts.push(data::records(results)?);
    }
    let mut drawn = Vec::new();
    for figure in figures::FIGURES {
        let drawings = figure.draw(results)?;
        let artifacts = parallel(&drawings, Drawing::on_screen)?;
        drawn.push((*figure, drawings, artifacts.into_iter().flatten().collect::<Vec<_>>()));
    }
    let sections: Vec<page::Section<'_>> = drawn
        .iter()
        .map(|(figure, drawings, artifacts)| page::Section { figure: *figure, drawings, artifacts })
        .collect();
    let animations = figures::animations(results)?;
    let page = match choice.page {
        true => Some(page::page(results, &tables, &sections, &animations)?),
        false => None,
    };
    artifacts.extend(drawn.into_iter().flat_map(|(.., artifacts)| artifacts));
    artifacts.extend(animations.into_iter().map(|animation| animation.artifact));
    artifacts.extend(page);
    Ok(artifacts)
}
