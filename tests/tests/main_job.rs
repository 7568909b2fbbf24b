//! `bench all`: complete, announced where it falls back, and the same bytes for the same seed.

use std::collections::BTreeMap;
use std::path::Path;

use bench_tests::{bench, files_below, tells_of_time};

/// One suite, without any dataset.
fn arguments(out: &str) -> [&str; 9] {
    ["all", "--suite", "dcgan-wgan", "--budget", "smoke", "--data", "none", "--out", out]
}

fn smoke(folder: &Path, out: &str) -> BTreeMap<String, Vec<u8>> {
    let outcome = bench(folder, &arguments(out));
    assert!(outcome.stderr.contains("stands in for it"), "{}", outcome.stderr);
    let stdout = outcome.success();
    assert!(stdout.contains("dcgan-wgan/dcgan-hw"), "{stdout}");
    assert!(stdout.lines().count() <= 36, "{stdout}");
    files_below(&folder.join(out))
}

#[test]
fn the_main_job_is_complete_and_repeats_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let first = smoke(folder.path(), "first");

    let csv = String::from_utf8(first["tables/comparison.csv"].clone()).unwrap();
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    for column in [
        "variant",
        "dataset",
        "seed",
        "steps",
        "images_seen",
        "is_mean",
        "is_std",
        "fid",
        "fid_untrained",
        "kid_mean",
        "kid_std",
        "n",
        "n_reference",
        "extractor",
        "protocol",
        "wall_seconds",
    ] {
        assert!(header.contains(&column), "{column} is not in {header:?}");
    }
    let at = |column: &str| header.iter().position(|c| *c == column).unwrap();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let variants: Vec<&str> = rows.iter().map(|row| row[at("variant")]).collect();
    for variant in ["dcgan-hw", "wgan", "acgan"] {
        assert_eq!(variants.iter().filter(|v| **v == variant).count(), 1, "{variants:?}");
    }
    for row in &rows {
        for column in ["fid", "fid_untrained", "kid_mean", "is_mean"] {
            assert!(row[at(column)].parse::<f64>().unwrap().is_finite(), "{column} of {row:?}");
        }
    }

    let pictures: Vec<&String> = first
        .keys()
        .filter(|name| name.starts_with("figures/") && name.ends_with(".png"))
        .collect();
    for kind in ["losses-", "fid-dcgan-wgan", "fid-bars-", "samples-"] {
        assert!(
            pictures.iter().any(|name| name[8..].starts_with(kind)),
            "{kind} is not in {pictures:?}"
        );
    }
    let table = String::from_utf8(first["tables/comparison.md"].clone()).unwrap();
    assert!(table.contains("shapes") && table.contains("stands in"), "{table}");

    // The source's table, in its order, with its values and what must be known of ours.
    let source = String::from_utf8(first["tables/published-dcgan-wgan-fid.md"].clone()).unwrap();
    for part in [
        "|  | WGAN | DCGAN | ACGAN |",
        "| FID published | 15.9 | 42.38 | 12.7 |",
        "| FD (embedded) measured ↓ |",
        "| FD (embedded) untrained |",
        "Not comparable with published values: features are of embedded",
        "stands in",
        "steps 4 instead of 7820 or 39100 or 78100",
        "evaluation.generated 100 instead of 50000",
    ] {
        assert!(source.contains(part), "{part} is not in {source}");
    }

    let second = smoke(folder.path(), "second");
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    let mut compared = 0;
    for (name, bytes) in first.iter().filter(|(name, _)| !tells_of_time(name)) {
        assert!(*bytes == second[name], "{name} differs between two equal runs");
        compared += usize::from(name.ends_with("metrics.csv"));
    }
    assert_eq!(compared, 3);

    // Everything that is drawn can be drawn again from the records.
    for part in ["tables", "figures"] {
        std::fs::remove_dir_all(folder.path().join("first").join(part)).unwrap();
    }
    bench(folder.path(), &["report", "first"]).success();
    assert!(
        first == files_below(&folder.path().join("first")),
        "`bench report` drew something else"
    );

    // What has ended is kept.
    let again = bench(folder.path(), &arguments("first"));
    assert!(again.stderr.matches("kept: ").count() == 3, "{}", again.stderr);
}
