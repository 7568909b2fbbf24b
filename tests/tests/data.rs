//! `bench data` as a user meets it.

use bench_tests::{bench, files_below, real_images};

#[test]
fn info_counts_and_hashes_both_splits() {
    let folder = tempfile::tempdir().unwrap();
    let text = bench(folder.path(), &["data", "info", "shapes"]).success();
    for part in ["50000 images of 32x32x3", "10000 images", "5000 a class", "SHA-256", "mean"] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    assert_eq!(text, bench(folder.path(), &["data", "info", "shapes"]).success());
    bench(folder.path(), &["data", "info", "flowers102"]).failure(3, "imagelabels.mat");
    bench(folder.path(), &["data", "info", "shape"]).failure(3, "did you mean `shapes`");
}

#[test]
fn export_draws_by_seed_and_keeps_the_splits_order() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let export = |out: &str, arguments: &[&str]| {
        let arguments = [&["data", "export"], arguments, &[out]].concat();
        bench(root, &arguments).success();
        files_below(&root.join(out))
    };
    // The program draws this dataset, so the seed is that of the images.
    let first = export("a", &["shapes:train", "--limit", "20", "--seed", "1"]);
    assert_eq!(first, export("b", &["shapes:train", "--n", "20", "--seed", "1"]));
    assert_ne!(first, export("c", &["shapes:train", "--limit", "20", "--seed", "2"]));
    assert_eq!(first.len(), 20);
    bench(root, &["data", "export", "shapes:validation", "d"]).failure(3, "unknown split");

    let Some(data) = real_images() else { return };
    let data = data.to_str().unwrap();
    let drawn =
        |out, seed| export(out, &["mnist:test", "--limit", "30", "--seed", seed, "--data", data]);
    let some = drawn("e", "1");
    assert_eq!(some, drawn("f", "1"));
    assert_ne!(some.keys().collect::<Vec<_>>(), drawn("g", "2").keys().collect::<Vec<_>>());
    // Each file bears its number in the split: the same image under the same name.
    let all = export("h", &["mnist:test", "--data", data]);
    assert_eq!(all.len(), 10_000);
    assert!(some.iter().all(|(name, bytes)| all.get(name) == Some(bytes)));
    bench(root, &["data", "export", "mnist", "i", "--limit", "0", "--seed", "1", "--data", data])
        .failure(2, "--limit 0");
}
