//! ONNX files that are no usable extractors.

use std::fs;
use std::path::Path;

use bench_metrics::extractor::metadata_keys as keys;
use bench_onnx::{Dim, GraphBuilder};
use bench_tests::{Outcome, bench};

use super::{folder_of_images, refused};

/// A network of the mean of each channel, fed with images of side 4, with a key of its metadata changed or left out.
fn network(changed: &str, value: Option<&str>) -> Vec<u8> {
    let mut graph = GraphBuilder::new("channel means");
    let sides = [Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(4), Dim::Fixed(4)];
    let image = graph.input("image", &sides);
    let pooled = graph.global_average_pool(&image);
    let means = graph.flatten(&pooled);
    for name in ["features", "logits"] {
        graph.output(&means, name, &[Dim::Symbolic("n"), Dim::Fixed(3)]);
    }
    for (key, sound) in [
        (keys::NAME, "by-hand"),
        (keys::INPUT_SIZE, "4"),
        (keys::INPUT_RESIZE, "bilinear"),
        (keys::INPUT_MEAN, "0,0,0"),
        (keys::INPUT_STD, "1,1,1"),
        (keys::OUTPUT_FEATURES, "features"),
        (keys::OUTPUT_LOGITS, "logits"),
    ] {
        if let Some(value) = if key == changed { value } else { Some(sound) } {
            graph.metadata(key, value);
        }
    }
    graph.finish()
}

fn eval_with(root: &Path, model: &str) -> Outcome {
    bench(root, &["eval", "a", "--extractor", model, "--metrics", "is"])
}

#[test]
fn unusable_models_are_named_with_reason_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "a", 10);
    fs::write(root.join("sound.onnx"), network("", None)).unwrap();
    eval_with(root, "sound.onnx").success();

    let model = |name: &str, bytes: &[u8], parts: &[&str]| {
        fs::write(root.join(name), bytes).unwrap();
        let outcome = eval_with(root, name);
        refused(&outcome, &[&[format!("extractor {name}").as_str()], parts].concat());
    };
    model("text.onnx", b"a text", &["not an onnx model", "check that the file is complete"]);
    model("empty.onnx", b"", &["not an onnx model", "check that the file is complete"]);
    let without = network(keys::INPUT_SIZE, None);
    model("without.onnx", &without, &[keys::INPUT_SIZE, "is missing", "write the key into"]);
    let other = network(keys::INPUT_SIZE, Some("5"));
    model("other.onnx", &other, &["instead of [-1, 3, 5, 5]", "takes n x 3 x size x size"]);
    let nowhere = network(keys::OUTPUT_LOGITS, Some("classes"));
    model("nowhere.onnx", &nowhere, &["it has no output \"classes\"", "n x c logits"]);
    let embedded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metrics/assets/embedded.onnx");
    let whole = fs::read(embedded).unwrap();
    model("cut.onnx", &whole[..whole.len() / 2], &["not an onnx model", "is complete"]);
    refused(&eval_with(root, "none.onnx"), &["cannot read extractor none.onnx", "check the path"]);
    fs::create_dir(root.join("folder.onnx")).unwrap();
    refused(
        &eval_with(root, "folder.onnx"),
        &["cannot read extractor folder.onnx", "check the path"],
    );
}
