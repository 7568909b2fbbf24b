//! A run that is asked for with more steps than it took goes on, in its folder.

use std::fs;
use std::path::Path;

use bench_data::files::FileError;
use bench_models::schedules::Schedule;
use bench_reports::{Record, Status};

use super::config::RunConfig;
use super::folder::RunFolder;
use crate::pictures;

/// The folder of a finished run that differs from `config` in having taken fewer steps; the longest, if there are
/// several. None where the number of steps decides how each is taken.
pub(super) fn find(results: &Path, suite: &str, config: &RunConfig) -> Option<RunFolder> {
    if config.recipe.schedule != Schedule::Constant && config.recipe.schedule_steps == 0 {
        return None;
    }
    let prefix = RunFolder::prefix(&config.name, config.seed);
    let entries = fs::read_dir(results.join(suite)).ok()?;
    let folders = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)));
    let shorter = folders.filter_map(|entry| {
        let folder = RunFolder::at(&entry.path());
        Some((finished_steps(&folder, config)?, folder))
    });
    shorter
        .max_by_key(|(steps, folder)| (*steps, folder.path().to_owned()))
        .map(|(_, folder)| folder)
}

/// The steps of the run in `folder`, if it has finished and differs from `config` in having fewer.
fn finished_steps(folder: &RunFolder, config: &RunConfig) -> Option<u64> {
    let shorter = RunConfig::read(&folder.config()).ok()?;
    let steps = shorter.recipe.steps;
    let mut longer = shorter.clone();
    longer.recipe.steps = config.recipe.steps;
    let same = longer.experiment().ok()? == config.experiment().ok()?;
    let json = fs::read(folder.record()).ok()?;
    let record = Record::from_json(&json, &folder.record()).ok()?;
    let ended = record.status == Status::Done && record.experiment == shorter.experiment().ok()?;
    (same && ended && steps < config.recipe.steps && folder.checkpoint().is_file()).then_some(steps)
}

/// Gives the folder of a shorter run to the one that goes on with it.
///
/// # Errors
/// If it cannot be renamed.
pub(super) fn take_over(shorter: &RunFolder, folder: &RunFolder) -> Result<(), FileError> {
    // They are of another step.
    pictures::remove(shorter)?;
    let failed = |error| FileError::io("rename", shorter.path(), error);
    fs::rename(shorter.path(), folder.path()).map_err(failed)
}
