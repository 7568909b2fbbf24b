//! Pictures of a trained generator and of the images that it learnt from: a file here and a line in [`PICTURES`] each.
//!
//! A picture depends on the checkpoint, the seed of the latents, the dataset and what is asked for alone, and changes
//! nothing of a run: its latents come from streams of their own, or are those that the run is scored by.

mod album;
mod attention;
mod averages;
mod classes;
mod extremes;
mod features;
mod images;
mod interpolations;
mod layout;
mod nearest;
mod pairs;
mod subject;
mod truncation;
mod truncation_scores;

use bench_data::nearest::nearest;
use bench_reports::picture::{AskedPicture, Picture as Drawn};

use crate::training::error::{ConfigError, RunError};

pub use album::{Album, PicturePlan, provenance, remove};
pub use subject::{Lab, Origin, Subject, TrainingFeatures};

/// Largest threshold of truncated latents: beyond it they would be wider than those of training.
pub const MAX_TRUNCATION: f64 = 2.0;

/// Most images of a picture.
pub const MOST_IMAGES: u64 = 1000;

/// What a picture is made from beside the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing.
    Generator,
    /// The images that it was trained on.
    TrainingImages,
    /// Those, and the extractor that the run is scored by.
    Extractor,
}

/// A kind of picture.
pub trait Picture: Sync {
    /// What it is called, such as `classes`.
    fn name(&self) -> &'static str;

    /// One line on what it shows, and what its number counts.
    fn doc(&self) -> &'static str;

    /// Whether every run that has it draws it at its end; the others are asked for by suites or people.
    fn is_usual(&self) -> bool {
        false
    }

    /// Most that its number may be.
    fn most(&self) -> u64 {
        MOST_IMAGES
    }

    /// What it is made from.
    fn needs(&self) -> Needs {
        Needs::Generator
    }

    /// Why there is no such picture of `subject`, if there is none.
    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String>;

    /// Draws it; `None` where the generator turns out to have nothing of the kind.
    ///
    /// # Errors
    /// Those of generator and extractor, and [`RunError::Stopped`].
    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError>;
}

/// Every kind, in the order in which they are listed and drawn.
pub const PICTURES: &[&dyn Picture] = &[
    &classes::Classes(Origin::Generated),
    &classes::Classes(Origin::Training),
    &averages::Averages(Origin::Generated),
    &averages::Averages(Origin::Training),
    &images::Images(Origin::Generated),
    &images::Images(Origin::Training),
    &interpolations::Interpolations,
    &truncation::Truncation,
    &truncation_scores::TruncationScores,
    &nearest::Nearest,
    &extremes::Extremes,
    &pairs::Pairs,
    &attention::Attention,
];

/// The kind called `name`.
///
/// # Errors
/// [`ConfigError::Invalid`] with the nearest name, if there is none.
pub fn find(name: &str) -> Result<&'static dyn Picture, ConfigError> {
    PICTURES.iter().copied().find(|picture| picture.name() == name).ok_or_else(|| {
        let hint = nearest(name, PICTURES.iter().map(|picture| picture.name()));
        ConfigError::Invalid(format!(
            "no picture is called `{name}`{hint}; see `bench list pictures`"
        ))
    })
}

/// Refuses what no picture can be, whatever the run.
///
/// # Errors
/// [`ConfigError::Invalid`].
pub fn check(asked: &AskedPicture) -> Result<(), ConfigError> {
    let most = find(&asked.name)?.most();
    if let Some(n) = asked.n.filter(|n| !(1..=most).contains(n)) {
        return Err(ConfigError::Invalid(format!(
            "picture `{}`: n is {n}; give 1 to {most}",
            asked.name
        )));
    }
    match asked.truncation {
        Some(threshold) if !(threshold > 0.0 && threshold <= MAX_TRUNCATION) => {
            Err(ConfigError::Invalid(format!(
                "picture `{}`: truncation is {threshold}; give more than 0 and at most {MAX_TRUNCATION}",
                asked.name
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_differ_and_are_names_of_files() {
        let names: BTreeSet<&str> = PICTURES.iter().map(|picture| picture.name()).collect();
        assert_eq!(names.len(), PICTURES.len());
        for picture in PICTURES {
            assert!(picture.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'));
            assert!(!picture.doc().is_empty() && !picture.doc().ends_with('.'));
            // Nothing that is drawn without being asked for takes long.
            assert!(!picture.is_usual() || picture.needs() == Needs::Generator);
        }
    }

    #[test]
    fn what_no_picture_can_be_is_refused() {
        let asked = |name: &str| AskedPicture::plain(name);
        assert!(check(&asked("classes")).is_ok());
        let unknown = check(&asked("clases")).unwrap_err().to_string();
        assert!(unknown.contains("did you mean `classes`"), "{unknown}");
        for n in [0, 1001] {
            assert!(check(&AskedPicture { n: Some(n), ..asked("images") }).is_err());
        }
        for threshold in [0.0, -1.0, 2.5, f64::NAN] {
            let asked = AskedPicture { truncation: Some(threshold), ..asked("images") };
            assert!(check(&asked).is_err(), "{threshold}");
        }
    }
}
