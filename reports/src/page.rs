//! `report.html`: the tables and figures of a results folder on one self-contained page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::figures::Figure;
use crate::formats::Format;
use crate::formats::html::{Html, escape};
use crate::results::Results;
use crate::run::Run;
use crate::table::Table;

const STYLE: &str = include_str!("page/style.css");

/// Figures of one kind, as they were drawn.
pub(crate) struct Section<'a> {
    pub(crate) figure: &'a dyn Figure,
    pub(crate) artifacts: &'a [Artifact],
}

/// The page. Images are inlined, so that the file can be sent alone.
pub(crate) fn page(
    results: &Results,
    tables: &[Table],
    sections: &[Section<'_>],
) -> Result<Artifact, ReportError> {
    let mut html =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.push_str(&format!(
        "<title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        title(&results.runs)
    ));
    html.push_str(&format!("<h1>{}</h1>\n", title(&results.runs)));
    for table in tables {
        html.push_str(&Html.render(table)?);
    }
    for section in sections {
        push_section(&mut html, section);
    }
    push_provenance(&mut html, results);
    html.push_str("</body>\n</html>\n");
    Ok(Artifact { path: "report.html".into(), bytes: html.into_bytes() })
}

fn title(runs: &[Run]) -> String {
    let mut datasets: Vec<&str> = runs.iter().map(|run| run.record.dataset.as_str()).collect();
    datasets.sort_unstable();
    datasets.dedup();
    let plural = if runs.len() == 1 { "run" } else { "runs" };
    escape(&format!("GAN benchmark: {} {plural} on {}", runs.len(), datasets.join(", ")))
}

fn push_section(html: &mut String, section: &Section<'_>) {
    let images =
        || section.artifacts.iter().filter(|artifact| is_shown(artifact, section.artifacts));
    if images().next().is_none() {
        return;
    }
    let doc = section.figure.doc();
    let (first, rest) = doc.split_at(doc.chars().next().map_or(0, char::len_utf8));
    html.push_str(&format!(
        "<h2>{}{}</h2>\n<div class=\"figures\">\n",
        first.to_uppercase(),
        escape(rest)
    ));
    for artifact in images() {
        let path = escape(&artifact.path.to_string_lossy());
        let kind = if has_extension(artifact, "svg") { "svg+xml" } else { "png" };
        let data = STANDARD.encode(&artifact.bytes);
        html.push_str(&format!(
            "<a href=\"{path}\" title=\"{path}\"><img alt=\"{path}\" src=\"data:image/{kind};base64,{data}\"></a>\n"
        ));
    }
    html.push_str("</div>\n");
}

/// Whether an artifact is the version of its figure that the page shows: the SVG, which is smaller and scales, or the
/// PNG where there is no SVG.
fn is_shown(artifact: &Artifact, all: &[Artifact]) -> bool {
    let svg = artifact.path.with_extension("svg");
    has_extension(artifact, "svg") || !all.iter().any(|other| other.path == svg)
}

fn has_extension(artifact: &Artifact, extension: &str) -> bool {
    artifact.path.extension().is_some_and(|found| found == extension)
}

/// What a reader needs to make a run again: hashes, device and threads.
fn push_provenance(html: &mut String, results: &Results) {
    html.push_str(
        "<h2>Provenance</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Run</th><th>Suite</th>",
    );
    html.push_str("<th>Experiment</th><th>Extractor</th><th>Extractor SHA-256</th><th>Device</th>");
    html.push_str("<th class=\"number\">Threads</th></tr></thead>\n<tbody>\n");
    for run in &results.runs {
        let record = &run.record;
        html.push_str(&format!(
            "<tr><td>{} on {}, seed {}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td><code>{}</code></td>\
             <td>{}</td><td class=\"number\">{}</td></tr>\n",
            escape(&record.name),
            escape(&record.dataset),
            record.seed,
            escape(&record.suite),
            escape(&record.experiment),
            escape(&record.extractor),
            escape(&record.extractor_sha256),
            escape(&record.device),
            record.threads,
        ));
    }
    html.push_str("</tbody></table></div>\n");
    if !results.unreadable.is_empty() {
        html.push_str(&format!(
            "<p class=\"footnote\">{} of this results folder could not be read and left out; bench report names them.</p>\n",
            match results.unreadable.len() {
                1 => "1 file".to_owned(),
                count => format!("{count} files"),
            }
        ));
    }
}
