//! The scripts. Nothing of a suite or a run stands in them: the program reads the plan, and what a shell sees are the paths
//! of the program and of the plan, quoted, and variables.

use std::fmt::Write as _;
use std::path::Path;

use crate::cluster::engines::{Order, Part};
use crate::exit;
use crate::process;

/// The script of a job.
pub(super) fn text(order: &Order, part: Part) -> String {
    let mut text = String::from("#!/bin/bash\n");
    let environment: String =
        order.environment.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "export {name}={}", process::quoted(&value.to_string_lossy()));
            text
        });
    let program = quoted(&order.program);
    let plan = quoted(&order.folder.plan());
    match part {
        Part::Prepare => {
            text += "# What the runs share, once for all: features of reference images, scores of real images.\n";
            text += &environment;
            let _ = writeln!(text, "exec {program} job {plan} --prepare");
        }
        Part::Runs => {
            text += "# One run of the plan. Before the limit Slurm signals this shell; the run saves itself and is queued again.\n";
            text += &environment;
            // Nodes may share their cores between jobs, where threads that spin cost others their time.
            text += "export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}\n";
            text += TRAP;
            let _ = writeln!(text, "{program} job {plan} --element \"$SLURM_ARRAY_TASK_ID\" &");
            let _ = write!(text, "{}", RUN.replace("STOPPED", &exit::STOPPED.to_string()));
        }
        Part::Report => {
            text += "# Tables and figures of all runs that have ended.\n";
            text += &environment;
            let _ = writeln!(text, "exec {program} report {}", quoted(&order.plan.results));
        }
    }
    text
}

fn quoted(path: &Path) -> String {
    process::quoted(&path.to_string_lossy())
}

/// What comes before the start of the run.
const TRAP: &str = "trap 'signalled=yes; kill -USR1 \"$worker\" 2>/dev/null' USR1 TERM\n";

/// What comes after the start of the run.
const RUN: &str = r#"worker=$!
# A signal interrupts `wait`, which gives the run's own code the next time; 127 is for a run that was waited for before.
code=127
while :; do
  signalled=
  wait "$worker"
  status=$?
  if [ "$status" -ne 127 ]; then code=$status; fi
  if [ -z "$signalled" ]; then break; fi
done
# STOPPED: stopped and saved; above 128: killed. Either goes on when it is started again, unless Slurm itself is ending the job.
if [ "$code" -eq STOPPED ] || [ "$code" -gt 128 ]; then
  element=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
  unset "${!SQUEUE_@}"
  if [ "$(squeue --noheader --format=%T --jobs="$element")" = RUNNING ]; then
    echo "bench: code $code: queued again to go on"
    scontrol requeue "$element"
  fi
fi
exit "$code"
"#;
