//! Training lowers FID on real images (on the embedded dataset where there are none).

use bench_tests::{bench, real_images};
use serde_json::Value;

#[test]
fn a_short_training_lowers_fid_well_below_the_untrained_generators() {
    let folder = tempfile::tempdir().unwrap();
    let data = real_images();
    let (dataset, data) = match &data {
        Some(path) => ("mnist", path.to_str().unwrap()),
        None => ("shapes", "none"),
    };
    let mut arguments =
        vec!["run", "dcgan", "--dataset", dataset, "--data", data, "--budget", "smoke"];
    for set in ["steps=120", "batch_size=32", "evaluation.every=120", "evaluation.generated=1000"] {
        arguments.extend(["--set", set]);
    }
    let run = bench(folder.path(), &arguments).success();
    let record = std::fs::read(folder.path().join(run.trim()).join("record.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let fid = |when: &str| record[when]["fid"].as_f64().unwrap();
    assert!(fid("metrics") < 0.5 * fid("untrained"), "{record}");
}
