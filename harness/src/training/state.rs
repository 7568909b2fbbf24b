//! The state of runs from the files of a results folder alone, as any process may read them while the runs go on. Nothing
//! is written or locked.

mod last_step;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bench_data::files::FileError;
use bench_reports::Status;
use bench_reports::record::Kind;
use serde::Serialize;
use toml::Table;

use super::agenda::{self, AskedRun};
use super::failure::RunFailure;
use super::folder::RunFolder;
use super::owner::Owner;
use super::starts::Start;

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was asked for and has not been started.
    Waiting,
    /// A process is at work on it.
    Running,
    /// It was started and no process is at work on it: the command that started it goes on with it.
    Stopped,
    /// It took its last step and was scored.
    Done,
    /// A loss or a parameter became non-finite.
    Diverged,
    /// An error ended it; the command that started it tries again.
    Failed,
}

impl State {
    /// All states, in the order of a run's life.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Stopped, Self::Done, Self::Diverged, Self::Failed];

    /// Its name in tables and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }

    /// Whether the run has its outcome, and is kept as it is by whatever asks for it again.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Diverged)
    }
}

/// A run and what has become of it. What its files do not tell is missing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunState {
    /// Name of its suite.
    pub suite: String,
    /// Its name there.
    pub name: String,
    /// Registry name of the variant.
    pub variant: String,
    /// Registry name of the dataset, or the path of images.
    pub dataset: String,
    /// Seed of all random streams.
    pub seed: u64,
    /// What it goes by before it has a folder; see [`agenda::id_of`].
    #[serde(skip)]
    pub id: Option<String>,
    /// Its folder, once it has one.
    pub folder: Option<PathBuf>,
    /// What has become of it.
    pub state: State,
    /// Generator steps that it has taken.
    pub step: u64,
    /// Generator steps that it is to take.
    pub steps: Option<u64>,
    /// Generator steps a second since its last start, evaluations included; of a running one.
    pub steps_per_second: Option<f64>,
    /// Seconds that the rest takes at that pace.
    pub seconds_left: Option<f64>,
    /// The machine that is at work on it, or was.
    pub host: Option<String>,
    /// The process that is at work on it, by its number there.
    pub process: Option<u32>,
    /// The device it computes on, or did.
    pub device: Option<String>,
    /// Why it failed, and what a reader must know of how it ended.
    pub reason: Option<String>,
}

/// Every run below the folder `results`: those that were asked for, in that order, and then the others, by folder.
///
/// # Errors
/// If the folder cannot be listed.
pub fn of_results(results: &Path) -> Result<Vec<RunState>, FileError> {
    let mut found = Vec::new();
    for suite in subfolders(results)? {
        for folder in subfolders(&suite)? {
            found.extend(of_run(&folder));
        }
    }
    let mut runs = Vec::new();
    for asked in agenda::read(results) {
        let is_it = |run: &RunState| run.suite == asked.suite && run.id.as_ref() == Some(&asked.id);
        match found.iter().position(is_it) {
            Some(place) => runs.push(found.remove(place)),
            None => runs.push(not_started(results, asked)),
        }
    }
    runs.extend(found);
    Ok(runs)
}

/// The run in `folder`; none if it is no run's folder.
#[must_use]
pub fn of_run(folder: &Path) -> Option<RunState> {
    let folder = RunFolder::at(folder);
    let text = fs::read_to_string(folder.config()).unwrap_or_default();
    let config: Table = toml::from_str(&text).unwrap_or_default();
    let owner = Owner::of(&folder);
    let record = folder.record_if_any().transpose();
    if config.is_empty() && owner.is_none() && record.is_none() {
        return None;
    }
    if let Some(Ok(record)) = &record
        && record.kind == Kind::RealImages
    {
        return None;
    }
    let mut run = described(&folder, &config);
    run.id = agenda::id_of(&text);
    let starts = Start::all(&folder);
    if let Some(start) = starts.last() {
        run.host = Some(start.host.clone()).filter(|host| !host.is_empty());
        run.device = Some(start.device.clone());
    }
    run.step = last_step::of(&folder.losses()).unwrap_or_default();
    if let Some(owner) = owner {
        run.state = State::Running;
        run.host = Some(owner.host);
        run.process = Some(owner.process);
        pace(&mut run, &folder, starts.last());
        return Some(run);
    }
    match record {
        Some(Ok(record)) => {
            run.step = record.steps;
            run.reason = record.warnings.iter().find(|text| text.starts_with("collapsed")).cloned();
            run.state = match record.status {
                Status::Done => State::Done,
                Status::Diverged => State::Diverged,
                Status::Failed => State::Failed,
            };
        }
        Some(Err(error)) => {
            run.state = State::Failed;
            run.reason = Some(error.to_string());
        }
        None => {
            if let Some(failure) = RunFailure::read(&folder.failure()) {
                run.state = State::Failed;
                run.host = Some(failure.host);
                run.reason = Some(failure.reason);
            }
        }
    }
    Some(run)
}

/// A run that has no folder yet.
fn not_started(results: &Path, asked: AskedRun) -> RunState {
    let failure = RunFailure::read(&agenda::failure(results, &asked.suite, &asked.id));
    let AskedRun { id, suite, name, variant, dataset, seed, steps } = asked;
    let (state, host, reason) = match failure {
        Some(RunFailure { reason, host }) => (State::Failed, Some(host), Some(reason)),
        None => (State::Waiting, None, None),
    };
    RunState {
        suite,
        name,
        variant,
        dataset,
        seed,
        id: Some(id),
        folder: None,
        state,
        step: 0,
        steps: Some(steps),
        steps_per_second: None,
        seconds_left: None,
        host,
        process: None,
        device: None,
        reason,
    }
}

/// The run in `folder` as `config` describes it, stopped before its first step.
fn described(folder: &RunFolder, config: &Table) -> RunState {
    let path = folder.path();
    let file_name = |path: Option<&Path>| {
        path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    };
    let text = |key: &str| config.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let number = |table: Option<&Table>, key: &str| {
        let value = table?.get(key)?.as_integer()?;
        u64::try_from(value).ok()
    };
    let recipe = config.get("recipe").and_then(|value| value.as_table());
    RunState {
        // A relative path may name the folder from within.
        suite: file_name(fs::canonicalize(path).ok().as_deref().and_then(Path::parent)),
        name: text("name").unwrap_or_else(|| file_name(Some(path))),
        variant: text("variant").unwrap_or_default(),
        dataset: text("dataset").unwrap_or_default(),
        seed: number(Some(config), "seed").unwrap_or_default(),
        id: None,
        folder: Some(path.to_owned()),
        state: State::Stopped,
        step: 0,
        steps: number(recipe, "steps"),
        steps_per_second: None,
        seconds_left: None,
        host: None,
        process: None,
        device: None,
        reason: None,
    }
}

/// How fast a running one goes: the manifest was written when the training began, the losses at its last step. Both times are
/// of the machine that holds the files.
fn pace(run: &mut RunState, folder: &RunFolder, start: Option<&Start>) {
    let changed =
        |path: PathBuf| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    let times = changed(folder.manifest()).zip(changed(folder.losses()));
    let Some((began, last)) = times else { return };
    let taken = run.step.saturating_sub(start.map_or(0, |start| start.step));
    let seconds = last.duration_since(began).unwrap_or_default().as_secs_f64();
    if taken > 0 && seconds > 0.0 {
        let rate = taken as f64 / seconds;
        run.steps_per_second = Some(rate);
        run.seconds_left = run.steps.map(|steps| steps.saturating_sub(run.step) as f64 / rate);
    }
}

/// The folders directly inside `folder`, in the order of their names.
fn subfolders(folder: &Path) -> Result<BTreeSet<PathBuf>, FileError> {
    let failed = |error| FileError::io("list folder", folder, error);
    let mut folders = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            folders.insert(path);
        }
    }
    Ok(folders)
}
