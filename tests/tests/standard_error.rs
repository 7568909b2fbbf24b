//! Standard error that is full, closed, a terminal, or a terminal that is gone: results come all the same. And standard
//! output that is full where help was asked for.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use bench_tests::{Outcome, bench, export_shapes, program};

/// Runs `bench ARGUMENTS` in `folder` as `shell` has it, such as `"$@" 2>&-`.
fn in_shell(folder: &Path, shell: &str, arguments: &[&str]) -> Outcome {
    let mut sh = Command::new("sh");
    sh.args(["-c", shell, "sh"]).arg(program()).args(arguments);
    sh.current_dir(folder).env("BENCH_CACHE", folder.join("cache"));
    sh.output().expect("a shell").into()
}

/// Runs `bench ARGUMENTS` in `folder` with a terminal of [`COLUMNS`] as its standard error; gives what the terminal got, as
/// standard error. Without `stays` the terminal goes after the first bytes.
fn on_a_terminal(folder: &Path, stays: bool, arguments: &[&str]) -> Outcome {
    const SCRIPT: &str = r"
import fcntl, os, pty, struct, subprocess, sys, termios, threading
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
child = subprocess.Popen(sys.argv[2:], stderr=slave)
os.close(slave)
try:
    while data := os.read(master, 65536):
        os.write(2, data)
        if sys.argv[1] == 'goes':
            break
except OSError:
    pass
os.close(master)
sys.exit(child.wait())
";
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT, if stays { "stays" } else { "goes" }]).arg(program());
    python.args(arguments).current_dir(folder).env("BENCH_CACHE", folder.join("cache"));
    python.env("TERM", "xterm").output().expect("python3").into()
}

/// Columns of the terminal.
const COLUMNS: usize = 100;

/// What a terminal of [`COLUMNS`] and unlimited height shows of `bytes`, of which it understands what indicatif writes.
fn shown(bytes: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let (mut row, mut column) = (0, 0);
    let mut rest = bytes.chars();
    while let Some(next) = rest.next() {
        match next {
            '\r' => column = 0,
            '\n' => (row, column) = (row + 1, 0),
            '\u{1b}' => {
                let mut sequence = String::new();
                for part in rest.by_ref().skip(1) {
                    sequence.push(part);
                    if part.is_ascii_alphabetic() {
                        break;
                    }
                }
                let (number, kind) = sequence.split_at(sequence.len() - 1);
                let number = number.parse().unwrap_or(1);
                match kind {
                    "A" => row -= std::cmp::min(row, number),
                    "B" => row += number,
                    "K" => lines[row].clear(),
                    "J" => lines.truncate(row + 1),
                    _ => {}
                }
            }
            other => {
                if column == COLUMNS {
                    (row, column) = (row + 1, 0);
                }
                lines.resize(lines.len().max(row + 1), Vec::new());
                let length = lines[row].len().max(column + 1);
                lines[row].resize(length, ' ');
                lines[row][column] = other;
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().into()).collect()
}

#[test]
fn a_full_or_closed_standard_error_costs_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "photos", "1");
    export_shapes(root, "reference", "2");
    let eval = ["eval", "photos", "reference", "--extractor", "embedded", "--json", "--no-cache"];
    let expected = bench(root, &eval).success();
    for shell in [r#"exec "$@" 2>/dev/full"#, r#"exec "$@" 2>&-"#] {
        assert_eq!(in_shell(root, shell, &eval).success(), expected, "{shell}");
        // An error has its exit code.
        assert_eq!(in_shell(root, shell, &["eval", "nowhere", "photos"]).code, 3, "{shell}");
        assert_eq!(in_shell(root, shell, &["frobnicate"]).code, 2, "{shell}");
    }
    let run = ["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--set", "steps=2"];
    let run = [&run[..], &["--set", "batch_size=8", "--offline"]].concat();
    let done = in_shell(root, r#"exec "$@" 2>/dev/full"#, &run).success();
    assert!(root.join(done.trim()).join("record.json").exists());
}

#[test]
fn a_terminal_that_goes_costs_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "photos", "1");
    let eval = ["eval", "photos", "photos", "--extractor", "embedded", "--json", "--no-cache"];
    let expected = bench(root, &eval).success();
    let gone = on_a_terminal(root, false, &eval);
    assert!(!gone.stderr.contains("panicked"), "{}", gone.stderr);
    assert_eq!(gone.success(), expected);
}

#[test]
fn every_line_is_an_object_where_json_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let run =
        ["run", "dcgan", "--dataset", "digits", "--budget", "smoke", "--offline", "--log", "json"];
    let small = ["--set", "batch_size=8", "--set", "steps=2", "--extractor", "embedded"];
    let kinds = |outcome: &Outcome| -> std::collections::BTreeSet<String> {
        let objects = outcome.stderr.lines().map(|line| {
            let object: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(object["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
            object["kind"].as_str().unwrap_or_else(|| panic!("no kind: {line}")).to_owned()
        });
        objects.collect()
    };
    let outcome = in_shell(root, r#"exec "$@""#, &[&run[..], &small].concat());
    let found = kinds(&outcome);
    assert!(found.contains("line") && found.contains("progress"), "{found:?}");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for wrong in [&["run", "dcgn", "--log=json"][..], &["--log", "json", "frobnicate"]] {
        let outcome = in_shell(root, r#"exec "$@""#, wrong);
        assert_eq!(kinds(&outcome).into_iter().collect::<Vec<_>>(), ["error"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    }
}

#[test]
fn nothing_but_warnings_and_errors_is_said_where_quiet_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let run = ["--quiet", "run", "dcgan", "--dataset", "digits", "--budget", "smoke", "--offline"];
    let small = ["--set", "batch_size=8", "--set", "steps=2", "--extractor", "embedded"];
    let outcome = on_a_terminal(root, true, &[&run[..], &small].concat());
    assert_eq!(outcome.stderr, "");
    outcome.success();
    let missing = in_shell(root, r#"exec "$@""#, &["status", "nowhere", "--quiet"]);
    assert!(missing.stderr.starts_with("bench: error: cannot list folder nowhere"));
}

#[test]
fn an_error_stands_on_a_line_of_its_own_above_the_bar() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "dcgan", "--dataset", "digits", "--budget", "smoke", "--offline"];
    let diverging = ["--set", "batch_size=8", "--set", "generator_optimizer.lr=1e38"];
    let outcome = on_a_terminal(folder.path(), true, &[&run[..], &diverging].concat());
    assert!(outcome.stderr.contains("[="), "no bar was drawn: {:?}", outcome.stderr);
    let lines = shown(&outcome.stderr);
    // Said while the bar of the run is drawn.
    let error = lines.iter().find(|line| line.contains("training diverged")).expect("an error");
    assert!(error.starts_with("bench: error: training diverged at step "), "{lines:#?}");
    assert!(error.ends_with("is not finite"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("[=")), "a bar was left behind: {lines:#?}");
}

/// The names that a help text lists below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    let named = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn help_that_cannot_be_written_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let full = |arguments: &[&str]| {
        in_shell(root, r#"exec "$@" >/dev/full"#, arguments).failure(4, "standard output");
    };
    full(&["--version"]);
    full(&["help", "eval"]);
    let mut commands = vec![vec![]];
    let mut count = 0;
    while let Some(path) = commands.pop() {
        let arguments = [path.as_slice(), &["--help".to_owned()]].concat();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        full(&arguments);
        count += 1;
        let help = bench(root, &arguments).success();
        let below = subcommands(&help).into_iter().filter(|name| name != "help");
        commands.extend(below.map(|name| [path.as_slice(), &[name]].concat()));
    }
    assert!(count > 20, "only {count} commands");
    full(&["list", "metrics"]);
    // Whoever closes a pipe has seen what it wanted.
    let piped = in_shell(root, r#""$@" | true; echo done"#, &["--help"]);
    assert!(!piped.stderr.contains("panicked"), "{}", piped.stderr);
    // Wrong usage writes nothing to standard output.
    assert_eq!(in_shell(root, r#"exec "$@" >/dev/full"#, &["eval"]).code, 2);
}
