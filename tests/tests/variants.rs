//! `bench list variants` and the page made of it.

use std::path::Path;

use bench_tests::bench;

/// What follows this line in docs/variants.md was measured, not listed.
const MEASURED: &str = "<!-- Written by scripts/learning.sh. -->";

#[test]
fn the_page_of_variants_is_what_the_program_prints() {
    let printed = bench(Path::new("."), &["list", "variants", "--markdown"]).success();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/variants.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let listed = text.split(MEASURED).next().unwrap().trim_end();
    for (line, (ours, theirs)) in listed.lines().zip(printed.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {} of docs/variants.md; run `make docs`", line + 1);
    }
    assert_eq!(listed.lines().count(), printed.lines().count(), "run `make docs`");
}

#[test]
fn the_list_shows_sources_and_published_values() {
    let printed = bench(Path::new("."), &["list", "variants"]).success();
    let at = printed.find("\nsagan64 ").expect("sagan64 is listed");
    let entry: Vec<&str> = printed[at + 1..].lines().take(3).collect();
    assert!(entry[1].contains("source: Kumar"), "{entry:?}");
    assert!(entry[2].contains("published: fid 229.8714 (cifar10)"), "{entry:?}");
}
