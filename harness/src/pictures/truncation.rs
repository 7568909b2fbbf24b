//! What truncated latents show.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn};

use super::layout::{block, class_name, plain};
use super::{MOST_IMAGES, Picture, Subject};
use crate::training::error::RunError;

/// The thresholds, from the least varied.
pub(super) const THRESHOLDS: [f64; 8] = [0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.5];

/// Images of a row where no number is asked for.
const COLUMNS: u64 = 10;

/// The same latents under rising thresholds: a row each.
pub(super) struct Truncation;

impl Picture for Truncation {
    fn name(&self) -> &'static str {
        "truncation"
    }

    fn doc(&self) -> &'static str {
        "the same N latents, truncated at rising thresholds: a row each (10)"
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_IMAGES / THRESHOLDS.len() as u64;
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("a picture has at most {MOST_IMAGES} images: {most} a row"));
        }
        if asked.truncation.is_some() {
            return Some("it shows several thresholds; give none".to_owned());
        }
        subject.refuses_truncation(Some(1.0))
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let n = asked.n.unwrap_or(COLUMNS) as usize;
        let title = "The same latents, truncated at \u{3c8}".to_owned();
        let mut note = subject.note(asked, title)?;
        note.stream = Some(Purpose::PictureLatents.name().to_owned());
        note.columns = n;
        let shown = subject.sampler(asked)?.shown_classes();
        let labels: Vec<u32> = (0..n).map(|i| shown[i % shown.len()]).collect();
        if subject.is_conditional() {
            let names = subject.classes();
            note.column_titles = labels.iter().map(|&label| class_name(&names, label)).collect();
        }
        let mut pixels = Vec::new();
        for threshold in THRESHOLDS {
            let sampler = subject.whole_sampler(Some(threshold))?;
            pixels.extend(sampler.of_labels(0, &labels)?);
            note.rows.extend(block(&format!("\u{3c8} = {threshold}"), plain(n), n));
        }
        Ok(Some(Drawn { note, pixels }))
    }
}
