//! `figures/source-<suite>-<figure>.png`: the figures of the sources that show images, a panel a run.

use image::RgbImage;

use super::Figure;
use super::drawing::{Caption, Drawing, Pictures};
use super::pictures::{Panel, scene};
use super::sources::{Named, lacking, named};
use crate::error::ReportError;
use crate::group::groups;
use crate::picture::{AskedPicture, PictureNote};
use crate::results::Results;

/// One figure for each figure of a source of whose runs there are pictures.
pub(super) struct SourcePictures;

impl Figure for SourcePictures {
    fn name(&self) -> &'static str {
        "source-pictures"
    }

    fn doc(&self) -> &'static str {
        "the sources' own figures: images of the runs they compare"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let groups = groups(&results.runs);
        let mut drawings = Vec::new();
        for named in named(results, &groups) {
            if let Some(asked) = &named.figure.picture {
                drawings.extend(drawing(&named, asked)?);
            }
        }
        Ok(drawings)
    }
}

/// The figure of the pictures `asked` of its runs, each by its first seed that has one; none where no run has any.
///
/// # Errors
/// [`ReportError::Figure`] where a picture is not as its note says.
fn drawing(named: &Named<'_>, asked: &AskedPicture) -> Result<Option<Drawing>, ReportError> {
    let Named { stem, figure, budget, rows } = named;
    let mut panels = Vec::new();
    let mut remarks = Vec::new();
    for (title, group) in rows {
        let mut found = group.seeds.iter().map(|run| run.picture(&asked.stem()));
        match found.find(|picture| !matches!(picture, Ok(None))) {
            Some(Ok(Some((note, pixels)))) => panels.push((title.clone(), note, pixels)),
            Some(Err(error)) => remarks.push(format!("{title}: {error}")),
            _ => remarks.extend(figure.rows.first().map(|_| format!("Not drawn: {title}"))),
        }
        // Runs share their training images.
        if figure.rows.is_empty() && !panels.is_empty() {
            break;
        }
    }
    if panels.is_empty() {
        return Ok(None);
    }
    remarks.extend(panels.iter().flat_map(|(_, note, _)| note.remarks.iter().cloned()));
    remarks.extend(lacking(figure, rows));
    let mut once: Vec<String> = Vec::new();
    remarks.into_iter().for_each(|remark| {
        if !once.contains(&remark) {
            once.push(remark);
        }
    });
    let caption = Caption {
        title: format!("{} ({})", figure.title.trim_end_matches('.'), figure.source),
        provenance: provenance(budget, &panels),
        caveat: None,
        remarks: once,
    };
    let is_alone = panels.len() == 1;
    let is_plot = panels.iter().all(|(_, note, _)| !note.curves.is_empty());
    let panels = panels.into_iter().map(|(title, note, pixels)| Panel {
        title: if is_alone { String::new() } else { title },
        note,
        pixels,
    });
    let scene = scene(panels.collect())?;
    let pictures = if is_plot { Pictures::Scaling } else { Pictures::Pixels };
    Ok(Some(Drawing { stem: stem.clone(), caption, scene, pictures }))
}

/// What the pictures show, and of which run, step and seed.
fn provenance(budget: &str, panels: &[(String, PictureNote, RgbImage)]) -> String {
    let mut told = Vec::new();
    let mut add = |text: String| {
        if !told.contains(&text) {
            told.push(text);
        }
    };
    let is_alone = panels.len() == 1;
    for (_, note, _) in panels {
        add(note.title.clone());
        if let Some(threshold) = note.truncation {
            add(format!("latents truncated at {threshold}"));
        }
    }
    for (title, note, _) in panels {
        if let (Some(checkpoint), Some(seed)) = (&note.checkpoint, note.seed) {
            let step = format!("{checkpoint} step {}, seed {seed}", note.step);
            add(if is_alone { step } else { format!("{title}: {step}") });
        }
    }
    if panels.iter().any(|(_, note, _)| note.checkpoint.is_some()) {
        add(format!("{budget} budget"));
    }
    told.join("; ")
}
