use std::time::Duration;

use super::*;

const CONFIG: &str = "name = \"gan\"\nvariant = \"dcgan\"\ndataset = \"mnist\"\nseed = 3\n\
                      [inputs]\ndataset_sha256 = \"ab\"\n[recipe]\nsteps = 100\n";

/// A results folder with the folder of one run, which is started and has taken so many steps.
fn started(steps: u64) -> (tempfile::TempDir, RunFolder) {
    let root = tempfile::tempdir().unwrap();
    let folder = RunFolder::at(&root.path().join("basics/gan-s3-12345678"));
    fs::create_dir_all(folder.path()).unwrap();
    fs::write(folder.config(), CONFIG).unwrap();
    let start = r#"{ "starts": [{ "step": 20, "steps": 100, "device": "cpu", "threads": 1,
                                  "version": "0.1.0", "host": "there" }] }"#;
    fs::write(folder.manifest(), start).unwrap();
    let rows: String = (1..=steps).map(|step| format!("{step},0.5,0.25\n")).collect();
    fs::write(folder.losses(), format!("step,loss_d,loss_g\n{rows}")).unwrap();
    (root, folder)
}

fn lock(folder: &RunFolder) {
    fs::write(folder.lock(), serde_json::to_vec(&Owner::this()).unwrap()).unwrap();
}

fn only(root: &tempfile::TempDir) -> RunState {
    let mut runs = of_results(root.path()).unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.remove(0)
}

#[test]
fn a_run_that_nobody_works_on_has_stopped_where_it_was() {
    let (root, _) = started(30);
    let run = only(&root);
    assert_eq!((run.state, run.step, run.steps), (State::Stopped, 30, Some(100)));
    assert_eq!((run.suite.as_str(), run.name.as_str(), run.seed), ("basics", "gan", 3));
    assert_eq!((run.host.as_deref(), run.device.as_deref()), (Some("there"), Some("cpu")));
    assert_eq!((run.steps_per_second, run.seconds_left), (None, None));
}

#[test]
fn the_pace_counts_from_the_last_start() {
    let (root, folder) = started(40);
    lock(&folder);
    let manifest = fs::File::options().write(true).open(folder.manifest()).unwrap();
    let losses = fs::File::options().write(true).open(folder.losses()).unwrap();
    let now = SystemTime::now();
    losses.set_modified(now).unwrap();
    manifest.set_modified(now - Duration::from_secs(10)).unwrap();
    let run = only(&root);
    assert_eq!((run.state, run.step), (State::Running, 40));
    assert_eq!(run.process, Some(std::process::id()));
    assert!((run.steps_per_second.unwrap() - 2.0).abs() < 1e-6);
    assert!((run.seconds_left.unwrap() - 30.0).abs() < 1e-4);
    // A clock that was set back in between tells no pace.
    manifest.set_modified(now + Duration::from_secs(10)).unwrap();
    assert_eq!(only(&root).steps_per_second, None);
}

#[test]
fn a_failure_tells_its_reason_until_the_run_goes_on() {
    let (root, folder) = started(30);
    RunFailure::here("libtorch: not enough memory".to_owned()).leave(&folder.failure());
    let run = only(&root);
    assert_eq!((run.state, run.step), (State::Failed, 30));
    assert_eq!(run.reason.as_deref(), Some("libtorch: not enough memory"));
    lock(&folder);
    assert_eq!(only(&root).state, State::Running);
}

#[test]
fn a_record_that_cannot_be_read_is_named() {
    let (root, folder) = started(30);
    fs::write(folder.record(), "{ \"schema\": 2, ").unwrap();
    let run = only(&root);
    assert_eq!(run.state, State::Failed);
    assert!(run.reason.unwrap().contains("record.json: not a run record"));
    fs::write(folder.record(), "{ \"schema\": 99 }").unwrap();
    assert!(only(&root).reason.unwrap().contains("record schema 99 is unknown"));
}

#[test]
fn what_was_asked_for_waits_until_it_has_a_folder() {
    let (root, _) = started(30);
    let asked = |id: String, seed| AskedRun {
        id,
        suite: "basics".to_owned(),
        name: "gan".to_owned(),
        variant: "dcgan".to_owned(),
        dataset: "mnist".to_owned(),
        seed,
        steps: 100,
    };
    let runs = [asked("other".repeat(8), 4), asked(agenda::id_of(CONFIG).unwrap(), 3)];
    agenda::write(root.path(), &runs).unwrap();
    let found = of_results(root.path()).unwrap();
    let states: Vec<(State, u64)> = found.iter().map(|run| (run.state, run.seed)).collect();
    assert_eq!(states, [(State::Waiting, 4), (State::Stopped, 3)]);
    let failure = agenda::failure(root.path(), "basics", &runs[0].id);
    RunFailure::here("dataset `mnist` was not found".to_owned()).leave(&failure);
    let found = of_results(root.path()).unwrap();
    assert_eq!(found[0].state, State::Failed);
    assert_eq!(found[0].reason.as_deref(), Some("dataset `mnist` was not found"));
}

#[test]
fn other_folders_are_no_runs() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("tables/old")).unwrap();
    fs::create_dir_all(root.path().join("queue/failed")).unwrap();
    fs::write(root.path().join("report.html"), "").unwrap();
    assert_eq!(of_results(root.path()).unwrap(), []);
    assert!(of_results(&root.path().join("nowhere")).is_err());
}
