//! The whole case of the golden numbers, 2100 JPEG files a side, through the program.

use std::io::Read;
use std::path::Path;

use bench_tests::{eval, metric, real_images};
use serde_json::Value;

#[expect(dead_code, reason = "the tests of the metrics use all of it")]
#[path = "../../metrics/tests/inception/synthetic.rs"]
mod synthetic;

const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Writes the first `per_class` test images of each class into `folder`, as they lie in the archive.
fn write_images(archive: &Path, classes: &Value, per_class: u64, folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    for class in classes.as_array().unwrap() {
        let class = class.as_u64().unwrap() as usize;
        for i in 0..per_class {
            let mut bytes = Vec::new();
            let name = format!("test/{}/{i:04}.jpg", CLASSES[class]);
            archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
            std::fs::write(folder.join(format!("{class}_{i:04}.jpg")), bytes).unwrap();
        }
    }
}

/// FID is that of pytorch-fid, from other images than a committed file could hold: 1e-5 relative.
#[test]
fn fid_of_two_thousand_jpeg_files_is_that_of_pytorch_fid() {
    let Some(data) = real_images() else { return };
    let golden = include_str!("../../metrics/tests/golden/golden_seed7.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    std::fs::write(root.join("w.pth"), synthetic::file(7)).unwrap();
    let per_class = golden["per_class"].as_u64().unwrap();
    for side in ["a", "b"] {
        let classes = &golden[format!("classes_{side}")];
        write_images(&data.join("cifar10-jpeg.zip"), classes, per_class, &root.join(side));
    }
    let protocol = ["--protocol", "pytorch-fid", "--metrics", "fid", "--weights", "w.pth"];
    let report = eval(root, &[&["a", "b"][..], &protocol].concat());
    let expected = &golden["pytorch_fid"]["2048"];
    assert_eq!(report["n"][0], expected["n"]);
    let (found, expected) = (metric(&report, "fid"), expected["fid"].as_f64().unwrap());
    assert!((found / expected - 1.0).abs() < 1e-5, "{found} instead of {expected}");
}
