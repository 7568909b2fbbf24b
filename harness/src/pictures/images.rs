//! The first images, one after the other.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCell};

use super::layout::{WIDEST, block, class_name, plain};
use super::subject::note_of_training;
use super::{Needs, Origin, Picture, Subject};
use crate::training::error::RunError;

/// Images where no number is asked for.
const N: u64 = 50;

/// More images than this stand in wide rows.
const MOST_IN_TENS: usize = 100;

/// Images beside each other, while they are few.
const COLUMNS: usize = 10;

/// The first images that the run is scored by, or of those that it was trained on.
pub(super) struct Images(pub(super) Origin);

impl Picture for Images {
    fn name(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "images",
            Origin::Training => "training-images",
        }
    }

    fn doc(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "the first N images that the run is scored by (50)",
            Origin::Training => "the first N training images, in the dataset's order (50)",
        }
    }

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let n = asked.n.unwrap_or(N);
        let Origin::Generated = self.0 else { return Ok(training(subject, asked, n as usize)) };
        let sampler = subject.sampler(asked)?;
        let mut note = subject.note(asked, format!("The first {n} generated images"))?;
        note.stream = Some(Purpose::SampleLatents.name().to_owned());
        let mut pixels = Vec::new();
        sampler.sample(n, |batch| -> Result<(), RunError> {
            pixels.extend_from_slice(batch);
            Ok(())
        })?;
        let names = subject.classes();
        let cells = match subject.is_conditional() {
            true => (0..n).map(|i| of_class(class_name(&names, sampler.label(i)))).collect(),
            false => plain(n as usize),
        };
        note.columns = columns(cells.len());
        note.rows = block("", cells, note.columns);
        Ok(Some(Drawn { note, pixels }))
    }
}

fn training(subject: &Subject, asked: &AskedPicture, n: usize) -> Option<Drawn> {
    let dataset = subject.dataset()?;
    let labels = dataset.labels.as_ref();
    let is_shown = |i: &usize| subject.shows(labels.map_or(0, |labels| labels[*i]));
    let shown: Vec<usize> = (0..dataset.n).filter(is_shown).take(n).collect();
    if shown.is_empty() {
        return None;
    }
    let title = format!("The first {} training images of {}", shown.len(), dataset.name);
    let mut note = note_of_training(dataset, asked, title);
    let pixels = shown.iter().filter_map(|&i| dataset.image(i)).flatten().copied().collect();
    let cells = match labels {
        Some(labels) => {
            shown.iter().map(|&i| of_class(class_name(&dataset.classes, labels[i]))).collect()
        }
        None => plain(shown.len()),
    };
    note.columns = columns(cells.len());
    note.rows = block("", cells, note.columns);
    Some(Drawn { note, pixels })
}

fn of_class(class: String) -> PictureCell {
    PictureCell { class: Some(class), ..Default::default() }
}

fn columns(n: usize) -> usize {
    if n > MOST_IN_TENS { WIDEST } else { n.min(COLUMNS) }
}
