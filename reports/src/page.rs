//! `report.html`: the tables and figures of a results folder on one page that can be sent alone.
//!
//! Everything can be read without a script. The script in `assets/report/` adds what needs one: sorting and filtering,
//! figures that zoom, curves to compare and two runs side by side, drawn from the data that [`data`] embeds.

mod cards;
mod data;
mod figures;
mod frame;
mod labels;
mod pictures;
mod provenance;
mod sparkline;
mod summary;
mod tables;

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::figures::{Animation, Drawing, Figure};
use crate::results::Results;
use crate::run::Run;
use crate::table::Table;

/// The controls of the parts that the script fills.
const CURVES: &str = include_str!("../assets/report/curves.html");
const PAIR: &str = include_str!("../assets/report/pair.html");

/// Figures of one kind, as they were drawn.
pub(crate) struct Section<'a> {
    pub(crate) figure: &'a dyn Figure,
    pub(crate) drawings: &'a [Drawing],
    /// The files of all of them.
    pub(crate) artifacts: &'a [Artifact],
}

/// A part of the page that its navigation leads to.
struct Part {
    id: &'static str,
    title: &'static str,
    html: String,
    /// Whether it is empty without the script, and so hidden.
    scripted: bool,
}

/// The page. Images are inlined as far as its size allows; the same results give the same bytes.
pub(crate) fn page(
    results: &Results,
    tables: &[Table],
    sections: &[Section<'_>],
    animations: &[Animation<'_>],
) -> Result<Artifact, ReportError> {
    let runs = labels::label_runs(&results.runs);
    let part = |id, title, html| Part { id, title, html, scripted: false };
    let tool = |id, title, html| Part { id, title, html, scripted: true };
    let has_curves = |run: &Run| !run.losses.is_empty() || !run.metrics.is_empty();
    let curves = if results.runs.iter().any(has_curves) { CURVES } else { "" };
    let pair = if results.runs.len() > 1 { PAIR } else { "" };
    let parts = [
        part("summary", "Summary", summary::html(results)),
        part("tables", "Tables", tables::html(tables)?),
        part("figures", "Figures", figures::html(results, sections)),
        tool("curves", "Curves", curves.to_owned()),
        part("runs", "Runs", cards::html(&runs, animations)?),
        tool("pair", "Two runs", pair.to_owned()),
        part("provenance", "Provenance", provenance::html(results, &runs)),
    ];
    let html = frame::document(&summary::title(results), &parts, &data::json(&runs));
    Ok(Artifact { path: "report.html".into(), bytes: html.into_bytes() })
}
