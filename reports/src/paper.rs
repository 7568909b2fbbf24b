//! What goes into a paper: tables and captions as LaTeX, figures as PDF, and a document that shows how.

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::figures::{Drawing, FIGURES};
use crate::formats::latex::Latex;
use crate::parallel;
use crate::results::Results;
use crate::tables;

/// The folder below the results folder.
pub const FOLDER: &str = "paper";

/// How many floats may wait for their page before all are set.
const FLOATS: usize = 8;

const PREAMBLE: &str = "\
% Every table and figure of these results. Copy the packages and what you need of the rest.
\\documentclass[twocolumn]{article}
\\usepackage[T1]{fontenc}
\\usepackage{lmodern}
\\usepackage{booktabs}
\\usepackage{graphicx}
\\usepackage{siunitx}
\\begin{document}
";

/// Every table and figure for a paper, below [`FOLDER`]: `tables/*.tex`, `figures/*.pdf` with the caption of each as `.tex`
/// beside it, and `all.tex`, a document of all of them. The same runs give the same bytes.
///
/// # Errors
/// As [`crate::render`].
pub fn paper(results: &Results) -> Result<Vec<Artifact>, ReportError> {
    if results.runs.is_empty() {
        return Err(ReportError::NoRuns);
    }
    let mut document = String::from(PREAMBLE);
    let mut artifacts = Vec::new();
    let mut floats = 0;
    let mut add = |text: String| {
        document.push_str(&text);
        floats += 1;
        if floats % FLOATS == 0 {
            document.push_str("\\clearpage\n");
        }
    };
    for table in &tables::build_all(results)? {
        add(format!("\\input{{tables/{}}}\n", table.name));
        artifacts.extend(tables::artifacts(table, &[&Latex])?);
    }
    for figure in FIGURES {
        let drawings = figure.draw(results)?;
        drawings.iter().map(float).for_each(&mut add);
        artifacts.extend(parallel(&drawings, Drawing::in_paper)?.into_iter().flatten());
    }
    document.push_str("\\end{document}\n");
    artifacts.push(Artifact { path: "all.tex".into(), bytes: document.into_bytes() });
    for artifact in &mut artifacts {
        artifact.path = std::path::Path::new(FOLDER).join(&artifact.path);
    }
    Ok(artifacts)
}

/// The most of a page that a figure takes, below which its caption has to fit.
const HEIGHT: &str = "0.8\\textheight";

fn float(drawing: &Drawing) -> String {
    let stem = drawing.stem();
    let (float, width) = match drawing.is_wide() {
        true => ("figure*", "\\textwidth"),
        false => ("figure", "\\columnwidth"),
    };
    format!(
        "\\begin{{{float}}}[htbp]\n\\centering\n\
         \\includegraphics[width={width}, height={HEIGHT}, keepaspectratio]{{figures/{stem}.pdf}}\n\\input{{figures/{stem}}}\n\\end{{{float}}}\n"
    )
}
