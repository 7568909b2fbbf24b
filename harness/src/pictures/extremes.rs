//! The most and the least realistic images, as far as their features tell.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCell, PictureRow};

use super::features::{Neighbours, shown};
use super::{MOST_IMAGES, Needs, Picture, Subject};
use crate::training::error::RunError;

/// Images of each kind where no number is asked for.
const EACH: u64 = 10;

/// Images beside each other.
const COLUMNS: usize = 10;

/// The images nearest to any training image, and those farthest from all.
pub(super) struct Extremes;

impl Picture for Extremes {
    fn name(&self) -> &'static str {
        "extremes"
    }

    fn doc(&self) -> &'static str {
        "of up to 1000 generated images the N nearest to a training image, and the N farthest from all (10)"
    }

    fn needs(&self) -> Needs {
        Needs::Extractor
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_IMAGES / 2;
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!(
                "a picture has at most {MOST_IMAGES} images: {most} of each kind"
            ));
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let generated = subject.config.evaluation.generated();
        let Some(found) = Neighbours::of(subject, asked, generated)? else { return Ok(None) };
        let size = subject.sampler(asked)?.shape().len();
        let order = found.by_distance();
        let each = (asked.n.unwrap_or(EACH) as usize).min(order.len());
        let title = format!(
            "Of {} generated images those nearest to one of {} training images and those farthest from all, by features",
            order.len(),
            found.places.len()
        );
        let mut note = subject.note(asked, title)?;
        note.stream = Some(Purpose::SampleLatents.name().to_owned());
        note.columns = each.min(COLUMNS);
        let farthest: Vec<usize> = order.iter().rev().copied().take(each).collect();
        let mut pixels = Vec::new();
        for (title, images) in [("nearest", &order[..each]), ("farthest", &farthest)] {
            for (index, row) in images.chunks(COLUMNS).enumerate() {
                let cells = row.iter().map(|&i| {
                    pixels.extend_from_slice(found.image(i, size));
                    let distance = found.nearest[i].distance;
                    PictureCell {
                        caption: Some(shown(distance)),
                        generated: Some(i as u64),
                        training: Some(found.places[found.nearest[i].index] as u64),
                        distance: Some(distance),
                        ..Default::default()
                    }
                });
                let cells: Vec<PictureCell> = cells.collect();
                let title = if index == 0 { title.to_owned() } else { String::new() };
                note.rows.push(PictureRow { title, images: cells.len(), cells });
            }
        }
        Ok(Some(Drawn { note, pixels }))
    }
}
