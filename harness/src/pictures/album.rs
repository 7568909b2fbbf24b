//! The pictures in a run's folder.

use std::fs;

use bench_data::files::{self, FileError, hexadecimal};
use bench_models::TrainedGenerator;
use bench_models::device::Device;
use bench_reports::figures::picture as plotted;
use bench_reports::picture::{AskedPicture, FOLDER, Picture as Drawn, PictureNote};
use bench_reports::published::Reports;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::subject::{Lab, Subject};
use super::{Needs, PICTURES, find};
use crate::training::config::RunConfig;
use crate::training::error::RunError;
use crate::training::folder::RunFolder;
use crate::training::reference::Reference;
use crate::training::runner;

/// Which pictures a run draws at its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PicturePlan {
    /// Whether even the usual ones are left out.
    pub none: bool,
    /// Of which checkpoint: the one whose scores the source reports.
    pub of: Reports,
    /// What is asked for beside the usual ones.
    pub asked: Vec<AskedPicture>,
}

impl PicturePlan {
    /// Adds what is not asked for yet.
    pub fn ask(&mut self, pictures: impl IntoIterator<Item = AskedPicture>) {
        for asked in pictures {
            if !self.asked.contains(&asked) {
                self.asked.push(asked);
            }
        }
    }

    /// All of them, the usual ones first.
    fn all(&self) -> Vec<AskedPicture> {
        if self.none {
            return Vec::new();
        }
        let usual = PICTURES.iter().filter(|picture| picture.is_usual());
        let mut all = Self::default();
        all.ask(usual.map(|picture| AskedPicture::plain(picture.name())));
        all.ask(self.asked.iter().cloned());
        all.asked
    }
}

/// The pictures of a run that has taken its last step.
pub struct Album<'a> {
    /// Its folder, with the checkpoints.
    pub folder: &'a RunFolder,
    /// Its configuration.
    pub config: &'a RunConfig,
    /// Which pictures there are to be.
    pub plan: &'a PicturePlan,
    /// What it was trained on.
    pub reference: &'a Reference,
    /// The step of its best evaluation.
    pub best: Option<u64>,
    /// Device to compute on.
    pub device: Device,
}

impl Album<'_> {
    /// Draws the pictures that are not there yet; without `lab` those alone that need no extractor. A run stopped in between
    /// goes on with the next one.
    ///
    /// # Errors
    /// [`RunError::Stopped`] if a signal asked for the end; if the checkpoint cannot be read, or a file cannot be written.
    pub fn fill(&self, lab: Option<Lab<'_>>) -> Result<(), RunError> {
        let best = self.best.filter(|_| self.plan.of == Reports::Best);
        let (checkpoint, step) = match best.filter(|_| self.folder.best().is_file()) {
            Some(step) => (Reports::Best, step),
            None => (Reports::Last, self.config.recipe.steps),
        };
        let mut subject = Subject {
            config: self.config,
            trained: None,
            checkpoint,
            seed: self.config.seed,
            class: None,
            reference: Some(self.reference),
            lab,
        };
        let mut missing = Vec::new();
        for asked in self.plan.all() {
            let picture = find(&asked.name)?;
            if subject.lab.is_none() && picture.needs() == Needs::Extractor {
                continue;
            }
            match picture.refusal(&subject, &asked) {
                None if self.has(&asked, step) => {}
                None => missing.push((picture, asked)),
                Some(reason) if self.plan.asked.contains(&asked) && subject.lab.is_some() => {
                    log::info!("{}: no picture `{}`: {reason}", self.config.name, asked.name);
                }
                Some(_) => {}
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let path = match checkpoint {
            Reports::Last => self.folder.checkpoint(),
            Reports::Best => self.folder.best(),
        };
        let (variant, recipe) = (self.config.variant()?, self.config.recipe.clone());
        let trained = TrainedGenerator::load(variant, recipe, &path, self.device)?;
        subject.trained = Some(&trained);
        for (picture, asked) in missing {
            runner::go_on()?;
            match picture.draw(&mut subject, &asked)? {
                Some(drawn) => self.write(&asked, drawn)?,
                None => log::info!("{}: no picture `{}`", self.config.name, asked.name),
            }
        }
        Ok(())
    }

    /// Whether the picture is there, whole and of this step.
    fn has(&self, asked: &AskedPicture, step: u64) -> bool {
        let path = self.folder.path().join(FOLDER).join(asked.stem());
        let note_path = path_with(&path, "json");
        let note = fs::read(&note_path).ok();
        let note = note.and_then(|json| PictureNote::from_json(&json, &note_path).ok());
        note.is_some_and(|note| {
            let is_of_step = note.checkpoint.is_none() || note.step == step;
            let png = files::sha256_file(&path_with(&path, "png"));
            is_of_step && png.is_ok_and(|sha256| sha256 == note.png_sha256)
        })
    }

    /// Writes the picture, and then its note: where there is a note, there is a picture.
    fn write(&self, asked: &AskedPicture, mut drawn: Drawn) -> Result<(), RunError> {
        let png = match drawn.note.curves.is_empty() {
            true => drawn.grid()?,
            false => plotted(&drawn, &provenance(self.config, &drawn.note))?,
        };
        drawn.note.png_sha256 = hexadecimal(&Sha256::digest(&png));
        let stem = asked.stem();
        let name = format!("{FOLDER}/{stem}.json");
        let note = drawn.note.to_json(&self.folder.path().join(&name))?;
        self.folder.write(&format!("{FOLDER}/{stem}.png"), &png)?;
        Ok(self.folder.write(&name, &note)?)
    }
}

/// `path` with an extension more; names may have dots.
fn path_with(path: &std::path::Path, extension: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    name.into()
}

/// What a picture comes from, where it stands alone.
pub fn provenance(config: &RunConfig, note: &PictureNote) -> String {
    let RunConfig { name, dataset, budget, seed, .. } = config;
    match (&note.checkpoint, note.seed) {
        (Some(checkpoint), Some(of_latents)) => {
            let mut told = format!(
                "{name} on {dataset}, seed {seed}, {budget} budget, {checkpoint} step {}",
                note.step
            );
            if of_latents != *seed {
                told.push_str(&format!(", latents of seed {of_latents}"));
            }
            if let Some(threshold) = note.truncation {
                told.push_str(&format!(", latents truncated at {threshold}"));
            }
            told
        }
        _ => format!("{dataset} at {}x{}", note.image[0], note.image[1]),
    }
}

/// Removes the pictures of a run that goes on.
///
/// # Errors
/// If they cannot be removed.
pub fn remove(folder: &RunFolder) -> Result<(), FileError> {
    let path = folder.path().join(FOLDER);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::io("remove", &path, error))
        }
        _ => Ok(()),
    }
}
