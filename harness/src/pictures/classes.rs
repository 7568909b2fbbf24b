//! Images of each class.

use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn};

use super::layout::{WIDEST, absent, block, class_name, cut, plain};
use super::subject::note_of_training;
use super::{MOST_IMAGES, Needs, Origin, Picture, Subject};
use crate::training::error::RunError;

/// Images of each class where no number is asked for, and where that costs little.
const EACH: u64 = 10;

/// Most classes shown.
const MOST_CLASSES: usize = 50;

/// Rows of images of each class, in the order of the classes.
pub(super) struct Classes(pub(super) Origin);

impl Picture for Classes {
    fn name(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "classes",
            Origin::Training => "training-classes",
        }
    }

    fn doc(&self) -> &'static str {
        match self.0 {
            Origin::Generated => "N generated images of each class, in rows (10)",
            Origin::Training => "the first N training images of each class, in rows (10)",
        }
    }

    fn is_usual(&self) -> bool {
        self.0 == Origin::Generated
    }

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let classes = match self.0 {
            Origin::Generated if !subject.is_conditional() => {
                return Some(format!("{} is trained without labels", subject.config.variant));
            }
            Origin::Training if subject.dataset().is_some_and(|data| data.labels.is_none()) => {
                return Some(format!("{} has no labels", subject.config.dataset));
            }
            _ if subject.class.is_some() => 1,
            _ => subject.classes().len().clamp(1, MOST_CLASSES) as u64,
        };
        let most = MOST_IMAGES / classes;
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("a picture has at most {MOST_IMAGES} images: {most} a class"));
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
    let all = sampler.shown_classes();
    let shown = &all[..all.len().min(MOST_CLASSES)];
    let cheap = (subject.modest() / shown.len() as u64).clamp(1, EACH);
    let each = asked.n.unwrap_or(cheap) as usize;
    let names = subject.classes();
    let mut note = subject.note(asked, format!("{each} generated images of each class"))?;
    note.stream = Some(Purpose::PictureLatents.name().to_owned());
    note.columns = each.min(WIDEST);
    let mut pixels = Vec::new();
    for &class in shown {
        pixels.extend(sampler.of_labels(class.into(), &vec![class; each])?);
        note.rows.extend(block(&class_name(&names, class), plain(each), note.columns));
    }
    if subject.class.is_none() {
        note.remarks.extend(absent(&names, sampler.classes(), &all));
    }
    note.remarks.extend(cut(all.len(), MOST_CLASSES));
    Ok(Drawn { note, pixels })
}

fn training(subject: &Subject, asked: &AskedPicture) -> Option<Drawn> {
    let dataset = subject.dataset()?;
    let labels = dataset.labels.as_ref()?;
    let each = asked.n.unwrap_or(EACH) as usize;
    let title = format!("The first {each} training images of each class of {}", dataset.name);
    let mut note = note_of_training(dataset, asked, title);
    note.columns = each.min(WIDEST);
    let mut pixels = Vec::new();
    let mut present = Vec::new();
    for label in 0..dataset.classes.len() as u32 {
        let own = (0..dataset.n).filter(|&i| labels[i] == label && subject.shows(label));
        let own: Vec<usize> = own.take(each).collect();
        if own.is_empty() {
            continue;
        }
        present.push(label);
        if present.len() <= MOST_CLASSES {
            pixels.extend(own.iter().filter_map(|&i| dataset.image(i)).flatten());
            let title = class_name(&dataset.classes, label);
            note.rows.extend(block(&title, plain(own.len()), note.columns));
        }
    }
    if subject.class.is_none() {
        note.remarks.extend(absent(&dataset.classes, dataset.classes.len() as u64, &present));
    }
    note.remarks.extend(cut(present.len(), MOST_CLASSES));
    (!note.rows.is_empty()).then_some(Drawn { note, pixels })
}
