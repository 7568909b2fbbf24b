//! `bench submit`: the runs of `bench all` on a cluster.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bench_data::cache::{CACHE_VARIABLE, MAX_VARIABLE, cache_dir};
use bench_data::files;

use super::study::{Study, StudyArgs};
use crate::cluster::engines::{self, Engine, Job, Order, Part};
use crate::cluster::error::ClusterError;
use crate::cluster::{Element, Plan, PlanFolder, ResourceArgs, watch};
use crate::console;
use crate::exit::Failure;
use crate::output::outln;
use crate::training::error::RunError;
use crate::training::folder::RunFolder;
use crate::training::lock::Lock;
use crate::training::queue::{Located, Queue};
use crate::training::suite::PlannedRun;

/// Variables that nodes have to have as this machine has them.
const ENVIRONMENT: [&str; 3] = [MAX_VARIABLE, "ORT_DYLIB_PATH", "LD_LIBRARY_PATH"];

/// Submit the runs of `bench all` to a cluster: those that have not ended, and are neither waiting nor running there.
///
/// Datasets and weights are fetched here, as `bench all` does. A job before the runs extracts the features of reference images,
/// one after them draws tables and figures. A run that meets its time limit saves itself, queues itself again and goes on.
/// Program, data, cache and results folder must be found under the same paths on all nodes; see docs/cluster.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench submit --suite sagan --seeds 0,1,2 --time 4:00:00 --cpus 4 --mem 8G\n  \
    bench submit --budget paper --device cuda --gpus 1 --partition gpu --account lab --time 12:00:00 --at-once 8\n  \
    bench submit --time 60 --sbatch qos=low --sbatch exclude=node7 --dry-run")]
pub struct SubmitArgs {
    #[arg(long, value_name = "NAME", default_value = "slurm", help = engine_help())]
    engine: String,
    /// Print the scripts and the commands that would submit them, and do neither.
    #[arg(long)]
    dry_run: bool,
    /// Which runs there are.
    #[command(flatten)]
    study: StudyArgs,
    #[command(flatten)]
    resources: ResourceArgs,
}

fn engine_help() -> String {
    format!("What schedules the cluster: {}", engines::listed())
}

/// What becomes of the runs that are asked for.
#[derive(Debug, Default)]
struct Outlook {
    pending: Vec<Element>,
    ended: usize,
    queued: usize,
}

/// Runs the command.
pub fn run(mut args: SubmitArgs) -> anyhow::Result<()> {
    let engine = engines::find(&args.engine)?;
    let common = &mut args.study.common;
    let (resources, device, threads) = args.resources.checked(&common.devices, common.threads)?;
    common.threads = Some(threads);
    let results = absolute(&common.out)?;
    let mut study = args.study.study()?;
    let _lock = if args.dry_run { None } else { Some(begin(engine, &results)?) };
    let queued = queued(&results, args.dry_run)?;

    let common = &args.study.common;
    let mut queue = common.queue_for_others(&study.datasets())?;
    study.replace_missing_datasets(&mut queue)?;
    let Study { suites, plans, truths } = study;
    let outlook = Outlook::of(&plans, &mut queue, &queued, &common.out)?;
    outlook.say();
    if outlook.pending.is_empty() {
        let results = shell_word(&results);
        console::line(&format!("`bench report {results}` draws tables and figures anew"));
        return Ok(());
    }
    let (stand_ins, extractor) = queue.findings();
    let plan = Plan {
        engine: engine.name().to_owned(),
        results,
        options: texts(common.shared_words(device, threads, &extractor))?,
        stand_ins,
        elements: outlook.pending,
        truths,
    };
    let folder = PlanFolder::of(&plan)?;
    let order = Order {
        plan: &plan,
        folder: &folder,
        resources: &resources,
        program: std::env::current_exe().context("failed to find this program's own path")?,
        directory: std::env::current_dir().context("failed to find the present folder")?,
        environment: environment(),
    };
    check_paths(&order)?;
    let jobs = engine.jobs(&order)?;
    if args.dry_run {
        return print(&jobs);
    }
    queue.write_agenda(&plans)?;
    queue.write_tables(&suites)?;
    let is_new = !folder.plan().exists();
    let submitted = submit(engine, &jobs, &order);
    if submitted.is_err() && is_new {
        folder.remove()?;
    }
    submitted
}

/// Makes sure that the jobs can be submitted and their results written, and that nobody else submits there.
fn begin(engine: &dyn Engine, results: &Path) -> anyhow::Result<Lock> {
    engine.reach()?;
    files::check_folder_writable(results)?;
    Ok(Lock::of(&RunFolder::at(&PlanFolder::all_of(results)))?)
}

/// Where each of `plans` goes and how it stands, in order; none for one whose record cannot be read.
fn locate(plans: &[PlannedRun], queue: &mut Queue) -> Result<Vec<Option<Located>>, RunError> {
    let mut places: Vec<usize> = (0..plans.len()).collect();
    // Each dataset is loaded once.
    places.sort_by_key(|&place| (&plans[place].config.dataset, plans[place].config.image_size));
    let mut found: Vec<Option<Located>> = plans.iter().map(|_| None).collect();
    for place in places {
        match queue.locate(&plans[place]) {
            Err(error @ RunError::Report(_)) => log::warn!("left out: {error}"),
            located => found[place] = Some(located?),
        }
    }
    Ok(found)
}

impl Outlook {
    /// Looks for `plans` in the folder `out` and among the folders `queued`. A run whose record cannot be read is left alone.
    fn of(
        plans: &[PlannedRun],
        queue: &mut Queue,
        queued: &BTreeSet<String>,
        out: &Path,
    ) -> anyhow::Result<Self> {
        let mut outlook = Self::default();
        for (plan, located) in plans.iter().zip(locate(plans, queue)?) {
            let Some(located) = located else { continue };
            let folder = below(located.folder.path(), out)?;
            if located.status.is_some() {
                outlook.ended += 1;
            } else if queued.contains(&folder) {
                outlook.queued += 1;
            } else {
                let run = PlannedRun { config: located.config, ..plan.clone() };
                outlook.pending.push(Element { folder, experiment: located.experiment, run });
            }
        }
        Ok(outlook)
    }

    fn say(&self) {
        let Self { pending, ended, queued } = self;
        let pending = runs(pending.len());
        console::line(&format!("{pending} to submit, {queued} queued or running, {ended} ended"));
    }
}

fn submit(engine: &dyn Engine, jobs: &[Job], order: &Order) -> anyhow::Result<()> {
    order.folder.write(order.plan)?;
    for job in jobs {
        files::write_atomically(&job.script, job.text.as_bytes())?;
    }
    let ids = engine.submit(jobs)?;
    for (job, id) in jobs.iter().zip(ids) {
        let what = match job.part {
            Part::Prepare => "what the runs share".to_owned(),
            Part::Runs => runs(order.plan.elements.len()),
            Part::Report => "tables and figures".to_owned(),
        };
        outln!("{} {id}: {what}", engine.title())?;
    }
    let results = shell_word(&order.plan.results);
    console::line(&format!("logs: {}", order.folder.logs().display()));
    console::line(&format!("see `bench status {results}`; `bench cancel {results}` ends them"));
    Ok(())
}

/// The folders of runs that wait or run on a cluster. A trial takes one that cannot be asked for one without jobs.
fn queued(results: &Path, dry_run: bool) -> anyhow::Result<BTreeSet<String>> {
    match watch(results) {
        Ok(watched) => {
            Ok(watched.into_iter().filter_map(|watched| Some(watched.run?.folder)).collect())
        }
        Err(error @ (ClusterError::Missing { .. } | ClusterError::Unanswered { .. }))
            if dry_run =>
        {
            log::info!("{error}");
            Ok(BTreeSet::new())
        }
        Err(error) => Err(error.into()),
    }
}

fn print(jobs: &[Job]) -> anyhow::Result<()> {
    for (i, job) in jobs.iter().enumerate() {
        outln!("# {}", job.script.display())?;
        if let Some(before) = i.checked_sub(1).and_then(|before| jobs.get(before)) {
            let name = before.part.name();
            outln!("# and --dependency=afterany:ID with the id of the job `{name}`")?;
        }
        outln!("# {}", job.command_line())?;
        outln!("{}", job.text)?;
    }
    Ok(())
}

/// What the program depends on, as it is here.
fn environment() -> Vec<(&'static str, OsString)> {
    let cache = cache_dir().map(|folder| (CACHE_VARIABLE, folder.into_os_string()));
    let named = ENVIRONMENT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    cache.into_iter().chain(named).collect()
}

/// Refuses paths that scripts cannot hold: of other bytes than UTF-8, or with control characters.
fn check_paths(order: &Order) -> Result<(), Failure> {
    let of_environment = order.environment.iter().map(|(_, value)| Path::new(value));
    let paths = [&order.program, &order.directory, &order.plan.results];
    for path in paths.into_iter().map(PathBuf::as_path).chain(of_environment) {
        if path.to_str().is_none_or(|text| text.contains(char::is_control)) {
            return Err(Failure::usage(format!(
                "the path {path:?} holds a line end, another control character or bytes that are no UTF-8, which a script \
                 for the cluster cannot hold; use another one"
            )));
        }
    }
    Ok(())
}

/// Words that a plan can hold.
fn texts(words: Vec<OsString>) -> Result<Vec<String>, Failure> {
    let text = |word: OsString| {
        word.into_string().map_err(|word| {
            Failure::usage(format!(
                "the path {word:?} is no UTF-8, which a plan cannot hold; use another one"
            ))
        })
    };
    words.into_iter().map(text).collect()
}

/// The path from everywhere on this machine.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::usage(format!("cannot use {}: {error}", path.display())))
}

/// `SUITE/RUN` of a run's folder.
fn below(folder: &Path, out: &Path) -> Result<String, Failure> {
    let relative = folder.strip_prefix(out).ok().and_then(Path::to_str).map(str::to_owned);
    relative.ok_or_else(|| Failure::usage(format!("{} is no run's folder", folder.display())))
}

fn runs(n: usize) -> String {
    if n == 1 { "1 run".to_owned() } else { format!("{n} runs") }
}

fn shell_word(path: &Path) -> String {
    crate::process::quoted(&path.to_string_lossy())
}
