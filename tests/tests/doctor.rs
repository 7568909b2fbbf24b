//! `bench doctor`.

use bench_tests::{Outcome, bench, command, real_images};

/// The line about `subject`, less its first word, which must be `standing`.
fn line<'a>(outcome: &'a Outcome, standing: &str, subject: &str) -> &'a str {
    let line = outcome.stdout.lines().find(|line| line[9..].starts_with(subject));
    let line = line.unwrap_or_else(|| panic!("nothing of {subject} in:\n{}", outcome.stdout));
    assert_eq!(line.split_whitespace().next(), Some(standing), "{line}");
    &line[9 + subject.len()..]
}

#[test]
fn what_works_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = bench(folder.path(), &["doctor", "--data", "nowhere"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(line(&outcome, "ok", "ONNX Runtime").contains("libonnxruntime"));
    assert!(line(&outcome, "ok", "extractor").contains("features"));
    line(&outcome, "ok", "libtorch");
    line(&outcome, "ok", "cache");
    assert!(line(&outcome, "missing", "weights").contains("bench weights fetch"));
    line(&outcome, "ok", "shapes");
    assert!(line(&outcome, "missing", "cifar10").contains("bench data fetch cifar10"));
}

#[test]
fn datasets_that_are_there_are_found() {
    let Some(data) = real_images() else { return };
    let folder = tempfile::tempdir().unwrap();
    let outcome = bench(folder.path(), &["doctor", "--data", data.to_str().unwrap()]);
    line(&outcome, "ok", "cifar10");
    line(&outcome, "ok", "mnist");
}

#[test]
fn what_is_broken_is_named_with_the_rest_and_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let weights = path.join("cache/weights");
    std::fs::create_dir_all(&weights).unwrap();
    std::fs::write(weights.join("inception-v3-fid.weights"), b"no weights").unwrap();
    std::fs::create_dir_all(path.join("data/mnist")).unwrap();
    std::fs::write(path.join("data/mnist/t10k-images-idx3-ubyte"), b"no images").unwrap();
    std::fs::write(path.join("data/mnist/t10k-labels-idx1-ubyte"), b"no labels").unwrap();
    let library = path.join("no-library.so");
    let outcome: Outcome = command(path, &path.join("cache"))
        .args(["doctor", "--device", "cuda:99"])
        .env("ORT_DYLIB_PATH", &library)
        .output()
        .unwrap()
        .into();
    assert!(line(&outcome, "broken", "ONNX Runtime").contains("no-library.so"));
    line(&outcome, "broken", "extractor");
    line(&outcome, "broken", "device");
    // What computes on the CPU is tried all the same.
    line(&outcome, "ok", "libtorch");
    assert!(line(&outcome, "broken", "weights").contains("inception-v3-fid.weights"));
    assert!(line(&outcome, "broken", "mnist").contains("t10k-images"));
    line(&outcome, "ok", "shapes");
    outcome.failure(4, "device, ONNX Runtime, extractor, weights, mnist");
}

/// A file where the cache folder should be.
#[test]
fn a_cache_that_cannot_be_written_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    std::fs::write(&cache, b"in the way").unwrap();
    let outcome: Outcome = command(folder.path(), &cache).arg("doctor").output().unwrap().into();
    assert!(line(&outcome, "broken", "cache").contains(cache.to_str().unwrap()));
    outcome.failure(4, "broken: cache");
}
