//! The panel of metrics and extractors from outside: tables of several models, files of features, and what is missing.

use bench_tests::{bench, export_shapes};
use serde_json::Value;

const E: [&str; 2] = ["--extractor", "embedded"];

fn eval(root: &std::path::Path, arguments: &[&str]) -> Value {
    let arguments = [&["eval"], arguments, &E[..], &["--json"]].concat();
    serde_json::from_str(&bench(root, &arguments).success()).expect("json")
}

#[test]
fn several_models_are_ranked_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, seed) in [("real", "1"), ("good_one", "2"), ("few", "3")] {
        export_shapes(root, name, seed);
    }
    // A model of one image again and again is worse.
    let files: Vec<_> = std::fs::read_dir(root.join("few")).unwrap().flatten().collect();
    let first = std::fs::read(files[0].path()).unwrap();
    files.iter().for_each(|file| std::fs::write(file.path(), &first).unwrap());

    let models =
        ["few", "good_one", "--against", "real", "--metrics", "fid,kid", "--bootstrap", "20"];
    let ranked = eval(root, &models);
    let names: Vec<_> = ranked.as_array().unwrap().iter().map(|row| &row["model"]).collect();
    assert_eq!(names, ["good_one", "few"], "{ranked}");
    assert_eq!(ranked[0]["rank"], 1);
    let fid = |row: &Value, key: &str| row["metrics"][key].as_f64().unwrap();
    assert!(fid(&ranked[0], "fid") < fid(&ranked[1], "fid"), "{ranked}");
    assert_eq!(
        ranked[0]["metrics"],
        eval(root, &["good_one", "real", "--metrics", "fid,kid", "--bootstrap", "20"])["metrics"]
    );

    let shown = |format: &str| {
        let arguments = [&["eval"], &models[..], &E[..], &["--format", format]].concat();
        bench(root, &arguments).success()
    };
    let markdown = shown("md");
    assert!(markdown.starts_with("| | model | FD (embedded) ↓ | KD (embedded) ↓ |"), "{markdown}");
    let best = format!("| 1 | good_one | **{:.2} [", fid(&ranked[0], "fid"));
    assert!(markdown.contains(&best), "{markdown}");
    let latex = shown("latex");
    assert!(latex.contains("1 & good\\_one & \\textbf{") && latex.contains("$\\pm$"), "{latex}");
    assert!(shown("text").contains("good_one"));

    bench(root, &["eval", "few", "good_one", "real", E[0], E[1]]).failure(2, "--against");
    let refused = ["eval", "few", "--against", "absent", E[0], E[1]];
    bench(root, &refused).failure(3, "absent");
}

#[test]
fn features_stand_for_their_images() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, seed) in [("a", "1"), ("b", "2")] {
        export_shapes(root, name, seed);
        let file = format!("{name}.npz");
        bench(root, &["features", name, &file, E[0], E[1]]).success();
    }
    let metrics = ["--metrics", "fid,kid,is,prdc,cmmd,mind,vendi,mifid,clipped-density-coverage"];
    let of_images = eval(root, &[&["a", "b"], &metrics[..]].concat());
    let of_files = eval(root, &[&["a.npz", "b.npz"], &metrics[..]].concat());
    assert_eq!(of_files["metrics"], of_images["metrics"]);
    assert_eq!(of_files["extractor"], of_images["extractor"]);
    bench(root, &["features", "b", "b.safetensors", E[0], E[1]]).success();
    let of_tensors = eval(root, &[&["a.npz", "b.safetensors"], &metrics[..]].concat());
    assert_eq!(of_tensors["metrics"], of_images["metrics"]);
    let [file, tensors] = [&of_files, &of_tensors].map(|own| &own["sources"]["reference"]);
    assert_eq!(
        (&file["images_sha256"], &file["sizes"]),
        (&tensors["images_sha256"], &tensors["sizes"])
    );
    let mixed = eval(root, &[&["a.npz", "b"], &metrics[..]].concat());
    assert_eq!(mixed["metrics"], of_images["metrics"]);
    let source = &of_files["sources"]["generated"];
    assert_eq!(source["images_sha256"], of_images["sources"]["generated"]["sha256"]);
    bench(root, &["features", "a", "a.txt", E[0], E[1]]).failure(2, "*.npz");
    bench(root, &["features", "b", "a.npz", E[0], E[1]]).failure(2, "--force");
    bench(root, &["features", "a", "b.safetensors", E[0], E[1]]).failure(2, "--force");
    bench(root, &["features", "b", "b.safetensors", E[0], E[1]]).success();
    bench(root, &["stats", "a", "s.safetensors", E[0], E[1]]).failure(2, "*.npz");
    let bytes = std::fs::read(root.join("b.safetensors")).unwrap();
    std::fs::write(root.join("cut.safetensors"), &bytes[..bytes.len() - 1]).unwrap();
    bench(root, &["eval", "a", "cut.safetensors", E[0], E[1]]).failure(3, "cut.safetensors");
    // Statistics of the same images are less.
    bench(root, &["stats", "a", "a.npz", E[0], E[1]]).failure(2, "--force");
}

#[test]
fn what_a_metric_or_an_extractor_lacks_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let eval = |more: &[&str]| bench(root, &[&["eval", "a", "b"], more].concat());
    eval(&["--metrics", "fld", E[0], E[1]]).failure(2, "--held-out");
    eval(&["--metrics", "sfid", E[0], E[1]]).failure(2, "--protocol adm");
    let sfid = ["--metrics", "sfid", "--protocol", "adm", E[0], E[1]];
    eval(&sfid).failure(3, "spatial features");
    let network = ["--metrics", "fid", "--extractor", "dinov2-vit-l-14"];
    eval(&network).failure(3, "bench weights fetch dinov2-vit-l-14");
    eval(&["--extractor", "dinov2-vit-l-14:mine"]).failure(2, "dinov2-vit-l-14:dgm-eval");
    eval(&["--extractor", "dinov9"]).failure(2, "bench list extractors");
    let listed = bench(root, &["list", "extractors"]).success();
    assert!(
        listed.contains("dinov2-vit-l-14 ") && listed.contains("clip-vit-l-14-336px"),
        "{listed}"
    );
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../metrics/assets/embedded.onnx");
    let numbers = ["--size", "32", "--mean", "0,0,0", "--std", "1,1,1"];
    let describe = ["extractor", "describe", model, "--features", "features", "--out", "x.onnx"];
    bench(root, &[&describe[..], &numbers[..]].concat()).failure(3, "already");
}
