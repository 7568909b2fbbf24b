//! Signals that ask a run to end.

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;

use super::*;

#[test]
fn each_signal_saves_the_run_which_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("stopped");
    // Without an evaluation on the way, whose checkpoints would be enough.
    let rare = ["--set", "evaluation.every=12"];
    run(root, &arguments("whole", &rare)).success();
    for (i, signal) in ["TERM", "INT", "USR1", "HUP"].into_iter().enumerate() {
        let before = steps(&results);
        let child = start(root, &arguments("stopped", &rare));
        wait_until("no step", || steps(&results) > before);
        send(signal, &child);
        let outcome = ended(child);
        assert!(i == 0 || outcome.stderr.contains("resuming at step"), "{}", outcome.stderr);
        let command = "bench run dcgan --dataset digits --budget smoke --out stopped";
        assert!(outcome.stderr.contains(command), "{}", outcome.stderr);
        outcome
            .failure(5, "stopped by a signal; what is done is saved, and the same command goes on");
        assert_eq!(partial_files(&results), [""; 0]);
        assert!(!run_folder(&results).unwrap().join("run.lock").exists());
    }
    run(root, &arguments("stopped", &rare)).success();
    assert_eq!(differences(&root.join("whole"), &results), [""; 0]);
}

#[test]
fn a_signal_before_the_training_ends_the_program_with_the_same_code() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let all =
        ["all", "--suite", "basics", "--budget", "smoke", "--extractor", "embedded", "--offline"];
    let child = start(root, &all);
    wait_until("no results", || root.join("results").exists());
    send("TERM", &child);
    ended(child).failure(5, "the same command goes on");
}

#[test]
fn a_signal_stops_the_whole_queue_and_tables_of_what_has_ended_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let child = start(
        root,
        &["all", "--suite", "basics", "--budget", "smoke", "--extractor", "embedded", "--offline"],
    );
    let runs = || {
        std::fs::read_dir(root.join("results/basics")).map_or(0, |entries| {
            entries
                .filter_map(Result::ok)
                .filter(|entry| entry.path().join("losses.csv").exists())
                .count()
        })
    };
    wait_until("no second run", || runs() > 1);
    send("TERM", &child);
    ended(child).failure(5, "the same command goes on");
    assert!(runs() == 2, "the queue went on");
    assert!(root.join("results/tables/comparison.md").exists());
}

#[test]
fn a_signal_between_two_runs_draws_what_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let suite = r#"
        name = "mine"
        title = "Two"
        [evaluation]
        generated = 60
        reference = 60
        every = 2
        metrics = ["fid"]
        [[runs]]
        name = "first"
        variant = "dcgan"
        dataset = "digits"
        [[runs]]
        name = "second"
        variant = "dcgan"
        dataset = "shapes"
        [budgets.quick]
        set = { steps = 2, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
    "#;
    std::fs::write(root.join("mine.toml"), suite).unwrap();
    // All images of the second dataset are drawn first, which takes seconds.
    let all =
        ["all", "--suite", "mine.toml", "--extractor", "embedded", "--offline", "--threads", "1"];
    let mut child = start(root, &[&all[..], &["--no-cache"]].concat());
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    while !said.contains("[2/2]") {
        let mut bytes = [0; 256];
        let read = stderr.read(&mut bytes).unwrap();
        assert!(read > 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    send("TERM", &child);
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(ended(child).code, 5, "{said}");
    assert!(said.contains("the same command goes on"), "{said}");
    let table = std::fs::read_to_string(root.join("results/tables/comparison.csv")).unwrap();
    assert!(table.contains("first"), "{table}");
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("slow");
    // A step that takes seconds.
    let mut child = start(root, &arguments("slow", &["--set", "batch_size=2048"]));
    wait_until("no evaluation", || {
        run_folder(&results).is_some_and(|run| run.join("metrics.csv").exists())
    });
    send("INT", &child);
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    while !said.contains("Ctrl-C (again) ends at once") {
        let mut bytes = [0; 256];
        let read = stderr.read(&mut bytes).unwrap();
        assert!(read > 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    send("INT", &child);
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(2), "{status}");
    assert_eq!(steps(&results), 0, "the step was ended");
}
