//! The checkpoints of a run in its folder: the last, the one before it while the run goes on, and the best.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bench_data::files::{self, FileError};
use bench_models::{ModelError, Trainer};
use bench_reports::Status;

use super::error::RunError;
use super::folder::RunFolder;
use super::history::History;

/// Writes the checkpoints of a run, and knows whether one is due.
pub(super) struct Checkpoints<'a> {
    folder: &'a RunFolder,
    /// Longest time without one.
    every: Duration,
    /// Step of the last.
    step: u64,
    written: Instant,
}

impl<'a> Checkpoints<'a> {
    /// Restores `trainer` from the last whole checkpoint in `folder`, if there is any; further ones are due after so long.
    ///
    /// # Errors
    /// If there are checkpoints and none is whole, or they are of another configuration.
    pub(super) fn resume(
        folder: &'a RunFolder,
        trainer: &mut Trainer,
        every: Duration,
    ) -> Result<Self, RunError> {
        let (last, previous) = (folder.checkpoint(), folder.previous_checkpoint());
        if last.exists() || previous.exists() {
            match trainer.restore(&last) {
                Err(error @ ModelError::Checkpoint { .. }) if previous.exists() => {
                    fall_back(trainer, error, &previous, &last)?;
                }
                restored => restored?,
            }
        }
        Ok(Self { folder, every, step: trainer.step(), written: Instant::now() })
    }

    /// Writes the state of `trainer`, unless it is there already, after the losses of its steps. What was the last checkpoint
    /// becomes the previous one.
    ///
    /// # Errors
    /// If it cannot be written; the checkpoints are then as before.
    pub(super) fn save(&mut self, trainer: &Trainer, history: &History) -> Result<(), RunError> {
        if trainer.step() == self.step {
            return Ok(());
        }
        history.sync()?;
        let last = self.folder.checkpoint();
        files::replace_atomically(&last, |beside| {
            trainer.save(beside).map_err(|error| of_file(error, &last))?;
            if last.exists() {
                same_file_as(&last, &self.folder.previous_checkpoint())?;
            }
            Ok::<_, RunError>(())
        })?;
        self.step = trainer.step();
        self.written = Instant::now();
        Ok(())
    }

    /// [`Self::save`], if the last one is too long ago.
    ///
    /// # Errors
    /// As there.
    pub(super) fn save_if_due(
        &mut self,
        trainer: &Trainer,
        history: &History,
    ) -> Result<(), RunError> {
        if self.is_due() { self.save(trainer, history) } else { Ok(()) }
    }

    /// What is saved, in words.
    pub(super) fn described(&self) -> String {
        match self.step {
            0 => "no step is saved".to_owned(),
            step => format!("the checkpoint of step {step} is there"),
        }
    }

    /// Whether the last one is too long ago.
    pub(super) fn is_due(&self) -> bool {
        self.written.elapsed() >= self.every
    }

    /// Keeps the last checkpoint as the best one too, if it is of the best evaluation.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn keep_best(&self, history: &History) -> Result<(), FileError> {
        if self.step > 0 && history.best().is_some_and(|best| best.step == self.step) {
            return same_file_as(&self.folder.checkpoint(), &self.folder.best());
        }
        Ok(())
    }

    /// Leaves the last one and the best, at the end of the run.
    ///
    /// # Errors
    /// If the previous one cannot be removed.
    pub(super) fn finish(self) -> Result<(), FileError> {
        remove(&self.folder.previous_checkpoint())
    }
}

/// Keeps in `folder`, whose run has ended with its record, what does not depend on the clock: of a diverged run the best
/// checkpoint alone, since the last one was written when it happened to be due.
///
/// # Errors
/// If one cannot be removed.
pub(super) fn keep_lasting(folder: &RunFolder, status: Status) -> Result<(), FileError> {
    if status == Status::Diverged { remove(&folder.checkpoint()) } else { Ok(()) }
}

fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Restores `trainer` from `previous`, since `last` cannot be used, and makes it the last.
fn fall_back(
    trainer: &mut Trainer,
    of_last: ModelError,
    previous: &Path,
    last: &Path,
) -> Result<(), RunError> {
    if let Err(of_previous) = trainer.restore(previous) {
        log::error!("{of_previous}");
        return Err(of_last.into());
    }
    log::warn!(
        "{of_last}; the one before it is whole, of step {}, and is gone on from",
        trainer.step()
    );
    Ok(same_file_as(previous, last)?)
}

/// Makes `other` a second name of the file `path`.
fn same_file_as(path: &Path, other: &Path) -> Result<(), FileError> {
    // Checkpoints are never written to, but replaced: a second name for one costs no space.
    files::replace_atomically(other, |beside| {
        let _ = fs::remove_file(beside);
        fs::hard_link(path, beside)
            .or_else(|_| fs::copy(path, beside).map(drop))
            .map_err(|error| FileError::io("write", other, error))
    })
}

/// `error`, with the name under which the file is known, if the disk refused it.
fn of_file(error: ModelError, path: &Path) -> RunError {
    match error {
        ModelError::Write { reason, .. } => FileError::io("write", path, reason).into(),
        error => error.into(),
    }
}
