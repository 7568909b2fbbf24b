//! Support of the end-to-end tests: running the program, and finding the real images.

pub mod numerics;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The program, built beside the tests by the same profile.
///
/// # Panics
/// If it has not been built: `make test` builds it first.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    let folder = test.ancestors().nth(2).expect("target/release/deps/test");
    let program = folder.join("bench");
    assert!(program.exists(), "{} is missing; run `make test`", program.display());
    program
}

/// What a run of the program left behind.
pub struct Outcome {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Asserts success and returns standard output.
    ///
    /// # Panics
    /// If the exit code is not 0.
    pub fn success(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Asserts failure with `code` and an error text that holds `part`, on standard error alone.
    ///
    /// # Panics
    /// If it ended otherwise, or panicked.
    pub fn failure(self, code: i32, part: &str) {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(part), "`{part}` is not in:\n{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs `bench` with `arguments` in `folder`, with a cache folder of its own and without fetching what is missing: what
/// a user keeps, or a network, never changes a test.
///
/// # Panics
/// If the program cannot be started.
pub fn bench(folder: &Path, arguments: &[&str]) -> Outcome {
    let cache = tempfile::tempdir().expect("a temporary folder");
    bench_with_cache(folder, cache.path(), arguments)
}

/// Likewise, with `cache` as its cache folder.
///
/// # Panics
/// If the program cannot be started.
pub fn bench_with_cache(folder: &Path, cache: &Path, arguments: &[&str]) -> Outcome {
    let offline = matches!(arguments.first(), Some(&("all" | "run"))).then_some("--offline");
    let mut command = command(folder, cache);
    command.args(arguments).args(offline).output().expect("the program starts").into()
}

/// A run of `bench` in `folder`, with `cache` as its cache folder, that is still to be given its arguments.
///
/// # Panics
/// If the program has not been built.
pub fn command(folder: &Path, cache: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder).env("BENCH_CACHE", cache);
    command
}

/// Writes 60 images of `shapes`, drawn from `seed`, to `folder/name`.
///
/// # Panics
/// If the program fails.
pub fn export_shapes(folder: &Path, name: &str, seed: &str) {
    bench(folder, &["data", "export", "shapes", name, "--n", "60", "--seed", seed]).success();
}

/// What `bench eval ARGUMENTS --json` prints.
///
/// # Panics
/// If the program fails or prints anything else.
pub fn eval(folder: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["eval"], arguments, &["--json"]].concat();
    serde_json::from_str(&bench(folder, &arguments).success()).expect("one JSON object")
}

/// The value of a metric in what [`eval`] gives.
///
/// # Panics
/// If it is not there.
pub fn metric(report: &Value, key: &str) -> f64 {
    report["metrics"][key].as_f64().unwrap_or_else(|| panic!("no {key} in {report}"))
}

/// The folder of real images beside the checkout, or `None` with a line that says so.
pub fn real_images() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    eprintln!("skipped: no real images, {} is not there", folder.display());
    None
}

/// The PNG files of a folder, sorted.
///
/// # Panics
/// If the folder cannot be read.
pub fn images_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "png"));
    paths.sort();
    paths
}

/// Whether a file of a results folder differs between two equal studies because it tells of wall times.
pub fn tells_of_time(name: &str) -> bool {
    const ENDS: [&str; 6] = [
        "record.json",
        "manifest.json",
        "failure.json",
        "report.html",
        "records.jsonl",
        "report.sha256",
    ];
    const BEGINNINGS: [&str; 4] =
        ["tables/comparison", "tables/by_variant", "tables/leaderboard", "queue/"];
    ENDS.iter().any(|end| name.ends_with(end))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || name.contains("-cost-")
}

/// Every file below `folder` with its bytes, by relative path, but for the note of what made them.
///
/// # Panics
/// If a file cannot be read.
pub fn files_below(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                open.push(path);
            } else if !path.ends_with("bench.json") {
                let name = path.strip_prefix(folder).expect("below the folder");
                let bytes = std::fs::read(&path).expect("a readable file");
                files.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}
