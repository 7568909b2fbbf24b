//! Whether images were learnt by heart: the generated images that are nearest to a training image, above it.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCell, PictureRow};

use super::features::{Neighbours, shown};
use super::{MOST_IMAGES, Needs, Picture, Subject};
use crate::training::error::RunError;

/// Pairs where no number is asked for.
const PAIRS: u64 = 20;

/// Pairs beside each other.
const COLUMNS: usize = 10;

/// The nearest pairs of a generated image and a training image.
pub(super) struct Pairs;

impl Picture for Pairs {
    fn name(&self) -> &'static str {
        "pairs"
    }

    fn doc(&self) -> &'static str {
        "the N nearest pairs of up to 1000 generated images, above, and training images, below (20)"
    }

    fn needs(&self) -> Needs {
        Needs::Extractor
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_IMAGES / 2;
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("a picture has at most {MOST_IMAGES} images: {most} pairs"));
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let generated = subject.config.evaluation.generated();
        let Some(found) = Neighbours::of(subject, asked, generated)? else { return Ok(None) };
        let Some(dataset) = subject.dataset() else { return Ok(None) };
        let size = dataset.image_len();
        let mut order = found.by_distance();
        let title = format!(
            "The nearest pairs of {} generated and {} training images, by the distance of features",
            order.len(),
            found.places.len()
        );
        order.truncate(asked.n.unwrap_or(PAIRS) as usize);
        let mut note = subject.note(asked, title)?;
        note.stream = Some(Purpose::SampleLatents.name().to_owned());
        note.columns = order.len().min(COLUMNS);
        let mut pixels = Vec::new();
        for row in order.chunks(COLUMNS) {
            let places = || row.iter().map(|&i| found.places[found.nearest[i].index]);
            row.iter().for_each(|&i| pixels.extend_from_slice(found.image(i, size)));
            places().for_each(|i| pixels.extend_from_slice(dataset.image(i).unwrap_or_default()));
            let above = row.iter().map(|&i| PictureCell {
                caption: Some(shown(found.nearest[i].distance)),
                generated: Some(i as u64),
                distance: Some(found.nearest[i].distance),
                ..Default::default()
            });
            let below =
                places().map(|i| PictureCell { training: Some(i as u64), ..Default::default() });
            for (title, cells) in
                [("generated", above.collect::<Vec<_>>()), ("training", below.collect())]
            {
                note.rows.push(PictureRow { title: title.to_owned(), images: row.len(), cells });
            }
        }
        Ok(Some(Drawn { note, pixels }))
    }
}
