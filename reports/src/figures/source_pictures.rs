//! The figures of the sources that show images: a panel a run.

use image::RgbImage;

use super::drawing::{Caption, Drawing, Pictures};
use super::pictures::{Panel, scene};
use super::sources::Row;
use crate::error::ReportError;
use crate::picture::{AskedPicture, PictureNote};
use crate::published::SuiteFigure;

/// The figure of the pictures `asked` of the runs `rows`, each by its first seed that has one; none where no run has any.
///
/// # Errors
/// [`ReportError::Figure`] where a picture is not as its note says.
pub(super) fn drawing(
    stem: String,
    figure: &SuiteFigure,
    asked: &AskedPicture,
    budget: &str,
    rows: &[Row<'_>],
) -> Result<Option<Drawing>, ReportError> {
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
    remarks.extend(super::sources::lacking(figure, rows));
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
    let panels = panels.into_iter().map(|(title, note, pixels)| Panel {
        title: if is_alone { String::new() } else { title },
        note,
        pixels,
    });
    let scene = scene(panels.collect())?;
    Ok(Some(Drawing { stem, caption, scene, pictures: Pictures::Pixels }))
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
