//! `bench weights`, and what `bench eval` does with InceptionV3's weights.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use bench_tests::{Outcome, bench_with_cache, command, export_shapes, files_below, metric};
use serde_json::Value;

#[expect(dead_code, reason = "the tests of the metrics use all of it")]
#[path = "../../metrics/tests/inception/synthetic.rs"]
mod synthetic;

/// SHA-256 of the synthetic weights of seed 7, as far as it is told to `bench weights fetch`.
const SHA256: &str = "44a2e6f95bbd3bd8";

const STORED: &str = "cache/weights/inception-v3-fid.weights";

/// Weights that are none, and what is said of them.
const REFUSED: [(&str, &str); 7] = [
    ("text.pth", "neither"),
    ("empty.pth", "it is empty"),
    ("truncated.pth", "ends inside"),
    ("other.pth", "not the inception network"),
    ("hostile.pth", "`os.system` is refused"),
    ("nan.pth", "not finite"),
    ("page.pth", "it is a web page"),
];

/// Runs `bench`; what it keeps is there the next time.
fn bench(root: &Path, arguments: &[&str]) -> Outcome {
    bench_with_cache(root, &root.join("cache"), arguments)
}

fn eval(root: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["eval"], arguments, &["--json"]].concat();
    serde_json::from_str(&bench(root, &arguments).success()).expect("one JSON object")
}

fn write_weights(root: &Path) {
    std::fs::write(root.join("w.pth"), synthetic::file(7)).unwrap();
}

fn write_refused(root: &Path) {
    let put = |name: &str, bytes: &[u8]| std::fs::write(root.join(name), bytes).unwrap();
    let mut file = synthetic::file(7);
    put("text.pth", b"no weights");
    put("empty.pth", b"");
    put("page.pth", b"<!DOCTYPE html>\n<html></html>");
    put("truncated.pth", &file[..file.len() - 1]);
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metrics/tests/golden/weights");
    put("other.pth", &std::fs::read(other.join("zip.pth")).unwrap());
    let state = synthetic::STATE_AND_KEYS[0];
    put(
        "hostile.pth",
        &[&file[..state], b"\x80\x02cos\nsystem\nX\x04\0\0\0trueq\0\x85R."].concat(),
    );
    // The last value of the last storage, which is the classifier's.
    let last = file.len() - 4;
    file[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    put("nan.pth", &file);
}

fn networks(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let models = root.join("cache/models");
    if models.exists() { files_below(&models) } else { BTreeMap::new() }
}

#[test]
fn imported_weights_are_found_and_their_network_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    write_weights(root);
    let inner = ["a", "--metrics", "fid", "--dims", "64"];
    let score = |more: &[&str]| eval(root, &[&["a"], &inner[..], more].concat());

    let missing = bench(root, &["eval", "a", "--extractor", "inception"]);
    assert!(missing.stderr.contains("bench weights import"), "{}", missing.stderr);
    missing.failure(3, "bench weights fetch");
    bench(root, &["eval", "a", "--dims", "64"]).failure(3, "bench weights fetch");
    let none = bench(root, &["weights", "info"]).success();
    assert!(none.contains("weights    none"), "{none}");

    let direct = score(&["--weights", "w.pth"]);
    assert_eq!(direct["extractor"]["name"], "inception-v3-fid-64-44a2e6f9");
    assert_eq!(networks(root).len(), 2, "the network and its checksum");

    let imported = bench(root, &["weights", "import", "w.pth"]);
    assert!(imported.stderr.contains("not the published file"), "{}", imported.stderr);
    assert!(imported.success().contains(STORED));
    assert!(std::fs::read(root.join(STORED)).unwrap() == synthetic::file(7));
    std::fs::remove_file(root.join("w.pth")).unwrap();

    // By name, by default, and with the network from the cache: the same extractor and the same number.
    for more in [&["--extractor", "inception"][..], &[]] {
        assert_eq!(score(more), direct);
    }
    let auto = bench(root, &["eval", "a", "a", "--metrics", "fid", "--dims", "64"]);
    assert!(!auto.stderr.contains("embedded extractor"), "{}", auto.stderr);
    let embedded = eval(root, &["a", "a", "--metrics", "fid", "--extractor", "embedded"]);
    assert_eq!(embedded["extractor"]["name"], "embedded");
    bench(root, &["eval", "a", "--dims", "64", "--extractor", "embedded"]).failure(2, "--dims");

    let info = bench(root, &["weights", "info"]).success();
    for part in [STORED, SHA256, "inception  yes", "-pytorch-fid-64.onnx", "-pytorch-fid-2048.onnx"]
    {
        assert!(info.contains(part), "`{part}` is not in {info}");
    }
}

#[test]
fn inner_layers_have_no_inception_score() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    write_weights(root);
    let inner = ["--weights", "w.pth", "--dims", "192"];
    let asked = [&["eval", "a", "--metrics", "is"], &inner[..]].concat();
    bench(root, &asked).failure(2, "is needs class logits");
    bench(root, &[&["eval", "a"], &inner[..]].concat()).failure(2, "is needs class logits");
    let both = eval(root, &[&["a", "a"], &inner[..]].concat());
    assert!(metric(&both, "kid_mean").is_finite() && both["metrics"].get("is_mean").is_none());
}

#[test]
fn damaged_networks_are_built_again_and_no_cache_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    write_weights(root);
    let arguments = ["eval", "a", "a", "--weights", "w.pth", "--dims", "64", "--json"];
    let arguments = [&arguments[..], &["--metrics", "fid"]].concat();
    let first = bench(root, &arguments);
    assert!(!first.stderr.contains("built again"), "{}", first.stderr);
    let first = first.success();
    let whole = networks(root);
    let network = whole.keys().find(|name| name.ends_with(".onnx")).unwrap();
    let checksum = format!("{network}.sha256");
    let path = |name: &str| root.join("cache/models").join(name);

    let damage: [(&str, &dyn Fn()); 4] = [
        ("SHA-256", &|| {
            let mut bytes = whole[network].clone();
            bytes[50_000] ^= 1;
            std::fs::write(path(network), bytes).unwrap();
        }),
        ("SHA-256", &|| std::fs::write(path(network), &whole[network][..70_000]).unwrap()),
        ("SHA-256", &|| std::fs::write(path(&checksum), "0  what\n").unwrap()),
        ("directory", &|| {
            std::fs::remove_file(path(network)).unwrap();
            std::fs::create_dir(path(network)).unwrap();
        }),
    ];
    for (reason, damage) in damage {
        damage();
        let again = bench(root, &arguments);
        assert!(again.stderr.contains("built again"), "{}", again.stderr);
        assert!(again.stderr.contains(reason), "{}", again.stderr);
        assert_eq!(again.success(), first);
        if reason != "directory" {
            assert!(networks(root) == whole, "not mended");
        }
    }
    std::fs::remove_dir(path(network)).unwrap();
    assert_eq!(bench(root, &arguments).success(), first);
    assert!(networks(root) == whole, "not mended");

    // A file where the cache's folder should be cannot be written to.
    let uncached = bench_with_cache(root, &root.join("w.pth"), &arguments);
    assert!(uncached.stderr.contains("built again next time"), "{}", uncached.stderr);
    assert_eq!(uncached.success(), first);
}

#[test]
fn bad_weights_end_with_3_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    write_refused(root);
    for (name, reason) in REFUSED {
        bench(root, &["weights", "import", name]).failure(3, reason);
        let scored = bench(root, &["eval", "a", "--weights", name]);
        assert!(scored.stderr.contains(name), "{}", scored.stderr);
        scored.failure(3, reason);
        bench(root, &["weights", "info", name]);
    }
    bench(root, &["weights", "import", "none.pth"]).failure(3, "none.pth");
    bench(root, &["weights", "info", "none.pth"]).failure(3, "none.pth");
    bench(root, &["eval", "a", "--weights", "a"]).failure(3, "no regular file");
    assert!(networks(root).is_empty() && !root.join(STORED).exists());

    // Weights that were damaged after their import are no reason to score with something else.
    std::fs::create_dir_all(root.join("cache/weights")).unwrap();
    std::fs::copy(root.join("truncated.pth"), root.join(STORED)).unwrap();
    bench(root, &["eval", "a"]).failure(3, STORED);
}

#[test]
fn weights_are_fetched_checked_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let url = serve(synthetic::file(7));
    let fetch = ["weights", "fetch", "--url", &url, "--sha256"];
    let with = |digits: &'static str| [&fetch[..], &[digits]].concat();

    bench(root, &with("6726825d")).failure(4, "its SHA-256 is 44a2e6f9");
    assert!(files_below(root).is_empty(), "wrong bytes stay nowhere");
    bench(root, &with("xyz")).failure(2, "hexadecimal");
    let fetched = bench(root, &with(SHA256)).success();
    assert!(fetched.contains(STORED), "{fetched}");
    let weights: Vec<_> = files_below(&root.join("cache/weights")).into_keys().collect();
    assert_eq!(weights, ["inception-v3-fid.weights"]);
    let again = bench(root, &with(SHA256));
    assert!(again.stderr.contains("there already"), "{}", again.stderr);
    again.success();

    bench(root, &[&with(SHA256)[..], &["--out", "own/w.pth"]].concat()).success();
    assert!(std::fs::read(root.join("own/w.pth")).unwrap() == synthetic::file(7));
    std::fs::write(root.join("own/w.pth"), "mine").unwrap();
    bench(root, &[&with(SHA256)[..], &["--out", "own/w.pth"]].concat()).failure(3, "own/w.pth");
    std::fs::write(root.join("file"), "").unwrap();
    bench(root, &[&with(SHA256)[..], &["--out", "file/w.pth"]].concat()).failure(4, "file");
}

#[test]
fn what_is_fetched_has_to_be_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let url = serve(b"no weights at all".to_vec());
    // printf 'no weights at all' | sha256sum
    let digits = "69341e1c8de7abd2";
    let fetch = ["weights", "fetch", "--url", &url, "--sha256", digits];
    bench(folder.path(), &fetch).failure(3, "neither");
    assert!(files_below(folder.path()).is_empty(), "it stays nowhere");
}

#[test]
fn without_a_network_it_fails_at_once_and_the_main_job_falls_back() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let started = Instant::now();
    let closed = "http://127.0.0.1:9/w.pth";
    let failed = bench(root, &["weights", "fetch", "--url", closed, "--url", closed]);
    assert!(failed.stderr.contains("bench weights import FILE"), "{}", failed.stderr);
    failed.failure(4, closed);
    assert!(started.elapsed() < Duration::from_secs(100), "{:?}", started.elapsed());

    // A proxy that nobody runs cuts the network off, whatever this machine has.
    let run = ["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--set", "steps=2"];
    let online = |more: &[&str]| -> Outcome {
        let mut command = command(root, &root.join("cache"));
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(variable, "http://127.0.0.1:9");
        }
        command.args(run).args(more).output().unwrap().into()
    };
    let fallen_back = online(&[]);
    assert!(fallen_back.stderr.contains("cannot download"), "{}", fallen_back.stderr);
    assert!(fallen_back.stderr.contains("embedded extractor"), "{}", fallen_back.stderr);
    fallen_back.success();
    online(&["--extractor", "inception"]).failure(4, "cannot download");
    let offline = online(&["--extractor", "inception", "--offline"]);
    assert!(!offline.stderr.contains("cannot download"), "{}", offline.stderr);
    offline.failure(3, "bench weights fetch");
    online(&["--weights", "none.pth"]).failure(3, "none.pth");
}

/// Serves `file` on this machine, whatever is asked for; the thread ends with the test's process.
fn serve(file: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/file", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
            // A client that gives up closes the connection: no failure of the server's.
            let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(&file));
        }
    });
    url
}
