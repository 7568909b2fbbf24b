//! What a job of a plan does, on whatever machine it is started.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use bench_metrics::Device;
use bench_models::refusals;
use bench_reports::Status;

use super::error::ClusterError;
use super::plan::{Element, Plan};
use super::starts;
use crate::commands::all::CommonArgs;
use crate::device::DeviceChoice;
use crate::exit::Failure;
use crate::training::error::RunError;
use crate::training::folder::RunFolder;
use crate::training::queue::Queue;

/// Longest wait for a process that is at work on the run: on another machine, a dead one counts as at work for five minutes.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How often the wait looks.
const LOOK: Duration = Duration::from_secs(5);

/// Carries out the run at position `element` of the plan in the file at `path`.
///
/// # Errors
/// If the plan or the run is not what was submitted, the run was started too often without getting further, is another
/// process', or fails.
pub fn carry_out(path: &Path, element: usize) -> anyhow::Result<()> {
    let (plan, folder) = Plan::read(path)?;
    let element = plan.elements.get(element).ok_or_else(|| {
        ClusterError::plan(path, format!("it has no run {element}, but {}", plan.elements.len()))
    })?;
    starts::count(&folder.starts(), element, &plan.results)?;
    log::info!("{} on {}", element.folder, crate::process::host());
    let mut queue = common(&plan, path)?.queue(&[])?.with_stand_ins(plan.stand_ins.clone());
    check(&mut queue, element)?;
    let (folder, status) = run_when_free(&mut queue, element)?;
    match status {
        Status::Done => Ok(()),
        _ => Err(Failure::run(format!("{} {status}", folder.path().display())).into()),
    }
}

/// Makes what the runs of the plan share: features of reference images, and scores of real images.
///
/// # Errors
/// If a dataset cannot be loaded or an extractor fails.
pub fn prepare(path: &Path) -> anyhow::Result<()> {
    let (plan, _) = Plan::read(path)?;
    let common = common(&plan, path)?;
    let mut queue = common.queue_for_others(&[])?.with_stand_ins(plan.stand_ins);
    queue.measure_ground_truths(&plan.truths)?;
    // Features that a GPU extracts are others.
    if !common.no_cache && common.devices == [DeviceChoice::On(Device::Cpu)] {
        queue.extract_references(plan.elements.iter().map(|element| &element.run))?;
    }
    Ok(())
}

fn common(plan: &Plan, path: &Path) -> Result<CommonArgs, ClusterError> {
    let common = CommonArgs::from_words(&plan.options);
    common.map_err(|error| ClusterError::plan(path, error.to_string().trim_end()))
}

/// Refuses a run that would not be the one that was submitted.
fn check(queue: &mut Queue, element: &Element) -> anyhow::Result<()> {
    let located = refusals::as_errors(|| queue.locate(&element.run))?;
    let (here, there) = (&located.config.inputs, &element.run.config.inputs);
    let what = if here.dataset_sha256 != there.dataset_sha256 {
        "its dataset"
    } else if here.extractor_sha256 != there.extractor_sha256 {
        "the extractor"
    } else if located.experiment != element.experiment {
        "what the program takes for its settings"
    } else {
        return Ok(());
    };
    Err(ClusterError::OtherRun { run: element.folder.clone(), what }.into())
}

/// Carries out the run, once no other process is at work on it: one may still be ending, on a node that was taken down.
fn run_when_free(queue: &mut Queue, element: &Element) -> Result<(RunFolder, Status), RunError> {
    let started = Instant::now();
    let mut said = false;
    loop {
        match refusals::as_errors(|| queue.run_one(&element.run)) {
            Err(RunError::InUse { owner, .. }) if started.elapsed() < PATIENCE => {
                if !said {
                    log::info!(
                        "{} is in use by {owner}: waiting until it has ended",
                        element.folder
                    );
                    said = true;
                }
                thread::sleep(LOOK);
            }
            done => return done,
        }
    }
}
