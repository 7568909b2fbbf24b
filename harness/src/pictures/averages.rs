//! The average image of each class: the blurrier, the more diverse its images.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn, PictureCell};

use super::layout::{absent, block, class_name, cut};
use super::subject::note_of_training;
use super::{MOST_IMAGES, Needs, Origin, Picture, Subject};
use crate::training::error::RunError;

/// Images behind each average where no number is asked for, and where that costs little.
const EACH: u64 = 100;

/// Averages beside each other, which leaves room for the names below.
const COLUMNS: usize = 5;

/// Most classes shown.
const MOST_CLASSES: usize = 100;

/// What stands in for a class where there are none.
const ALL: &str = "all images";

/// The mean of the pixels of each class, or of all images where there are no classes.
pub(super) struct Averages(pub(super) Origin);

impl Picture for Averages {
    fn name(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "averages",
            Origin::Training => "training-averages",
        }
    }

    fn doc(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "the average of N generated images of each class (100)",
            Origin::Training => "the average of all training images of each class",
        }
    }

    fn is_usual(&self) -> bool {
        self.0 == Origin::Generated
    }

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        if self.0 == Origin::Training && asked.n.is_some() {
            return Some("the average is of all training images, whose number is given".to_owned());
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        match self.0 {
            Origin::Generated => generated(subject, asked).map(Some),
            Origin::Training => Ok(training(subject, asked)),
        }
    }
}

fn generated(subject: &Subject, asked: &AskedPicture) -> Result<Drawn, RunError> {
    let sampler = subject.sampler(asked)?;
    let all = match subject.is_conditional() {
        true => sampler.shown_classes().into_iter().map(Some).collect(),
        false => vec![None],
    };
    let shown = &all[..all.len().min(MOST_CLASSES)];
    let cheap = (subject.modest() / shown.len() as u64).clamp(1, EACH);
    let each = asked.n.unwrap_or(cheap).min(MOST_IMAGES) as usize;
    let names = subject.classes();
    let title = match subject.is_conditional() {
        true => format!("The average of {each} generated images of each class"),
        false => format!("The average of {each} generated images"),
    };
    let mut note = subject.note(asked, title)?;
    note.stream = Some(Purpose::PictureLatents.name().to_owned());
    let size = sampler.shape().len();
    let (mut pixels, mut cells) = (Vec::new(), Vec::new());
    for &class in shown {
        let label = class.unwrap_or_default();
        let images = sampler.of_labels(label.into(), &vec![label; each])?;
        pixels.extend(average(images.chunks_exact(size), size));
        cells.push(cell(class.map_or_else(|| ALL.to_owned(), |class| class_name(&names, class))));
    }
    note.columns = cells.len().min(COLUMNS);
    note.rows = block("", cells, COLUMNS);
    if subject.is_conditional() && subject.class.is_none() {
        let present: Vec<u32> = all.iter().copied().flatten().collect();
        note.remarks.extend(absent(&names, sampler.classes(), &present));
    }
    note.remarks.extend(cut(all.len(), MOST_CLASSES));
    Ok(Drawn { note, pixels })
}

fn training(subject: &Subject, asked: &AskedPicture) -> Option<Drawn> {
    let dataset = subject.dataset()?;
    let title = match dataset.labels {
        Some(_) => format!("The average training image of each class of {}", dataset.name),
        None => format!("The average training image of {}", dataset.name),
    };
    let mut note = note_of_training(dataset, asked, title);
    let size = dataset.image_len();
    let (mut pixels, mut cells, mut present) = (Vec::new(), Vec::new(), Vec::new());
    let classes = dataset.labels.as_ref().map_or(1, |_| dataset.classes.len()) as u32;
    for label in (0..classes).filter(|&label| subject.shows(label)) {
        let is_own = |i: &usize| dataset.labels.as_ref().is_none_or(|labels| labels[*i] == label);
        let own = (0..dataset.n).filter(is_own).filter_map(|i| dataset.image(i));
        let Some(of_class) = averaged(own, size) else { continue };
        present.push(label);
        if present.len() <= MOST_CLASSES {
            pixels.extend(of_class);
            cells.push(cell(match dataset.labels {
                Some(_) => class_name(&dataset.classes, label),
                None => ALL.to_owned(),
            }));
        }
    }
    note.columns = cells.len().min(COLUMNS);
    note.rows = block("", cells, COLUMNS);
    if dataset.labels.is_some() && subject.class.is_none() {
        note.remarks.extend(absent(&dataset.classes, classes.into(), &present));
    }
    note.remarks.extend(cut(present.len(), MOST_CLASSES));
    (!note.rows.is_empty()).then_some(Drawn { note, pixels })
}

fn cell(class: String) -> PictureCell {
    PictureCell { caption: Some(class.clone()), class: Some(class), ..Default::default() }
}

/// The mean of images of `size` bytes, rounded; white where there are none.
fn average<'a>(images: impl Iterator<Item = &'a [u8]>, size: usize) -> Vec<u8> {
    averaged(images, size).unwrap_or_else(|| vec![0xff; size])
}

fn averaged<'a>(images: impl Iterator<Item = &'a [u8]>, size: usize) -> Option<Vec<u8>> {
    let mut sums = vec![0_u64; size];
    let mut n = 0;
    for image in images {
        sums.iter_mut().zip(image).for_each(|(sum, &byte)| *sum += u64::from(byte));
        n += 1;
    }
    (n > 0).then(|| sums.into_iter().map(|sum| ((sum + n / 2) / n) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_rounded_and_one_image_is_its_own() {
        let images: [&[u8]; 3] = [&[0, 10, 255], &[1, 20, 255], &[1, 31, 255]];
        assert_eq!(average(images.into_iter(), 3), [1, 20, 255]);
        assert_eq!(average(images.into_iter().take(1), 3), [0, 10, 255]);
        assert_eq!(averaged(std::iter::empty(), 3), None);
    }
}
