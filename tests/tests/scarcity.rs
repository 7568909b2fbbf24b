//! Little memory, few threads and files, and a working folder that is gone: the program works, or says in words what is
//! missing. It never hangs, and no library has the last word.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bench_tests::{Outcome, bench, export_shapes, program};

/// Longest that a command may take.
const BOUND: Duration = Duration::from_secs(60);

/// Runs `bench ARGUMENTS` in `folder` after the shell commands `before`.
fn after(folder: &Path, before: &str, arguments: &[&str]) -> Outcome {
    let mut sh = Command::new("sh");
    sh.args(["-c", &format!("{before}; exec \"$@\""), "sh"]).arg(program()).args(arguments);
    sh.current_dir(folder).env("BENCH_CACHE", folder.join("cache"));
    let mut child = sh.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if start.elapsed() > BOUND {
            child.kill().expect("a child");
            panic!("{before}; bench {arguments:?} takes more than {BOUND:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let mut text = [String::new(), String::new()];
    child.stdout.take().unwrap().read_to_string(&mut text[0]).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut text[1]).unwrap();
    let [stdout, stderr] = text;
    Outcome { code: status.code().unwrap_or(-1), stdout, stderr }
}

/// Two folders of images and their statistics.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, seed) in [("a", "1"), ("b", "2")] {
        export_shapes(root, name, seed);
        let file = format!("{name}.npz");
        bench(root, &["stats", name, &file, "--extractor", "embedded"]).success();
    }
    folder
}

#[test]
fn little_memory_is_said_or_enough() {
    let folder = prepared();
    let root = folder.path();
    let commands: [&[&str]; 5] = [
        &["--version"],
        &["list", "variants"],
        &["eval", "a.npz", "b.npz", "--metrics", "fid"],
        &["eval", "a", "b", "--extractor", "embedded", "--no-cache", "--threads", "4"],
        &["data", "export", "shapes", "out", "--n", "9"],
    ];
    let mut works = 0;
    for kilobytes in [500_000, 600_000, 750_000, 900_000, 1_200_000, 4_000_000] {
        let limit = format!("ulimit -c 0; ulimit -v {kilobytes}");
        for arguments in commands {
            let _ = fs::remove_dir_all(root.join("out"));
            let Outcome { code, stderr, .. } = after(root, &limit, arguments);
            assert!(matches!(code, 0 | 4), "{kilobytes} kB, {arguments:?}: {code}\n{stderr}");
            assert!(code == 0 || stderr.contains("bench: error: "), "{stderr}");
            assert!(!stderr.contains("panicked"), "{stderr}");
            works += u32::from(code == 0);
        }
    }
    assert!(works > 10, "{works} commands worked");
}

#[test]
fn a_limit_that_is_enough_changes_no_score() {
    let folder = prepared();
    let eval = ["eval", "a.npz", "b.npz", "--metrics", "fid", "--json"];
    let free = bench(folder.path(), &[&eval[..], &["--threads", "1"]].concat()).success();
    assert_eq!(after(folder.path(), "ulimit -v 3000000", &eval).success(), free);
}

#[test]
fn few_threads_and_files_are_enough() {
    let folder = prepared();
    let root = folder.path();
    let eval = ["eval", "a", "b", "--extractor", "embedded", "--no-cache", "--json"];
    let expected = bench(root, &[&eval[..], &["--threads", "1"]].concat()).success();
    assert_eq!(
        after(root, "ulimit -n 16", &[&eval[..], &["--threads", "1"]].concat()).success(),
        expected
    );
    // Of another user, since none of root's threads counts.
    let nobody =
        "exec setpriv --reuid=65534 --clear-groups -- sh -c 'ulimit -u 1; exec \"$@\"' sh \"$@\"";
    if after(root, "exec setpriv --reuid=65534 --clear-groups -- \"$@\"", &["--version"]).code != 0
    {
        eprintln!("skipped: no threads can be denied here");
        return;
    }
    let outcome = after(root, nobody, &["--version"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for arguments in [&eval[..], &["stats", "a", "out.npz", "--extractor", "embedded"]] {
        let Outcome { code, stderr, .. } = after(root, nobody, arguments);
        assert!(matches!(code, 0 | 4) && !stderr.contains("panicked"), "{code}\n{stderr}");
        assert!(code == 0 || stderr.contains("bench: error: "), "{stderr}");
    }
}

#[test]
fn a_deleted_working_folder_costs_relative_paths_alone() {
    let folder = prepared();
    let root = folder.path();
    let gone = "mkdir gone && cd gone && rmdir ../gone";
    let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
    let (a, b, out) = (path("a"), path("b"), path("out.npz"));
    after(root, gone, &["--version"]).success();
    let eval = ["eval", &a, &b, "--extractor", "embedded", "--json"];
    assert_eq!(after(root, gone, &eval).success(), bench(root, &eval).success());
    after(root, gone, &["stats", &a, &out, "--extractor", "embedded"]).success();
    after(root, gone, &["eval", "a", "b", "--extractor", "embedded"]).failure(3, "`a`");
    let stats = ["stats", &a, "out.npz", "--extractor", "embedded"];
    after(root, gone, &stats).failure(4, "cannot write");
    let run = ["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--offline"];
    after(root, gone, &run).failure(4, "results");
}
