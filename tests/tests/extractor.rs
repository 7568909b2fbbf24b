//! The embedded extractor: what its card says is so, it classifies real images, its distance
//! behaves like one, and another can be trained and used.

use std::path::Path;

use bench_data::datasets::{self, LoadOptions, Split};
use bench_metrics::{Extractor, ImageBatch, OnnxExtractor};
use bench_tests::{bench, real_images};

fn card() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metrics/assets/embedded.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_card_describes_the_model_that_is_inside_the_program() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metrics/assets/embedded.onnx");
    let bytes = std::fs::metadata(model).unwrap().len();
    assert!(bytes <= 4 * 1024 * 1024, "{bytes} bytes");
    let extractor = OnnxExtractor::embedded(1).unwrap();
    assert!(card().contains(extractor.sha256()), "the card has another SHA-256");
    assert!(card().contains(&format!("{bytes} bytes")));
    assert!((128..=512).contains(&extractor.feature_dim()));
    assert_eq!(extractor.class_count(), 10);
}

#[test]
fn it_classifies_the_real_test_images() {
    let Some(data) = real_images() else { return };
    let test =
        datasets::load("cifar10", Split::Test, Some(&data), &LoadOptions::default()).unwrap();
    let mut extractor = OnnxExtractor::embedded(2).unwrap();
    let images =
        ImageBatch::new(&test.images, test.n, test.height, test.width, test.channels).unwrap();
    let activations = extractor.extract(&images).unwrap();
    assert!(activations.features.iter().all(|&f| f >= 0.0), "features come from a ReLU");
    let labels = test.labels.unwrap();
    let right = activations.logits.outer_iter().zip(&labels).filter(|(logits, label)| {
        let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map(|(class, _)| class as u32) == Some(**label)
    });
    let accuracy = right.count() as f64 / test.n as f64;
    assert!(accuracy >= 0.88, "accuracy {accuracy}");
    // Another processor rounds otherwise and may turn an image or two.
    let card = card();
    let stated = card.split("| test accuracy | ").nth(1).and_then(|rest| rest.split(' ').next());
    let stated: f64 = stated.unwrap().parse().unwrap();
    assert!((100.0 * accuracy - stated).abs() < 0.1, "accuracy {accuracy}, the card says {stated}");
}

#[test]
fn its_distance_rises_with_every_disturbance() {
    let Some(data) = real_images() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = data.to_str().unwrap();
    let table =
        bench(folder.path(), &["extractor", "validate", "--data", data, "--n", "2000"]).success();
    assert_eq!(table.matches("| swirl |").count(), 6, "{table}");
    assert!(folder.path().join("validation/disturbances.png").exists());
    let csv = std::fs::read_to_string(folder.path().join("validation/disturbances.csv")).unwrap();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["disturbance", "level", "fid"]);
    // Five disturbances at five levels, and the undisturbed images before each.
    assert_eq!(rows.len(), 1 + 5 * 6);
    assert!(rows[1..].iter().all(|row| row.len() == 3 && row[2].parse::<f64>().is_ok()), "{csv}");
}

#[test]
fn another_extractor_can_be_trained_resumed_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let train = |out: &str, stop: &[&str]| {
        let mut arguments = vec![
            "extractor",
            "train",
            "--dataset",
            "shapes",
            "--n",
            "512",
            "--epochs",
            "2",
            "--restart-epochs",
            "1",
            "--name",
            "tiny",
            "--out",
            out,
        ];
        arguments.extend(stop);
        bench(root, &arguments)
    };
    train("whole", &[]).success();
    train("stopped", &["--stop-after", "1"]).success();
    assert!(!root.join("stopped/tiny.onnx").exists());
    let resumed = train("stopped", &[]);
    assert!(resumed.stderr.contains("resuming after epoch 1"), "{}", resumed.stderr);
    resumed.success();
    let model = |out: &str| std::fs::read(root.join(out).join("tiny.onnx")).unwrap();
    assert!(model("whole") == model("stopped"), "the resumed model differs");

    // One folder holds what is made from one set of inputs.
    train("whole", &["--seed", "1"]).failure(2, "--force");
    assert!(model("whole") == model("stopped"), "a refused training changed the model");
    train("whole", &[]).success();
    let forced = train("stopped", &["--seed", "1", "--force"]);
    assert!(!forced.stderr.contains("resuming"), "{}", forced.stderr);
    forced.success();
    assert!(model("whole") != model("stopped"), "the seed had no effect");

    let info = bench(root, &["extractor", "info", "whole/tiny.onnx"]).success();
    assert!(info.contains("tiny") && info.contains("160"), "{info}");
    let card = std::fs::read_to_string(root.join("whole/tiny.md")).unwrap();
    assert!(card.contains("512 images of shapes"), "{card}");
    bench(root, &["data", "export", "shapes", "a", "--n", "30"]).success();
    let report = bench(root, &["eval", "a", "--extractor", "whole/tiny.onnx", "--json"]).success();
    assert!(report.contains("\"name\": \"tiny\""), "{report}");
}
