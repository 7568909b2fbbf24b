//! What the generator may have learnt by heart: the training images nearest to its images.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCell, PictureRow};

use super::features::{Neighbours, shown};
use super::{MOST_IMAGES, Needs, Picture, Subject};
use crate::training::error::RunError;

/// Rows where no number is asked for.
const ROWS: u64 = 8;

/// Training images beside each image.
const NEAREST: usize = 5;

/// The first images, each beside the training images whose features are nearest.
pub(super) struct Nearest;

impl Picture for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn doc(&self) -> &'static str {
        "the first N generated images, each beside its five nearest training images in the extractor's features (8)"
    }

    fn needs(&self) -> Needs {
        Needs::Extractor
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_IMAGES / (1 + NEAREST as u64);
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("a picture has at most {MOST_IMAGES} images: {most} rows"));
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let rows = asked.n.unwrap_or(ROWS);
        let Some(found) = Neighbours::of(subject, asked, rows)? else { return Ok(None) };
        let Some(dataset) = subject.dataset() else { return Ok(None) };
        let size = dataset.image_len();
        let title = format!(
            "Generated images and their nearest of {} training images, by the distance of features",
            found.places.len()
        );
        let mut note = subject.note(asked, title)?;
        note.stream = Some(Purpose::SampleLatents.name().to_owned());
        let beside = NEAREST.min(found.places.len());
        note.columns = 1 + beside;
        note.column_titles = std::iter::once("generated".to_owned())
            .chain((1..=beside).map(|rank| format!("nearest {rank}")))
            .collect();
        let mut pixels = Vec::new();
        for i in 0..rows as usize {
            pixels.extend_from_slice(found.image(i, size));
            let mut cells = vec![PictureCell { generated: Some(i as u64), ..Default::default() }];
            for neighbour in found.nearest_to(i, beside) {
                let place = found.places[neighbour.index];
                pixels.extend_from_slice(dataset.image(place).unwrap_or_default());
                cells.push(PictureCell {
                    caption: Some(shown(neighbour.distance)),
                    training: Some(place as u64),
                    distance: Some(neighbour.distance),
                    ..Default::default()
                });
            }
            note.rows.push(PictureRow { title: String::new(), images: cells.len(), cells });
        }
        Ok(Some(Drawn { note, pixels }))
    }
}
