//! Several extractors in one command: each gives what it gives alone.

use std::path::Path;

use bench_onnx::{Dim, GraphBuilder};
use bench_tests::{bench, bench_with_cache, export_shapes};
use serde_json::Value;

const BOTH: &str = "embedded,colours.onnx";

/// An extractor of three features, the mean of each colour, and without logits.
fn write_colours(root: &Path) {
    let mut graph = GraphBuilder::new("colours");
    let sides = [Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(16), Dim::Fixed(16)];
    let images = graph.input("images", &sides);
    let means = graph.global_average_pool(&images);
    let features = graph.flatten(&means);
    graph.output(&features, "features", &[Dim::Symbolic("n"), Dim::Fixed(3)]);
    std::fs::write(root.join("bare.onnx"), graph.finish()).unwrap();
    let describe = [
        "extractor",
        "describe",
        "bare.onnx",
        "--features",
        "features",
        "--size",
        "16",
        "--mean",
        "0,0,0",
        "--std",
        "1,1,1",
        "--name",
        "mean_colours",
        "--out",
        "colours.onnx",
    ];
    bench(root, &describe).success();
}

fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_colours(folder.path());
    for (seed, name) in names.iter().enumerate() {
        export_shapes(folder.path(), name, &seed.to_string());
    }
    folder
}

fn json(root: &Path, arguments: &[&str], extractor: &str) -> Value {
    let arguments = [&["eval"], arguments, &["--json", "--extractor", extractor]].concat();
    serde_json::from_str(&bench(root, &arguments).success()).expect("json")
}

#[test]
fn each_extractor_gives_to_the_byte_what_it_gives_alone() {
    let folder = folder(&["a", "b", "c"]);
    let root = folder.path();
    let many = ["--metrics", "fid,kid,prdc,cmmd,vendi", "--kid-subset-size", "20"];
    for sources in [&["a", "b"][..], &["a", "b", "--held-out", "c"]] {
        let arguments = [sources, &many].concat();
        let alone = [json(root, &arguments, "embedded"), json(root, &arguments, "colours.onnx")];
        let together = json(root, &arguments, BOTH);
        assert_eq!(together, Value::from(alone.to_vec()));
        assert_eq!(together[1]["extractor"]["name"], "mean_colours");
    }

    // Of several models each extractor has its own ranks.
    let ranked = ["a", "b", "--against", "c", "--metrics", "fid"];
    let alone = ["embedded", "colours.onnx"].map(|own| json(root, &ranked, own));
    let alone: Vec<Value> = alone.iter().flat_map(|own| own.as_array().unwrap()).cloned().collect();
    assert_eq!(json(root, &ranked, BOTH), Value::from(alone));
}

#[test]
fn tables_name_the_extractor_of_every_column() {
    let folder = folder(&["a_1", "b", "real"]);
    let root = folder.path();
    let shown = |sources: &[&str], format: &str| {
        let more = ["--metrics", "fid,is", "--extractor", BOTH, "--format", format];
        bench(root, &[&["eval"], sources, &more].concat()).success()
    };
    let ranked = ["a_1", "b", "--against", "real"];
    let markdown = shown(&ranked, "md");
    let head = "| | model | FD (embedded) ↓ | IS (embedded) ↑ | FD (mean_colours) ↓ |";
    assert!(markdown.starts_with(head), "{markdown}");
    assert_eq!(markdown.lines().count(), 4);
    let latex = shown(&ranked, "latex");
    for part in [
        " & & \\multicolumn{2}{c}{embedded} & \\multicolumn{1}{c}{mean\\_colours} \\\\",
        "\\cmidrule(lr){3-4}\\cmidrule(lr){5-5}",
        " & Model & FD $\\downarrow$ & IS $\\uparrow$ & FD $\\downarrow$ \\\\",
        "a\\_1 &",
    ] {
        assert!(latex.contains(part), "`{part}` is not in {latex}");
    }
    let text = shown(&["a_1", "b"], "text");
    for part in ["FD (embedded) ", "FD (mean_colours) ", "mean_colours (", "\n\nprotocol"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
}

#[test]
fn what_an_extractor_cannot_give_is_left_out_unless_none_gives_it() {
    let folder = folder(&["a", "b"]);
    let root = folder.path();
    let eval = |more: &[&str]| bench(root, &[&["eval", "a", "b"], more].concat());
    let found = eval(&["--extractor", BOTH, "--json"]);
    let left_out = "IS cannot be computed: extractor mean_colours";
    assert_eq!(found.stderr.matches(left_out).count(), 1, "{}", found.stderr);
    let found: Value = serde_json::from_str(&found.success()).unwrap();
    assert!(found[0]["metrics"]["is_mean"].is_number() && found[1]["metrics"]["is_mean"].is_null());

    // Asked for by name, one that gives it is enough.
    let found = eval(&["--metrics", "is", "--extractor", BOTH, "--json"]);
    assert!(found.stderr.contains(left_out), "{}", found.stderr);
    let found: Value = serde_json::from_str(&found.success()).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1);
    eval(&["--metrics", "is", "--extractor", "colours.onnx"]).failure(2, "class logits");
    let sfid = ["--metrics", "sfid", "--protocol", "adm", "--extractor", BOTH];
    eval(&sfid).failure(3, "spatial features");

    eval(&["--extractor", "embedded,embedded"]).failure(2, "named twice");
    eval(&["--extractor", "embedded,dinov9"]).failure(2, "dinov9");
    eval(&["--extractor", BOTH, "--weights", "w.pth"]).failure(2, "bench weights import");
    eval(&["--extractor", BOTH, "--dims", "64"]).failure(2, "--dims");
    let report = ["--held-out", "b", "--report", "r", "--extractor", BOTH];
    eval(&report).failure(2, "one extractor");
    std::fs::copy(root.join("colours.onnx"), root.join("copy.onnx")).unwrap();
    eval(&["--extractor", "colours.onnx,copy.onnx"]).failure(2, "twice");
    for command in ["features", "stats"] {
        bench(root, &[command, "a", "a.npz", "--extractor", BOTH]).failure(2, "bench eval");
    }
    bench(root, &["stats", "a", "a.npz", "--extractor", "embedded"]).success();
    bench(root, &["stats", "b", "b.npz", "--extractor", "embedded"]).success();
    bench(root, &["eval", "a", "b.npz", "--metrics", "fid", "--extractor", BOTH])
        .failure(3, "b.npz");
    bench(root, &["eval", "a.npz", "b.npz", "--extractor", BOTH]).failure(2, "name one extractor");
}

#[test]
fn what_is_in_the_cache_is_not_extracted_again() {
    let folder = folder(&["a", "b", "c"]);
    let root = folder.path();
    let cache = tempfile::tempdir().unwrap();
    let eval = |more: &[&str]| bench_with_cache(root, cache.path(), &[&["eval"], more].concat());
    eval(&["a", "b", "--extractor", "embedded"]).success();
    let second = eval(&["a", "b", "--extractor", BOTH]);
    let cached = "features of b (folder, 60 images) by embedded: from the cache";
    assert!(second.stderr.contains(cached), "{}", second.stderr);
    assert!(
        second.stderr.contains("features of b (folder, 60 images): 60 images"),
        "{}",
        second.stderr
    );
    let third = eval(&["a", "b", "--extractor", BOTH]);
    assert!(third.stderr.contains("by mean_colours: from the cache"), "{}", third.stderr);

    // What several models are compared with is scored once, with a cache or without.
    let ranked = eval(&["a", "c", "--against", "b", "--extractor", BOTH, "--no-cache"]);
    let scored = ranked.stderr.matches("features of b (folder, 60 images): 60 images").count();
    assert_eq!(scored, 1, "{}", ranked.stderr);
    assert_eq!(second.success(), third.success());
}
