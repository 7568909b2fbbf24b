//! Several runs at once, each in a process of its own: what one takes, breaks or leaks is no other's.

mod display;
mod memory;
mod worker;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use bench_metrics::Device;
use bench_reports::Status;

use super::assignment::{Assignment, Ending};
use super::error::RunError;
use super::failure::RunFailure;
use super::folder::RunFolder;
use super::state;
use super::suite::PlannedRun;
use crate::process::{self, stop};
use crate::{console, exit};
use display::Display;
use worker::{Said, Worker};

/// How often signals and memory are looked after.
const ROUND: Duration = Duration::from_millis(200);

/// What the processes have in common.
pub struct Crew<'a> {
    /// The device of each process that may be at work at once.
    pub devices: Vec<Device>,
    /// CPU threads of each.
    pub threads: usize,
    /// The arguments that let the program carry out an assignment on a device.
    pub arguments: &'a dyn Fn(Device) -> Vec<OsString>,
    /// Datasets that were not found, and what stands in for each.
    pub missing: Vec<(String, String)>,
    /// The results folder.
    pub out: &'a Path,
}

/// The devices of processes: `jobs` of them, in turn; one process a device where `jobs` says nothing.
#[must_use]
pub fn share_devices(devices: &[Device], jobs: Option<usize>) -> Vec<Device> {
    let jobs = jobs.unwrap_or(devices.len());
    devices.iter().cycle().take(jobs).copied().collect()
}

/// The processes at work.
struct Team<'a> {
    crew: &'a Crew<'a>,
    plans: &'a [PlannedRun],
    /// Those at work by the number of their run, and the place in `devices` of each.
    workers: BTreeMap<usize, (Worker, usize)>,
    display: Display,
    /// The run that is started next.
    next: usize,
    ended: usize,
    failed: usize,
    /// Most bytes that a process had resident.
    largest: u64,
    waits_for_memory: bool,
    /// Why no other run is started.
    end: Option<RunError>,
    mouth: Sender<(usize, Said)>,
    ears: Receiver<(usize, Said)>,
}

/// Carries out `plans` as [`Queue::run_all`](super::queue::Queue::run_all) does, several at once.
///
/// # Errors
/// As there.
pub fn run_all<E: From<RunError>>(
    plans: &[PlannedRun],
    crew: &Crew,
    mut after_each: impl FnMut(&Path) -> Result<(), E>,
) -> Result<usize, E> {
    let _training = stop::Training::begin();
    let mut team = Team::new(plans, crew);
    loop {
        if stop::requested() {
            team.stop(RunError::Stopped { command: process::command_line() });
        }
        team.start()?;
        if team.workers.is_empty() {
            break;
        }
        match team.ears.recv_timeout(ROUND) {
            Ok((run, Said::Line(line))) => team.display.line(run, &line),
            Ok((run, Said::Ended(said))) => {
                team.end(run, &said);
                if team.end.is_none() && team.ended < plans.len() {
                    after_each(crew.out)?;
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => team.weigh(),
        }
    }
    team.display.close();
    match team.end {
        Some(error) => Err(error.into()),
        None => Ok(team.failed),
    }
}

impl<'a> Team<'a> {
    fn new(plans: &'a [PlannedRun], crew: &'a Crew<'a>) -> Self {
        let (mouth, ears) = mpsc::channel();
        Self {
            crew,
            plans,
            workers: BTreeMap::new(),
            display: Display::new(plans.len()),
            next: 0,
            ended: 0,
            failed: 0,
            largest: 0,
            waits_for_memory: false,
            end: None,
            mouth,
            ears,
        }
    }

    /// Starts runs while there are any, devices for them, and memory.
    fn start(&mut self) -> Result<(), RunError> {
        while self.end.is_none() && self.next < self.plans.len() {
            let is_free = |place: &usize| self.workers.values().all(|(_, taken)| taken != place);
            let Some(place) = (0..self.crew.devices.len()).find(is_free) else { break };
            if !self.has_memory() {
                break;
            }
            let (crew, plans, run) = (self.crew, self.plans, self.next);
            let (device, plan) = (crew.devices[place], &plans[run]);
            let assignment = Assignment { missing: crew.missing.clone(), plan: plan.clone() };
            let words = (crew.arguments)(device);
            let (text, mouth) = (assignment.to_text()?, self.mouth.clone());
            let worker = Worker::start(&words, crew.threads, &text, run, mouth);
            let config = &plan.config;
            let what = format!("{}: {} on {}", plan.suite, config.name, config.dataset);
            console::line(&format!(
                "{} {what}, seed {}, on {device}",
                self.display.place(run),
                config.seed
            ));
            match worker {
                Ok(worker) => drop(self.workers.insert(run, (worker, place))),
                Err(error) => {
                    let reason =
                        format!("a process cannot be started: {error}; ask for fewer --jobs");
                    self.stop(RunError::Process { reason });
                }
            }
            self.next += 1;
        }
        Ok(())
    }

    /// Whether another process may start; says so once where it has to wait.
    fn has_memory(&mut self) -> bool {
        self.weigh();
        let processes = self.workers.values().map(|(worker, _)| worker.process());
        let residents: Vec<u64> = processes
            .map(|process| memory::resident(process).map_or(0, |(resident, _)| resident))
            .collect();
        let available = memory::available();
        let admits = memory::admits(available, &residents, self.largest);
        if !admits && !self.waits_for_memory {
            let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            log::info!(
                "{} runs at once, and no more until one has ended: {:.1} GiB of memory are left, and a run takes up to {:.1}",
                residents.len(),
                gib(available.unwrap_or_default()),
                gib(self.largest)
            );
        }
        self.waits_for_memory = !admits;
        admits
    }

    /// Looks how much memory the processes take.
    fn weigh(&mut self) {
        let processes = self.workers.values().map(|(worker, _)| worker.process());
        let peaks = processes.filter_map(memory::resident).map(|(_, peak)| peak);
        self.largest = peaks.fold(self.largest, u64::max);
    }

    /// Lets all processes save their runs and end, for the reason `end`.
    fn stop(&mut self, end: RunError) {
        if self.end.is_none() {
            self.end = Some(end);
            self.workers.values().for_each(|(worker, _)| worker.stop());
        }
    }

    /// Takes note of how a run ended whose process said so on standard output.
    fn end(&mut self, run: usize, said: &str) {
        let Some((worker, _)) = self.workers.remove(&run) else { return };
        let status = worker.wait();
        let is_stopped =
            status.as_ref().is_ok_and(|status| status.code() == Some(exit::STOPPED.into()));
        let ending = serde_json::from_str(said.trim()).unwrap_or_else(|_| {
            if is_stopped {
                // A signal came before its run began.
                return Ending::Stopped;
            }
            let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            let reason = format!(
                "its process ended ({how}); where it was killed, the system may have run out of memory"
            );
            self.leave(run, &reason);
            Ending::Failed(reason)
        });
        let config = &self.plans[run].config;
        self.ended += 1;
        match ending {
            Ending::Recorded(Status::Done) | Ending::Stopped => {}
            Ending::Recorded(_) => self.failed += 1,
            Ending::Failed(reason) => {
                let (name, dataset) = (&config.name, &config.dataset);
                log::error!("{} {name} on {dataset} failed: {reason}", self.display.place(run));
                self.failed += 1;
            }
            Ending::Hopeless(reason) => self.stop(RunError::Process { reason }),
        }
        self.display.ended(run, self.ended, self.failed);
    }

    /// Leaves the reason why a run failed whose process could not.
    fn leave(&self, run: usize, reason: &str) {
        let plan = &self.plans[run];
        let Ok(id) = plan.id() else { return };
        let runs = state::of_results(self.crew.out).unwrap_or_default();
        let is_it =
            |run: &&state::RunState| run.suite == plan.suite && run.id.as_ref() == Some(&id);
        if let Some(folder) = runs.iter().find(is_it).and_then(|run| run.folder.as_deref()) {
            RunFailure::here(reason.to_owned()).leave(&RunFolder::at(folder).failure());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_one_process_each_unless_more_are_asked_for() {
        let two @ [first, second] = [0, 1].map(Device::Cuda);
        assert_eq!(share_devices(&two, None), two);
        assert_eq!(share_devices(&two, Some(1)), [first]);
        assert_eq!(share_devices(&two, Some(3)), [first, second, first]);
        assert_eq!(share_devices(&[Device::Cpu], Some(2)), [Device::Cpu; 2]);
    }
}
