//! The states of runs as text.

use super::{Jobs, counts};
use crate::progress::duration;
use crate::training::state::{RunState, State};

const HEADER: [&str; 6] = ["run", "state", "step", "steps/s", "left", "where"];

/// A line a run, with what a cluster says beside it, the reasons of those that failed, the jobs around the runs, and how many
/// runs there are of each kind.
pub(super) fn of(runs: &[RunState], jobs: &Jobs) -> String {
    if runs.is_empty() {
        return "no runs".to_owned();
    }
    let mut rows: Vec<Vec<String>> = std::iter::once(HEADER.map(str::to_owned))
        .chain(runs.iter().map(row))
        .map(Vec::from)
        .collect();
    if let Some(engine) = jobs.of_runs.iter().flatten().map(|job| job.engine).next() {
        rows[0].push(engine.to_owned());
        for (row, job) in rows[1..].iter_mut().zip(&jobs.of_runs) {
            row.push(job.as_ref().map_or_else(String::new, |job| job.words.clone()));
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect();
    lines.push(String::new());
    for run in runs {
        if let Some(reason) = &run.reason {
            lines.push(format!("{} {}: {reason}", name(run), run.state.name()));
        }
    }
    for job in &jobs.others {
        lines.push(format!("{}, {}: {}", job.engine, job.part, job.words));
    }
    let counts = counts(runs).filter(|(_, n)| *n > 0);
    let counts: Vec<String> = counts.map(|(state, n)| format!("{n} {}", state.name())).collect();
    lines.push(counts.join(", "));
    lines.join("\n")
}

fn name(run: &RunState) -> String {
    format!("{}/{} on {}, seed {}", run.suite, run.name, run.dataset, run.seed)
}

fn row(run: &RunState) -> [String; 6] {
    let step = match run.steps {
        Some(steps) => format!("{}/{steps}", run.step),
        None => run.step.to_string(),
    };
    let rate = run.steps_per_second.map(|rate| format!("{rate:.1}"));
    let place = match (&run.host, run.process) {
        (Some(host), Some(process)) => format!("{host}, process {process}"),
        (Some(host), None) if run.state != State::Waiting => host.clone(),
        _ => String::new(),
    };
    [
        name(run),
        run.state.name().to_owned(),
        step,
        rate.unwrap_or_default(),
        run.seconds_left.map(duration).unwrap_or_default(),
        place,
    ]
}

#[cfg(test)]
mod tests {
    use super::super::Job;
    use super::*;

    fn run(state: State) -> RunState {
        RunState {
            suite: "basics".to_owned(),
            name: "gan".to_owned(),
            variant: "gan".to_owned(),
            dataset: "mnist".to_owned(),
            seed: 0,
            id: None,
            folder: None,
            state,
            step: 0,
            steps: Some(400),
            steps_per_second: None,
            seconds_left: None,
            host: None,
            process: None,
            device: None,
            reason: None,
        }
    }

    #[test]
    fn columns_are_aligned_and_reasons_stand_below() {
        let running = RunState {
            step: 120,
            steps_per_second: Some(3.12),
            seconds_left: Some(89.2),
            host: Some("node1".to_owned()),
            process: Some(77),
            ..run(State::Running)
        };
        let failed = RunState { reason: Some("no memory".to_owned()), ..run(State::Failed) };
        assert_eq!(
            of(&[running, run(State::Waiting), failed], &Jobs::default()),
            "run                          state    step     steps/s  left        where\n\
             basics/gan on mnist, seed 0  running  120/400  3.1      1 min 30 s  node1, process 77\n\
             basics/gan on mnist, seed 0  waiting  0/400\n\
             basics/gan on mnist, seed 0  failed   0/400\n\
             \n\
             basics/gan on mnist, seed 0 failed: no memory\n\
             1 waiting, 1 running, 1 failed"
        );
        assert_eq!(of(&[], &Jobs::default()), "no runs");
    }

    #[test]
    fn what_a_cluster_says_stands_beside() {
        let job = |part, words: &str| Job {
            engine: "Slurm",
            id: "12_0".to_owned(),
            part,
            state: "running".to_owned(),
            node: None,
            reason: None,
            words: words.to_owned(),
        };
        let jobs = Jobs {
            of_runs: vec![None, Some(job("runs", "12_1 running on node1, 0:05 of 1:00"))],
            others: vec![job("report", "13 pending (Dependency)")],
        };
        assert_eq!(
            of(&[run(State::Done), run(State::Waiting)], &jobs),
            "run                          state    step   steps/s  left  where  Slurm\n\
             basics/gan on mnist, seed 0  done     0/400\n\
             basics/gan on mnist, seed 0  waiting  0/400                        12_1 running on node1, 0:05 of 1:00\n\
             \n\
             Slurm, report: 13 pending (Dependency)\n\
             1 waiting, 1 done"
        );
    }
}
