//! What lies between two latents.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn};

use super::layout::{block, class_name, plain};
use super::{MOST_IMAGES, Picture, Subject};
use crate::training::error::RunError;

/// Rows where no number is asked for, and where that costs little.
const ROWS: u64 = 8;

/// Images of a row, the two ends included.
const STEPS: usize = 10;

/// Rows of images from one latent to another, of one class each.
pub(super) struct Interpolations;

impl Picture for Interpolations {
    fn name(&self) -> &'static str {
        "interpolations"
    }

    fn doc(&self) -> &'static str {
        "N rows of images between two latents, on a great circle where these are normal (8)"
    }

    fn is_usual(&self) -> bool {
        true
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_IMAGES / STEPS as u64;
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("a picture has at most {MOST_IMAGES} images: {most} rows"));
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let sampler = subject.sampler(asked)?;
        let rows = asked.n.unwrap_or((subject.modest() / STEPS as u64).clamp(1, ROWS));
        let mut note = subject.note(asked, "Images between two latents".to_owned())?;
        note.stream = Some(Purpose::InterpolationLatents.name().to_owned());
        note.columns = STEPS;
        let (shown, names) = (sampler.shown_classes(), subject.classes());
        let mut pixels = Vec::new();
        for row in 0..rows {
            let label = shown[row as usize % shown.len()];
            pixels.extend(sampler.interpolation(row, label, STEPS)?);
            let title = match subject.is_conditional() {
                true => class_name(&names, label),
                false => String::new(),
            };
            note.rows.extend(block(&title, plain(STEPS), STEPS));
        }
        Ok(Some(Drawn { note, pixels }))
    }
}
