//! Runs one after the other, sharing device, extractor, caches and the last dataset.

mod elsewhere;
mod picture;
mod rescore;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_data::datasets::statistics::absent_classes;
use bench_data::{datasets, files};
use bench_metrics::{Extractor, Panel};
use bench_models::refusals;
use bench_reports::Status;
use bench_reports::published::SuiteTables;

use super::agenda;
use super::checkpoints;
use super::config::{Inputs, RunConfig};
use super::continuation;
use super::error::RunError;
use super::failure::RunFailure;
use super::folder::RunFolder;
use super::ground_truth::{GroundTruth, RealImages};
use super::lock::Lock;
use super::reference::{self, DataFolder, Reference};
use super::runner::{self, Job, Workbench};
use super::suite::{PlannedRun, Suite};
use crate::console;
use crate::evaluation::{EvaluationConfig, ExtractorChoice, FeatureCache, Measured, ScoringPlan};
use crate::pictures::Album;
use crate::process::{self, stop};

pub use elsewhere::Located;

/// Carries out runs one after the other, keeping the last dataset in memory.
pub struct Queue {
    bench: Workbench,
    cache: FeatureCache,
    data: DataFolder,
    /// Datasets that were not found, in the order in which they were missed, and what stands in for each.
    missing: Vec<(String, String)>,
    out: PathBuf,
    loaded: Option<Reference>,
    /// Notes that have been said: each stands in its record, and is news once.
    said: BTreeSet<String>,
}

/// The metrics of an evaluation, as far as extractor and images allow, and what was changed for that.
struct Fitted {
    panel: Panel,
    notes: Vec<String>,
}

impl Queue {
    /// A queue whose results go below `out`.
    pub fn new(bench: Workbench, data: DataFolder, cache: FeatureCache, out: &Path) -> Self {
        Self {
            bench,
            cache,
            data,
            missing: Vec::new(),
            out: out.to_owned(),
            loaded: None,
            said: BTreeSet::new(),
        }
    }

    /// The same, where `missing` datasets were not found and others stand in for them: each with what does.
    #[must_use]
    pub fn with_stand_ins(self, missing: Vec<(String, String)>) -> Self {
        Self { missing, ..self }
    }

    /// What is to be known of datasets that were not found, and of the extractor, to carry out runs elsewhere.
    #[must_use]
    pub fn findings(&self) -> (Vec<(String, String)>, ExtractorChoice) {
        (self.missing.clone(), self.bench.extractors.choice().clone())
    }

    /// The device that is computed on, by its name, and the number of CPU threads.
    pub(super) fn computes_with(&self) -> (&str, usize) {
        (&self.bench.device_name, self.bench.threads)
    }

    /// Puts a dataset inside the program in the place of each of `datasets` that is not there, and makes one of the runs that
    /// are equal then but for their names: it has the first one's, and the rows of all.
    ///
    /// # Errors
    /// If a dataset is there and damaged.
    pub fn replace_missing_datasets(
        &mut self,
        datasets: &[String],
        plans: &mut Vec<PlannedRun>,
        truths: &mut [GroundTruth],
    ) -> Result<(), RunError> {
        for name in datasets {
            let stand_in = datasets::known(name).and_then(|source| source.stand_in());
            if let Some(stand_in) = stand_in
                && !reference::is_available(name, &self.data.path)?
            {
                log::warn!(
                    "dataset `{name}` was not found under {}: the embedded dataset `{stand_in}` stands in for it; see \
                     `bench data fetch {name}`",
                    self.data.path.display()
                );
                self.missing.push((name.clone(), stand_in.to_owned()));
            }
        }
        let of_runs = plans.iter_mut().map(|plan| &mut plan.config.dataset);
        for dataset in of_runs.chain(truths.iter_mut().map(|truth| &mut truth.dataset)) {
            if let Some((_, stand_in)) = self.missing.iter().find(|(name, _)| name == dataset) {
                dataset.clone_from(stand_in);
            }
        }
        let mut kept: Vec<PlannedRun> = Vec::new();
        for plan in plans.drain(..) {
            match kept.iter_mut().find(|kept| kept.is_the_same_run(&plan)) {
                Some(equal) => {
                    equal.placements.extend(plan.placements);
                    equal.pictures.ask(plan.pictures.asked);
                }
                None => kept.push(plan),
            }
        }
        *plans = kept;
        Ok(())
    }

    /// Writes the published tables of `suites`, once a suite.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_tables(&self, suites: &[Suite]) -> Result<(), RunError> {
        let shows = |suite: &&Suite| !(suite.tables.is_empty() && suite.figures.is_empty());
        for suite in suites.iter().filter(shows) {
            let path = self.out.join(&suite.name).join(SuiteTables::FILE);
            files::write_atomically(&path, &suite.published()?.to_json(&path)?)?;
        }
        Ok(())
    }

    /// Writes what is to be carried out, so that [`super::state`] tells of runs that wait.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_agenda(&self, plans: &[PlannedRun]) -> Result<(), RunError> {
        let asked: Result<Vec<_>, _> = plans.iter().map(PlannedRun::asked).collect();
        Ok(agenda::write(&self.out, &asked?)?)
    }

    /// Scores real images against real images, unless the record is there already.
    ///
    /// # Errors
    /// If a dataset cannot be loaded or a metric cannot be computed.
    pub fn measure_ground_truths(&mut self, truths: &[GroundTruth]) -> Result<(), RunError> {
        for truth in truths {
            let started = Instant::now();
            let mut reference = self.reference(&truth.dataset, truth.image_size)?;
            let inputs = self.inputs(&reference, &truth.evaluation)?;
            let config = truth.config(inputs);
            let folder = self.folder(&truth.suite, &config)?;
            if folder.ended(&config.experiment()?)?.is_none() {
                let Self { bench, cache, data, .. } = self;
                let protocol = truth.evaluation.plan.protocol;
                let wanted = truth.evaluation.generated();
                let extractors = &mut bench.extractors;
                let train = reference.measure_train(wanted, protocol, extractors, cache)?;
                let measured = reference.measure(&truth.evaluation, data, extractors, cache)?;
                let mut plan = truth.evaluation.plan.clone();
                plan.generated = Some(train.n());
                let Fitted { panel, notes } = self.fitted(&plan, &measured);
                let images = RealImages {
                    train: &train,
                    reference: &reference,
                    measured: &measured,
                    panel: &panel,
                    notes,
                };
                truth.record(images, &config, &self.bench, &folder, started)?;
            }
            self.loaded = Some(reference);
        }
        Ok(())
    }

    /// Carries out `plans` and returns how many failed or diverged, whose reasons have been reported; `after_each` is called
    /// after every one but the last.
    ///
    /// # Errors
    /// Those of `after_each`, and what leaves the other runs no chance: see [`RunError::ends_queue`].
    pub fn run_all<E: From<RunError>>(
        &mut self,
        plans: &[PlannedRun],
        mut after_each: impl FnMut(&Path) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut failures = 0;
        for (i, plan) in plans.iter().enumerate() {
            let RunConfig { name, dataset, seed, .. } = &plan.config;
            let suite = &plan.suite;
            if stop::requested() {
                return Err(RunError::Stopped { command: process::command_line() }.into());
            }
            let place = format!("[{}/{}]", i + 1, plans.len());
            console::line(&format!("{place} {suite}: {name} on {dataset}, seed {seed}"));
            match self.run_one(plan) {
                Ok((_, Status::Done)) => {}
                Ok(_) => failures += 1,
                Err(error) if error.ends_queue() => return Err(error.into()),
                Err(error) => {
                    log::error!("{name} on {dataset} failed: {error}");
                    failures += 1;
                }
            }
            if i + 1 < plans.len() {
                after_each(&self.out)?;
            }
        }
        Ok(failures)
    }

    /// Carries out one run, unless its record is there already. Why it failed is left where [`super::state`] finds it.
    ///
    /// # Errors
    /// If the dataset cannot be loaded or the run fails for another reason than divergence.
    pub fn run_one(&mut self, plan: &PlannedRun) -> Result<(RunFolder, Status), RunError> {
        let unnamed = agenda::failure(&self.out, &plan.suite, &plan.id()?);
        let mut folder = None;
        let done = refusals::as_errors(|| self.carry_out(plan, &mut folder));
        match &done {
            Err(RunError::InUse { .. } | RunError::Stopped { .. }) => {}
            Err(error) => {
                let path = folder.as_ref().map_or(unnamed, RunFolder::failure);
                RunFailure::here(error.to_string()).leave(&path);
            }
            Ok(_) => RunFailure::forget(&unnamed),
        }
        done
    }

    /// [`Self::run_one`]; its folder is put into `place` once it is this process' own.
    fn carry_out(
        &mut self,
        plan: &PlannedRun,
        place: &mut Option<RunFolder>,
    ) -> Result<(RunFolder, Status), RunError> {
        let mut reference = self.reference(&plan.config.dataset, plan.config.image_size)?;
        let inputs = self.inputs(&reference, &plan.config.evaluation)?;
        let config = &RunConfig { inputs, ..plan.config.clone() };
        let folder = self.folder(&plan.suite, config)?;
        self.take_over_shorter(plan, config, &folder)?;
        let _lock = Lock::of(&folder)?;
        RunFailure::forget(&folder.failure());
        *place = Some(folder.clone());
        let status = match folder.ended(&config.experiment()?)? {
            Some(status) => {
                checkpoints::keep_lasting(&folder, status)?;
                let path = folder.path().display();
                console::line(&format!("kept: {path} has ended; delete it to run again"));
                if status == Status::Done {
                    self.add_pictures(plan, config, &reference, &folder)?;
                }
                status
            }
            None => {
                let Self { bench, cache, data, .. } = self;
                let extractors = &mut bench.extractors;
                let measured = reference.measure(&config.evaluation, data, extractors, cache)?;
                let Fitted { panel, notes } = self.fitted(&config.evaluation.plan, &measured);
                let job = Job {
                    plan,
                    config,
                    panel: &panel,
                    notes: &notes,
                    reference: &reference,
                    measured: &measured,
                    cache: &self.cache,
                    folder: &folder,
                };
                runner::run(&job, &mut self.bench)?.status
            }
        };
        self.loaded = Some(reference);
        Ok((folder, status))
    }

    /// Draws the pictures that a run lacks which has ended, as far as they need no extractor.
    fn add_pictures(
        &self,
        plan: &PlannedRun,
        config: &RunConfig,
        reference: &Reference,
        folder: &RunFolder,
    ) -> Result<(), RunError> {
        let record = folder.record_if_any()?;
        let best = record.and_then(|record| record.best).map(|best| best.step);
        let (plan, device) = (&plan.pictures, self.bench.device);
        match (Album { folder, config, plan, reference, best, device }).fill(None) {
            Err(error) if error.ends_queue() => Err(error),
            // The run itself is as it was.
            Err(error) => {
                log::warn!("{}: its pictures cannot be drawn: {error}", folder.path().display());
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Lets the run go on where a shorter one ended, if there is one and it has not been started itself.
    fn take_over_shorter(
        &self,
        plan: &PlannedRun,
        config: &RunConfig,
        folder: &RunFolder,
    ) -> Result<(), RunError> {
        if folder.path().exists() {
            return Ok(());
        }
        if let Some(shorter) = continuation::find(&self.out, &plan.suite, config) {
            log::info!(
                "{} took fewer steps and goes on as {}",
                shorter.path().display(),
                folder.path().display()
            );
            continuation::take_over(&shorter, folder)?;
        }
        Ok(())
    }

    /// The metrics of `plan` with the extractor at hand, against `measured`; says what is changed.
    fn fitted(&mut self, plan: &ScoringPlan, measured: &Measured) -> Fitted {
        let mut plan = plan.clone();
        let mut notes = Vec::new();
        notes.extend(plan.fit_to_extractor(self.bench.extractors.current()));
        if let Some(asked) = plan.reference.filter(|asked| *asked > measured.n()) {
            notes.push(format!(
                "{} reference images instead of {asked}: there are no more",
                measured.n()
            ));
        }
        let generated = plan.generated.unwrap_or_else(|| measured.n());
        notes.extend(plan.fit_to_images(generated, Some(measured.n())));
        notes.extend(plan.departures());
        for note in &notes {
            if self.said.insert(note.clone()) {
                log::info!("{note}");
            }
        }
        Fitted { panel: plan.panel, notes }
    }

    fn folder(&self, suite: &str, config: &RunConfig) -> Result<RunFolder, RunError> {
        let experiment = config.experiment()?;
        Ok(RunFolder::new(&self.out, suite, &config.name, config.seed, &experiment))
    }

    /// What a run on these images, with this extractor, works on.
    fn inputs(
        &mut self,
        reference: &Reference,
        evaluation: &EvaluationConfig,
    ) -> Result<Inputs, RunError> {
        let protocol = evaluation.plan.protocol;
        let extractor = self.bench.extractors.under(protocol).map_err(RunError::Features)?;
        Ok(Inputs {
            dataset_sha256: reference.dataset.sha256.clone(),
            extractor_sha256: extractor.sha256().to_owned(),
        })
    }

    /// The dataset called `name` at a size: the last one, if it is the same.
    fn reference(&mut self, name: &str, image_size: u32) -> Result<Reference, RunError> {
        // Taken, so that the old dataset's memory goes before the new one's is asked for.
        if let Some(last) = self.loaded.take().filter(|r| r.is(name, image_size)) {
            return Ok(last);
        }
        let mut reference = Reference::load(name, image_size, &self.data)?;
        if let Some(warning) = absent_classes(&reference.dataset) {
            log::warn!("{warning}");
        }
        let replaced = self.missing.iter().filter(|(_, stand_in)| stand_in == name);
        let replaced: Vec<&str> = replaced.map(|(missing, _)| missing.as_str()).collect();
        if !replaced.is_empty() {
            reference.fallback = Some(reference::fallback_note(name, &replaced));
        }
        Ok(reference)
    }
}
