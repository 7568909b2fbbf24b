//! Arguments, sources and environments at random: whatever is asked for, the program ends soon, with one of its exit codes and
//! without a panic, and what was there before is as it was.
//!
//! `BENCH_COMMAND_LINES` sets how many command lines are tried; they are the same ones every time.
#![cfg(unix)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bench_tests::{bench, files_below, program};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Command lines that are tried unless told otherwise.
const CASES: u32 = 60;

/// Longest that one may take.
const BOUND: Duration = Duration::from_secs(60);

/// What stands for a value in the tables below, with values that are right in most places, and odd ones.
const KINDS: [(&str, &[&str], &[&str]); 7] = [
    (
        "SOURCE",
        &["in/a", "in/b", "in/a.npz", "digits:test", "in/classes:train", "in/classes"],
        &[
            "in/empty",
            "in/text.zip",
            "in/text.npz",
            "in/text",
            "digits:none",
            "digits",
            "none",
            "",
            "in/a:arr_0",
            "/dev/null",
            "in/bad",
        ],
    ),
    (
        "NUMBER",
        &["1", "2", "7"],
        &["0", "-1", "18446744073709551615", "18446744073709551616", "nan", "inf", "1e9", "", "x"],
    ),
    ("VARIANT", &["dcgan", "wgan-gp", "acgan"], &["dcga", ""]),
    ("OUT", &["out/new.npz"], &["out/new", "none/deep/new.npz", "/proc/new.npz", "/dev/full", ""]),
    (
        "SETTING",
        &["batch_size=6", "latent_dim=8"],
        &[
            "batch_size=0",
            "batch_size=18446744073709551615",
            "steps=0",
            "steps=-1",
            "steps=nan",
            "latent_dim=0",
            "generator_optimizer.lr=inf",
            "generator_optimizer.lr=-1",
            "evaluation.generated=0",
            "evaluation.reference=1",
            "nonsense=1",
            "batch_size",
            "=",
            "loss=",
            "ema_decay=2",
            "evaluation.every=0",
        ],
    ),
    (
        "METRICS",
        &["fid", "kid,is", "all", "fid, kid"],
        &["fid,", "prdc", "none", "", "fid-infinity"],
    ),
    (
        "EXTRACTOR",
        &["embedded", "auto"],
        &["inception", "embedded,inception", "in/text", "none.onnx", ""],
    ),
];

/// Subcommands with what they are given, and their options.
const COMMANDS: [(&str, &[&str]); 19] = [
    (
        "eval SOURCE SOURCE --extractor embedded",
        &[
            "--metrics METRICS",
            "--kid-subsets NUMBER",
            "--kid-subset-size NUMBER",
            "--is-splits NUMBER",
            "--prdc-k NUMBER",
            "--kid-seed NUMBER",
            "--bootstrap NUMBER",
            "--threads NUMBER",
            "--dims NUMBER",
            "--per-class",
            "--held-out SOURCE",
            "--json",
            "--no-cache",
            "--skip-bad-images",
            "--report out/report",
        ],
    ),
    (
        "eval SOURCE",
        &[
            "--metrics METRICS",
            "--extractor EXTRACTOR",
            "--protocol torch-fidelity",
            "--weights SOURCE",
            "--device NUMBER",
            "--json",
        ],
    ),
    (
        "stats SOURCE OUT",
        &[
            "--extractor EXTRACTOR",
            "--dims NUMBER",
            "--threads NUMBER",
            "--device NUMBER",
            "--skip-bad-images",
        ],
    ),
    (
        "run VARIANT --offline --budget smoke --set steps=1 --set batch_size=4 --out out/results --extractor embedded \
         --dataset digits",
        &[
            "--set SETTING",
            "--seed NUMBER",
            "--metrics METRICS",
            "--kid-subsets NUMBER",
            "--threads NUMBER",
            "--device NUMBER",
            "--fast",
            "--pictures SETTING",
        ],
    ),
    (
        "run VARIANT --offline --budget smoke --set steps=1 --out out/results",
        &["--dataset SOURCE", "--image-size NUMBER"],
    ),
    (
        "samples SOURCE --out out/samples",
        &[
            "--n NUMBER",
            "--seed NUMBER",
            "--truncation NUMBER",
            "--class NUMBER",
            "--grid OUT",
            "--picture SETTING",
        ],
    ),
    ("data export SOURCE out/images --limit 20", &["--seed NUMBER", "--size NUMBER"]),
    ("data export digits:test out/images", &["--limit NUMBER", "--seed NUMBER"]),
    ("data info SOURCE", &["--size NUMBER"]),
    (
        "extractor validate EXTRACTOR --dataset SOURCE --out out/validation --n 20",
        &["--threads NUMBER", "--device NUMBER"],
    ),
    ("weights import SOURCE", &[]),
    ("report out/none", &[]),
    (
        "submit --dry-run --offline --suite basics --budget smoke --extractor embedded --data in --out out/results",
        &[
            "--time NUMBER",
            "--warn NUMBER",
            "--cpus NUMBER",
            "--gpus NUMBER",
            "--threads NUMBER",
            "--at-once NUMBER",
            "--sbatch SETTING",
            "--engine VARIANT",
            "--device NUMBER",
        ],
    ),
    ("cancel SOURCE", &[]),
    ("job SOURCE --element NUMBER", &[]),
    ("compare SOURCE SOURCE SOURCE", &["--json"]),
    ("compare SOURCE SOURCE SOURCE --format tex", &[]),
    ("report out/none --format csv,tex --measured-only", &[]),
    ("report out/none --paper", &[]),
];

/// What runs before the program, in a shell.
const ENVIRONMENTS: [&str; 6] = [
    "export BENCH_CACHE=/proc/none",
    "unset BENCH_CACHE HOME XDG_CACHE_HOME",
    "export TMPDIR=/none",
    "exec 2>&-",
    "exec 2>/dev/full",
    "exec >&-",
];

/// The words of `text`, in which the names of kinds are drawn.
fn words(text: &'static str) -> BoxedStrategy<Vec<String>> {
    let word = |word: &'static str| match KINDS.iter().find(|(kind, ..)| *kind == word) {
        Some((_, right, odd)) => {
            prop_oneof![6 => select(*right), 1 => select(*odd)].prop_map(str::to_owned).boxed()
        }
        None => Just(word.to_owned()).boxed(),
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().boxed()
}

fn command_line() -> impl Strategy<Value = (Vec<String>, &'static str)> {
    let arguments = select(&COMMANDS[..]).prop_flat_map(|(command, options)| {
        let most = options.len().min(3);
        let options = subsequence(options.to_vec(), 0..=most).prop_flat_map(|options| {
            options.into_iter().map(words).collect::<Vec<_>>().prop_map(|options| options.concat())
        });
        (words(command), options).prop_map(|(command, options)| [command, options].concat())
    });
    (arguments, prop_oneof![Just(""), select(&ENVIRONMENTS[..])])
}

/// What the command lines name.
fn prepare(root: &Path) {
    fs::create_dir_all(root.join("in/classes")).unwrap();
    fs::create_dir(root.join("in/empty")).unwrap();
    fs::create_dir(root.join("out")).unwrap();
    for (name, seed) in
        [("a", "1"), ("b", "2"), ("bad", "3"), ("classes/x", "4"), ("classes/y", "5")]
    {
        let out = format!("in/{name}");
        bench(root, &["data", "export", "shapes", &out, "--n", "12", "--seed", seed]).success();
    }
    bench(root, &["stats", "in/a", "in/a.npz", "--extractor", "embedded"]).success();
    for name in ["text", "text.zip", "text.npz", "bad/0.png"] {
        fs::write(root.join("in").join(name), "no such thing").unwrap();
    }
}

/// Runs the program: whether it succeeded.
///
/// # Errors
/// What is wrong with how it ended, if anything is.
fn ending(root: &Path, arguments: &[String], environment: &str) -> Result<bool, String> {
    let _ = fs::remove_dir_all(root.join("out"));
    fs::create_dir(root.join("out")).unwrap();
    let log = root.join("log");
    let mut sh = Command::new("sh");
    sh.args(["-c", &format!("{environment}\nexec \"$@\""), "sh"]).arg(program()).args(arguments);
    sh.current_dir(root).env("BENCH_CACHE", root.join("cache")).stdin(Stdio::null());
    sh.stdout(Stdio::null()).stderr(fs::File::create(&log).unwrap());
    let mut child = sh.spawn().expect("a shell");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > BOUND {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!("no end within {BOUND:?}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let said = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
    if !matches!(status.code(), Some(0..=4)) || said.contains("panicked") {
        return Err(format!("{status}\n{said}"));
    }
    let silent = environment.starts_with("exec 2");
    if !status.success() && !silent && said.is_empty() {
        return Err(format!("{status} without a word"));
    }
    Ok(status.success())
}

#[test]
fn any_command_line_ends_in_an_exit_code_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    prepare(root);
    let before: BTreeMap<String, Vec<u8>> = files_below(&root.join("in"));
    let cases =
        std::env::var("BENCH_COMMAND_LINES").map_or(CASES, |n| n.parse().expect("a number"));
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let succeeded = Cell::new(0);
    let outcome = runner.run(&command_line(), |(arguments, environment)| {
        let ended = ending(root, &arguments, environment);
        let ended = ended.map_err(|fault| {
            TestCaseError::fail(format!("{environment}; bench {arguments:?}: {fault}"))
        })?;
        succeeded.set(succeeded.get() + u32::from(ended));
        prop_assert!(
            files_below(&root.join("in")) == before,
            "bench {arguments:?} changed its input"
        );
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // Or the tables hold nonsense alone, and nothing far inside was tried.
    assert!(succeeded.get() > cases / 10, "{} of {cases} succeeded", succeeded.get());
}
