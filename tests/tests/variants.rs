//! `bench list variants` and the page made of it.

use std::path::Path;

use bench_tests::bench;

/// From this line on docs/variants.md holds what was measured; what stands before it is printed.
const MEASURED: &str = "\n## What a short training does\n";

#[test]
fn the_page_of_variants_is_what_the_program_prints() {
    let printed = bench(Path::new("."), &["list", "variants", "--markdown"]).success();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/variants.md");
    let page = std::fs::read_to_string(page).unwrap();
    let page = page.split(MEASURED).next().unwrap();
    for (number, (ours, printed)) in page.lines().zip(printed.lines()).enumerate() {
        assert_eq!(ours, printed, "line {} of docs/variants.md; run `make docs`", number + 1);
    }
    assert_eq!(page, printed, "docs/variants.md has another end; run `make docs`");
}

#[test]
fn the_list_shows_sources_and_published_values() {
    let printed = bench(Path::new("."), &["list", "variants"]).success();
    let at = printed.find("\nsagan64 ").expect("sagan64 is listed");
    let entry: Vec<&str> = printed[at + 1..].lines().take(3).collect();
    assert!(entry[1].contains("source: Kumar"), "{entry:?}");
    assert!(entry[2].contains("published: fid 229.8714 (cifar10)"), "{entry:?}");
}
