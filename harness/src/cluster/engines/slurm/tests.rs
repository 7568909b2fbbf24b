use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::cluster::{Element, Plan, Resources};
use crate::training::suite::Suite;

/// What a shell would do something about.
const HOSTILE: &str = "it's $(touch broken) `touch broken` \"x\" & ; #%a";

/// A plan of one run whose suite is called `suite`, in `results`.
fn plan(results: &Path, suite: &str) -> Plan {
    let single = Suite::single("dcgan", "shapes", None).unwrap();
    let mut run = single.plans("smoke", 3).unwrap().remove(0);
    run.suite = suite.to_owned();
    let element =
        Element { folder: format!("{suite}/dcgan-s3-0"), experiment: "0".to_owned(), run };
    Plan {
        engine: "slurm".to_owned(),
        results: results.to_owned(),
        options: vec!["--device=cpu".to_owned()],
        stand_ins: vec![],
        elements: vec![element.clone(), element],
        truths: vec![],
    }
}

fn resources() -> Resources {
    Resources { cpus: 2, warn: 120, ..Default::default() }
}

/// The jobs of a plan in `results`, whose program lies in `folder`.
fn jobs(folder: &Path, results: &Path, resources: &Resources) -> Result<Vec<Job>, ClusterError> {
    let plan = plan(results, HOSTILE);
    let plan_folder = PlanFolder::of(&plan).unwrap();
    Slurm.jobs(&Order {
        plan: &plan,
        folder: &plan_folder,
        resources,
        program: folder.join("bench"),
        directory: folder.to_owned(),
        environment: vec![("BENCH_CACHE", folder.join("the cache").into())],
    })
}

fn refusal(resources: Resources) -> String {
    let results = Path::new("/results");
    jobs(Path::new("/"), results, &resources).unwrap_err().to_string()
}

/// Writes a program that a script calls.
fn write_program(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/bash\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A script for runs in a hostile folder, with programs of Slurm that write what they are told into `said`.
struct Trial {
    root: tempfile::TempDir,
}

impl Trial {
    fn new(bench: &str, state: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(HOSTILE);
        fs::create_dir(&folder).unwrap();
        let results = folder.join("results");
        write_program(&folder, "bench", bench);
        write_program(root.path(), "squeue", &format!("[ -n \"$SQUEUE_STATES\" ] || echo {state}"));
        write_program(root.path(), "scontrol", "echo \"$@\" >> said");
        let jobs = jobs(&folder, &results, &resources()).unwrap();
        fs::write(root.path().join("runs.sh"), &jobs[1].text).unwrap();
        Self { root }
    }

    fn start(&self) -> Child {
        let path = format!("{}:/usr/bin:/bin", self.root.path().display());
        let mut bash = Command::new("bash");
        bash.arg("runs.sh").current_dir(self.root.path()).env("PATH", path);
        bash.env("SLURM_ARRAY_JOB_ID", "12").env("SLURM_ARRAY_TASK_ID", "1");
        // A habit of the user's that would hide the job.
        bash.env("SQUEUE_STATES", "PENDING");
        bash.stdout(Stdio::null()).spawn().unwrap()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.root.path().join("said")).unwrap_or_default()
    }

    /// The exit code of the script, and what was said to scontrol.
    fn outcome(&self) -> (i32, String) {
        let code = self.start().wait().unwrap().code().unwrap();
        assert!(!self.root.path().join("broken").exists(), "a shell took a name for a command");
        (code, self.said())
    }
}

#[test]
fn options_reach_sbatch_as_they_are() {
    let resources = Resources {
        time: Some("1:00:00".to_owned()),
        partition: Some("gpu".to_owned()),
        gpus: Some("a100:1".to_owned()),
        mem: Some("8G".to_owned()),
        account: Some("lab".to_owned()),
        at_once: Some(8),
        further: vec![
            ("comment".to_owned(), Some(HOSTILE.to_owned())),
            ("exclusive".to_owned(), None),
        ],
        ..resources()
    };
    let jobs = jobs(Path::new("/home"), Path::new("/the results/100%"), &resources).unwrap();
    let [prepare, runs, report] = jobs.as_slice() else { panic!("{jobs:?}") };
    for job in &jobs {
        let has = |option: &str| job.command.iter().any(|word| word == option);
        for option in ["--time=1:00:00", "--partition=gpu", "--mem=8G", "--account=lab"] {
            assert!(has(option), "{option} is not in {:?}", job.command);
        }
        assert!(has(&format!("--comment={HOSTILE}")) && has("--exclusive"));
        assert!(has("--cpus-per-task=2") && has("--requeue") && has("--chdir=/home"));
        assert_eq!(has("--gpus=a100:1"), job.part == Part::Runs);
        assert_eq!(has("--array=0-1%8"), job.part == Part::Runs);
        assert_eq!(has("--signal=B:USR1@120"), job.part == Part::Runs);
    }
    let output = |job: &Job| {
        job.command.iter().find_map(|word| word.strip_prefix("--output=")).unwrap().to_owned()
    };
    assert!(output(runs).starts_with("/the results/100%%/.cluster/"), "{}", output(runs));
    assert!(output(runs).ends_with("/logs/%a.log") && output(report).ends_with("/logs/report.log"));
    assert!(
        prepare.text.contains("--prepare") && report.text.contains("report '/the results/100%'")
    );
}

#[test]
fn what_slurm_is_told_otherwise_or_cannot_be_told_is_refused() {
    let with = |key: &str| {
        refusal(Resources { further: vec![(key.to_owned(), Some("1".to_owned()))], ..resources() })
    };
    assert!(with("array").contains("use --suite, --seeds and --at-once"));
    assert!(with("time").contains("use --time") && with("output").contains("leave it out"));
    let time = |time: &str| refusal(Resources { time: Some(time.to_owned()), ..resources() });
    assert!(time("soon").contains("--time soon is no time limit"));
    assert!(time("2").contains("smaller --warn"));
    let message = jobs(Path::new("/"), Path::new("/a\\b"), &resources()).unwrap_err().to_string();
    assert!(message.contains("backslash"), "{message}");
}

#[test]
fn nothing_of_a_suite_stands_in_a_script() {
    let root = tempfile::tempdir().unwrap();
    for job in jobs(root.path(), &root.path().join("results"), &resources()).unwrap() {
        for word in ["dcgan", "touch", "it's", "shapes"] {
            assert!(!job.text.contains(word), "{word}: {}", job.text);
        }
    }
}

#[test]
fn a_run_is_named_to_the_program_and_its_code_is_the_jobs() {
    let trial = Trial::new("printf '<%s>' \"$@\" \"$BENCH_CACHE\" > arguments; exit 1", "RUNNING");
    assert_eq!(trial.outcome(), (1, String::new()));
    let arguments = fs::read_to_string(trial.root.path().join("arguments")).unwrap();
    let folder = trial.root.path().join(HOSTILE);
    let start = format!("<job><{}/results/.cluster/", folder.display());
    assert!(arguments.starts_with(&start), "{arguments}");
    let end = format!("/plan.toml><--element><1><{}/the cache>", folder.display());
    assert!(arguments.ends_with(&end), "{arguments}");
    assert_eq!(Trial::new("exit 0", "RUNNING").outcome(), (0, String::new()));
}

#[test]
fn stopped_and_killed_runs_are_queued_again_unless_slurm_ends_the_job() {
    let again = "requeue 12_1\n".to_owned();
    assert_eq!(Trial::new("exit 5", "RUNNING").outcome(), (5, again.clone()));
    assert_eq!(Trial::new("kill -9 $$", "RUNNING").outcome(), (137, again));
    assert_eq!(Trial::new("exit 5", "CANCELLED").outcome(), (5, String::new()));
    assert_eq!(Trial::new("kill -9 $$", "COMPLETING").outcome(), (137, String::new()));
    assert_eq!(Trial::new("exit 4", "RUNNING").outcome(), (4, String::new()));
}

#[test]
fn signals_reach_the_run_and_its_own_code_counts() {
    for signal in ["USR1", "TERM"] {
        let run =
            "trap 'echo saved > saved; exit 5' USR1\ntouch started; while :; do sleep 0.02; done";
        let trial = Trial::new(run, "RUNNING");
        let mut script = trial.start();
        let start = Instant::now();
        while !trial.root.path().join("started").exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "it does not start");
            std::thread::sleep(Duration::from_millis(2));
        }
        let process = script.id().to_string();
        Command::new("kill").args(["-s", signal, &process]).status().unwrap();
        assert_eq!(script.wait().unwrap().code(), Some(5), "{signal}");
        assert!(trial.root.path().join("saved").exists() && trial.said() == "requeue 12_1\n");
    }
}

#[test]
fn lines_of_squeue_are_told_apart() {
    let job =
        client::queued_job("bench-0123456789abcdef|12|3|RUNNING|node1|0:05|1:00|None").unwrap();
    assert_eq!(
        (job.plan.as_str(), job.part, job.element),
        ("0123456789abcdef", Part::Runs, Some(3))
    );
    assert_eq!((job.id.as_str(), job.state.as_str()), ("12_3", "running"));
    assert_eq!((job.node.as_deref(), job.reason), (Some("node1"), None));
    let waiting =
        client::queued_job("bench-0123-report|14|N/A|PENDING||0:00|1:00|Dependency").unwrap();
    assert_eq!((waiting.part, waiting.element, waiting.id.as_str()), (Part::Report, None, "14"));
    assert_eq!((waiting.node, waiting.reason.as_deref()), (None, Some("Dependency")));
    for line in
        ["", "other|1|2|RUNNING|n|0|0|None", "bench-1-x|1|2|RUNNING|n|0|0|None", "bench-1|1|N/A|R"]
    {
        assert_eq!(client::queued_job(line), None, "{line}");
    }
    for part in Part::ALL {
        assert_eq!(part_of(&name("0123", part)), Some(("0123", part)));
    }
}
