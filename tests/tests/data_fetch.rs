//! `bench data fetch` as a user meets it, and what `bench run` does without its dataset. No server outside this machine
//! is asked: a proxy that nobody runs stands before all others.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bench_tests::{Outcome, command, files_below, real_images};

/// MNIST's files, with the time that the header of the published gzip file holds.
const MNIST: [(&str, u32); 4] = [
    ("t10k-labels-idx1-ubyte", 885_827_268),
    ("train-labels-idx1-ubyte", 848_331_398),
    ("t10k-images-idx3-ubyte", 885_827_245),
    ("train-images-idx3-ubyte", 848_331_386),
];

/// Size of the published test images, to know whether the gzip program at hand makes the same bytes.
const T10K_IMAGES: (&str, usize) = ("t10k-images-idx3-ubyte.gz", 1_648_877);

/// Bytes of the test images after which the server goes silent, the first time.
const STALL: usize = 600_000;

fn online(root: &Path, arguments: &[&str]) -> Command {
    let mut command = command(root, &root.join("cache"));
    command.args(arguments);
    command.env("ALL_PROXY", "http://127.0.0.1:9").env("NO_PROXY", "127.0.0.1");
    command
}

fn bench(root: &Path, arguments: &[&str]) -> Outcome {
    online(root, arguments).output().unwrap().into()
}

/// The published files of MNIST, made from the real images; `None` where they or a fitting gzip program are not there.
fn published_mnist() -> Option<BTreeMap<String, Vec<u8>>> {
    let data = real_images()?.join("mnist");
    let mut files = BTreeMap::new();
    for (name, time) in MNIST {
        let raw = Command::new("gzip").args(["-dc"]).arg(data.join(format!("{name}.gz"))).output();
        let plain = tempfile::NamedTempFile::new().unwrap();
        fs::write(plain.path(), raw.ok()?.stdout).unwrap();
        let packed = Command::new("gzip").args(["-6nc"]).arg(plain.path()).output().ok()?.stdout;
        // The published files hold their old names.
        let old_name = name.replace("-idx", ".idx");
        let mut file = vec![0x1f, 0x8b, 8, 8];
        file.extend(time.to_le_bytes());
        file.extend([0, 3]);
        file.extend(old_name.as_bytes());
        file.push(0);
        file.extend(packed.get(10..)?);
        files.insert(format!("{name}.gz"), file);
    }
    let (name, size) = T10K_IMAGES;
    if files[name].len() != size {
        eprintln!("skipped: this gzip program compresses in another way");
        return None;
    }
    Some(files)
}

/// Serves files by the last part of their path, and ranges of them. The first request for the test images ends in
/// silence. Returns the base URL and the requests, as they come.
fn serve(files: BTreeMap<String, Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mnist", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    // The threads end with the test's process.
    std::thread::spawn(move || {
        let mut was_silent = false;
        for stream in listener.incoming().filter_map(Result::ok) {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            let request: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
            let Some(path) = request[0].split(' ').nth(1) else { continue };
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            let file = files.get(&name).cloned().unwrap_or_default();
            let silent = name == T10K_IMAGES.0 && !was_silent;
            was_silent |= silent;
            let request = request.join("\n").to_lowercase();
            seen.lock().unwrap().push(request.clone());
            // A client that is killed closes the connection: no failure of the server's.
            std::thread::spawn(move || drop(answer(stream, &request, &file, silent)));
        }
    });
    (url, requests)
}

fn answer(mut stream: TcpStream, request: &str, file: &[u8], silent: bool) -> std::io::Result<()> {
    let range = request.split("range: bytes=").nth(1).and_then(|range| range.split('-').next());
    let start: usize = range.map_or(0, |start| start.parse().unwrap_or(0));
    let body = &file[start..];
    let status = match start {
        0 => "200 OK".to_owned(),
        _ => {
            let (last, size) = (file.len() - 1, file.len());
            format!("206 Partial Content\r\nContent-Range: bytes {start}-{last}/{size}")
        }
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close", body.len());
    write!(stream, "{head}\r\n\r\n")?;
    if silent {
        stream.write_all(&body[..STALL])?;
        stream.flush()?;
        std::thread::sleep(Duration::from_secs(120));
    }
    stream.write_all(body)
}

/// Waits until `path` has `length` bytes, then kills the program.
fn kill_at(mut program: Child, path: &Path, length: usize) {
    let started = Instant::now();
    while fs::metadata(path).map_or(0, |metadata| metadata.len()) < length as u64 {
        assert!(program.try_wait().unwrap().is_none(), "it ended before it could be killed");
        assert!(started.elapsed() < Duration::from_secs(60), "{} does not grow", path.display());
        std::thread::sleep(Duration::from_millis(20));
    }
    program.kill().unwrap();
    program.wait().unwrap();
}

#[test]
fn mnist_is_fetched_and_goes_on_after_a_kill() {
    let Some(files) = published_mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (url, requests) = serve(files.clone());
    let fetch = ["data", "fetch", "mnist", "--url", &url];
    let program = online(root, &fetch).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    kill_at(program, &root.join("data/mnist/t10k-images-idx3-ubyte.gz.part"), STALL);

    let stdout = bench(root, &fetch).success();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], "data/mnist/t10k-labels-idx1-ubyte.gz  was there, the published file");
    assert_eq!(lines[3], "data/mnist/train-images-idx3-ubyte.gz  fetched, the published file");
    let range = format!("range: bytes={STALL}-");
    let resumed = requests.lock().unwrap().iter().any(|request| request.contains(&range));
    assert!(resumed, "{:?}", requests.lock().unwrap());
    assert!(files_below(&root.join("data/mnist")) == files, "other files");

    // All is there: nothing more is asked for, and it is MNIST.
    let before = requests.lock().unwrap().len();
    assert_eq!(bench(root, &fetch).success().matches("was there").count(), 4);
    assert_eq!(requests.lock().unwrap().len(), before);
    let info = bench(root, &["data", "info", "mnist"]).success();
    for part in ["60000 images of 28x28x1", "1 6742", "licence    CC BY-SA 3.0"] {
        assert!(info.contains(part), "`{part}` is not in:\n{info}");
    }
    assert_eq!(info.matches(".gz: the published file").count(), 4, "{info}");
}

/// Four files in MNIST's format with a few images, which are not MNIST.
fn write_small_mnist(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for split in ["t10k", "train"] {
        let labels = [&[0, 0, 8, 1, 0, 0, 0, 20][..], &[7; 20]].concat();
        let images =
            [&[0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28][..], &[9; 20 * 784]].concat();
        for (kind, bytes) in [("labels-idx1", labels), ("images-idx3", images)] {
            let path = folder.join(format!("{split}-{kind}-ubyte.gz"));
            fs::write(&path, bytes).unwrap();
            paths.push(path.to_str().unwrap().to_owned());
        }
    }
    paths
}

#[test]
fn unknown_files_are_refused_unless_they_are_asked_for_and_then_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let paths = write_small_mnist(root);
    let import = |more: &[&str]| {
        let from = paths.iter().flat_map(|path| ["--from", path]);
        let arguments: Vec<&str> = ["data", "fetch", "mnist"].into_iter().chain(from).collect();
        bench(root, &[&arguments, more].concat())
    };
    let refused = import(&[]);
    // The labels of the test images come first: theirs are both checksums.
    for part in ["MD5", "instead of ec29112dd5afa0611ce80d1b7f02629c", "--accept-unknown"] {
        assert!(refused.stderr.contains(part), "`{part}` is not in {}", refused.stderr);
    }
    refused.failure(3, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6");
    assert!(!root.join("data").exists());

    let accepted = import(&["--accept-unknown"]).success();
    assert_eq!(accepted.matches("copied, NOT the published file").count(), 4, "{accepted}");
    let info = bench(root, &["data", "info", "mnist"]).success();
    assert_eq!(
        info.matches("NOT the published file, but accepted; its SHA-256").count(),
        4,
        "{info}"
    );
    assert!(info.contains("20 images of 28x28x1"), "{info}");
    // Neither replaced nor forgotten.
    let again = bench(root, &["data", "fetch", "mnist"]).success();
    assert_eq!(again.matches("was there, NOT the published file").count(), 4, "{again}");
    fs::remove_file(root.join("data/mnist/t10k-labels-idx1-ubyte.gz.unpublished")).unwrap();
    let info = bench(root, &["data", "info", "mnist"]).success();
    assert!(info.contains("t10k-labels-idx1-ubyte.gz: NOT the published file: its MD5"), "{info}");
    let other = ["data", "fetch", "cifar10", "--from", &paths[0], "--accept-unknown"];
    bench(root, &other).failure(3, "cifar-10-binary.tar.gz");
}

#[test]
fn without_a_network_nothing_waits() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let started = Instant::now();
    let failed = bench(root, &["data", "fetch", "fashion-mnist", "cifar10", "--retries", "0"]);
    assert!(
        failed.stderr.contains("bench data fetch fashion-mnist --from FILE"),
        "{}",
        failed.stderr
    );
    failed.failure(4, "cannot download t10k-labels-idx1-ubyte.gz of fashion-mnist");
    assert!(files_below(root).is_empty(), "it leaves nothing behind");

    let run = ["run", "dcgan", "--dataset", "mnist", "--budget", "smoke"];
    let run = bench(root, &[&run[..], &["--extractor", "embedded"]].concat());
    assert!(run.stderr.contains("cannot download dataset `mnist`"), "{}", run.stderr);
    run.failure(3, "run `bench data fetch mnist --data DIR`");
    let offline = ["run", "dcgan", "--dataset", "mnist", "--offline", "--extractor", "embedded"];
    let offline = bench(root, &offline);
    assert!(!offline.stderr.contains("cannot download"), "{}", offline.stderr);
    offline.failure(3, "run `bench data fetch mnist --data DIR`");
    // Three commands, each of which starts up and tries at most two servers or three seconds.
    assert!(started.elapsed() < Duration::from_secs(100), "{:?}", started.elapsed());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let fetch = |more: &[&str]| bench(root, &[&["data", "fetch"], more].concat());
    fetch(&[]).failure(2, "NAME");
    fetch(&["mnits"]).failure(3, "did you mean `mnist`");
    fetch(&["mnist", "cifar10", "--url", "http://127.0.0.1:9/"]).failure(2, "name only one");
    fetch(&["mnist", "--accept-unknown"]).failure(2, "--from");
    fetch(&["mnist", "--from", "none"]).failure(3, "cannot read none");
    fetch(&["mnist", "--from", "none", "--url", "http://127.0.0.1:9/"]).failure(2, "--url");
    let nothing = fetch(&["shapes"]);
    assert!(nothing.stderr.contains("shapes needs no files"), "{}", nothing.stderr);
    assert!(nothing.success().is_empty() && files_below(root).is_empty());
}
