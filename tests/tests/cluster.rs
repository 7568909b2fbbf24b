//! `bench submit`, `bench cancel` and `bench job` with programs in Slurm's place. `make test-slurm` does it with the real one.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bench_tests::{Outcome, command, files_below};
use serde_json::Value;

const SUITE: &str = r#"
    name = "mine"
    title = "Two runs"
    [evaluation]
    generated = 60
    reference = 60
    every = 2
    parameters.kid = { subsets = 5, subset_size = 20 }
    [[runs]]
    variant = "gan"
    dataset = "digits"
    [[runs]]
    variant = "dcgan"
    dataset = "mnist"
    [[ground_truths]]
    name = "real"
    dataset = "digits"
    image_size = 32
    evaluation = { split = "test" }
    [budgets.quick]
    set = { steps = 4, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
"#;

/// sbatch: numbers jobs and keeps its arguments, an argument a line; it refuses what `refused` names.
const SBATCH: &str = r#"
    n=$(($(cat jobs 2>/dev/null || echo 0) + 1))
    printf '%s\n' "$@" > "arguments-$n"
    if [ -e refused ] && grep -q "$(cat refused)" "arguments-$n"; then
        echo "sbatch: error: Batch job submission failed: no such thing" >&2
        exit 1
    fi
    echo $n > jobs
    echo $n
"#;

/// A folder with a suite and a Slurm of its own.
struct Cluster {
    folder: tempfile::TempDir,
}

impl Cluster {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.toml"), SUITE).unwrap();
        fs::create_dir(folder.path().join("slurm")).unwrap();
        let cluster = Self { folder };
        cluster.program("sbatch", SBATCH);
        cluster.program("sinfo", "");
        cluster.program("squeue", "cat queue 2>/dev/null || true");
        cluster.program("scancel", "printf '%s\\n' \"$*\" >> cancelled");
        cluster
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.root().join("slurm").join(name);
        fs::write(&path, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn bench(&self, arguments: &[&str]) -> Outcome {
        let mut bench = command(self.root(), &self.root().join("cache"));
        bench.env("PATH", self.root().join("slurm")).args(arguments).output().unwrap().into()
    }

    fn study(&self, command: &str, options: &[&str]) -> Outcome {
        let study =
            ["--suite", "mine.toml", "--extractor", "embedded", "--offline", "--data", "no"];
        self.bench(&[&[command, "--threads", "1"], &study[..], options].concat())
    }

    fn submit(&self, options: &[&str]) -> Outcome {
        self.study("submit", options)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap_or_default()
    }

    /// The one plan of a results folder.
    fn plan(&self, results: &str) -> PathBuf {
        let plans = fs::read_dir(self.root().join(results).join(".cluster")).unwrap();
        let mut plans = plans.map(|entry| entry.unwrap().path().join("plan.toml"));
        plans.find(|plan| plan.is_file()).unwrap()
    }
}

/// What of the files of runs and tables tells of no time.
fn lasting(results: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = files_below(results);
    let tells_times = |name: &str| name.ends_with("manifest.json") || name.contains("tfevents");
    files.retain(|name, _| name.starts_with("mine/") && !tells_times(name));
    for (name, bytes) in &mut files {
        if name.ends_with("record.json") {
            let record: Value = serde_json::from_slice(bytes).unwrap();
            let keys = ["status", "steps", "metrics", "best", "untrained", "notes", "experiment"];
            let kept: Vec<&Value> = keys.iter().map(|key| &record[key]).collect();
            *bytes = serde_json::to_vec(&kept).unwrap();
        }
    }
    files
}

#[test]
fn what_is_submitted_is_what_is_carried_out_whatever_becomes_of_the_suite() {
    let cluster = Cluster::new();
    cluster.study("all", &["--out", "local"]).success();
    let said = cluster.submit(&["--out", "a b"]).success();
    assert_eq!(
        said,
        "Slurm 1: what the runs share\nSlurm 2: 2 runs\nSlurm 3: tables and figures\n"
    );
    let runs = cluster.read("arguments-2");
    for option in ["--array=0-1", "--dependency=afterany:1", "--signal=B:USR1@120"] {
        assert!(runs.lines().any(|line| line == option), "{option}: {runs}");
    }
    assert!(cluster.read("arguments-3").contains("--dependency=afterany:2\n"));

    fs::write(cluster.root().join("mine.toml"), SUITE.replace("steps = 4", "steps = 2")).unwrap();
    let plan = cluster.plan("a b");
    let plan = plan.to_str().unwrap();
    cluster.bench(&["job", plan, "--prepare"]).success();
    for element in ["0", "1"] {
        cluster.bench(&["job", plan, "--element", element]).success();
    }
    cluster.bench(&["job", plan, "--element", "2"]).failure(3, "it has no run 2");
    cluster.bench(&["report", "a b"]).success();
    let (local, theirs) = (cluster.root().join("local"), cluster.root().join("a b"));
    let (local, theirs) = (lasting(&local), lasting(&theirs));
    assert_eq!(local.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    assert!(local == theirs, "files differ between this machine and a worker");
    assert!(local.len() > 15, "{:?}", local.keys());
}

#[test]
fn only_what_neither_ended_nor_waits_nor_runs_is_submitted() {
    let cluster = Cluster::new();
    cluster.submit(&["--seeds", "0,1"]).success();
    let plan = cluster.plan("results");
    let id = plan.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    cluster.bench(&["job", plan.to_str().unwrap(), "--element", "0"]).success();
    let queue = format!(
        "bench-{id}|2|1|RUNNING|node7|0:05|1:00|None\nbench-{id}|2|2|PENDING||0:00|1:00|Priority\n\
         bench-{id}-report|3|N/A|PENDING||0:00|1:00|Dependency\nother|9|1|RUNNING|node1|0:00|1:00|None\n"
    );
    fs::write(cluster.root().join("queue"), &queue).unwrap();

    let status = cluster.bench(&["status", "results"]).success();
    for part in ["2_1 running on node7, 0:05 of 1:00", "2_2 pending (Priority)", "Slurm, report: 3"]
    {
        assert!(status.contains(part), "{part}: {status}");
    }
    let json = cluster.bench(&["status", "results", "--json"]).success();
    let json: Value = serde_json::from_str(&json).unwrap();
    let jobs: Vec<&str> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|run| run["cluster"]["id"].as_str())
        .collect();
    assert_eq!((jobs, json["jobs"][0]["part"].as_str()), (vec!["2_1", "2_2"], Some("report")));

    let again = cluster.submit(&["--seeds", "0,1"]);
    assert!(
        again.stderr.contains("1 run to submit, 2 queued or running, 1 ended"),
        "{}",
        again.stderr
    );
    assert!(again.success().contains("Slurm 5: 1 run\n"));

    let cancelled = cluster.bench(&["cancel", "results"]).success();
    assert!(cancelled.contains("cancelled Slurm 2_1: mine/"), "{cancelled}");
    assert!(cluster.read("cancelled").contains(&format!("--name=bench-{id}\n")));
    cluster.bench(&["cancel", "resluts"]).failure(3, "resluts is no folder");
    fs::remove_file(cluster.root().join("queue")).unwrap();
    assert!(cluster.bench(&["cancel", "results"]).success().contains("nothing of results"));
}

#[test]
fn a_trial_prints_the_scripts_and_writes_nothing() {
    let cluster = Cluster::new();
    for name in ["sbatch", "squeue", "sinfo", "scancel"] {
        fs::remove_file(cluster.root().join("slurm").join(name)).unwrap();
    }
    let said =
        cluster.submit(&["--dry-run", "--time", "1:00:00", "--sbatch", "comment=it's"]).success();
    for part in ["--time=1:00:00", r"'--comment=it'\''s'", "scontrol requeue", " job ", " report "]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!cluster.root().join("results").exists());
    cluster.submit(&[]).failure(4, "cannot run `sinfo`");
    assert!(!cluster.root().join("results").exists());
}

#[test]
fn what_cannot_be_submitted_leaves_nothing_behind() {
    let cluster = Cluster::new();
    cluster.submit(&["--engine", "slrm"]).failure(2, "did you mean `slurm`");
    cluster.submit(&["--sbatch", "comment=a\nb"]).failure(2, "holds a line end");
    cluster.submit(&["--sbatch", "array=1"]).failure(2, "is set by bench");
    cluster.submit(&["--time", "2", "--warn", "120"]).failure(2, "smaller --warn");
    cluster.submit(&["--gpus", "1", "--device", "cpu"]).failure(2, "add --device cuda");
    cluster.submit(&["--out", "a\nb"]).failure(2, "holds a line end");
    cluster.submit(&["--out", "a\\b"]).failure(2, "backslash");
    assert!(!cluster.root().join("jobs").exists(), "something was submitted");

    fs::write(cluster.root().join("refused"), "array").unwrap();
    cluster
        .submit(&[])
        .failure(2, "Slurm refuses the job `runs`: Batch job submission failed: no such thing");
    assert_eq!(cluster.read("cancelled"), "--quiet 1\n");
    assert!(cluster.bench(&["cancel", "results"]).success().contains("nothing of results"));
    cluster.program("sinfo", "echo 'sinfo: error: no answer' >&2; exit 1");
    cluster.submit(&[]).failure(4, "`sinfo` failed: no answer");
}

#[test]
fn a_worker_refuses_another_run_than_was_submitted() {
    let cluster = Cluster::new();
    cluster.submit(&[]).success();
    let plan = cluster.plan("results");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, text.replace("seed = 0", "seed = 1")).unwrap();
    let arguments = ["job", plan.to_str().unwrap(), "--element", "0"];
    cluster.bench(&arguments).failure(3, "it is not what was submitted");
    fs::write(&plan, text).unwrap();
    cluster.bench(&["job", plan.to_str().unwrap()]).failure(2, "--element");
    // A dataset that is found where there was none before is another one.
    let own = Cluster::new();
    fs::write(own.root().join("mine.toml"), SUITE.replace("\"mnist\"", "\"own/\"")).unwrap();
    bench_tests::export_shapes(own.root(), "own", "1");
    own.submit(&[]).success();
    fs::remove_dir_all(own.root().join("own")).unwrap();
    bench_tests::export_shapes(own.root(), "own", "2");
    let plan = own.plan("results");
    own.bench(&["job", plan.to_str().unwrap(), "--element", "1"]).failure(3, "its dataset differs");
}
