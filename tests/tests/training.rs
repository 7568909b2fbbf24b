//! Training lowers FID on real images.

use bench_tests::{bench, real_images};
use serde_json::Value;

#[test]
fn a_short_training_lowers_fid_well_below_the_untrained_generators() {
    let Some(data) = real_images() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = data.to_str().unwrap();
    let mut arguments =
        vec!["run", "dcgan", "--dataset", "mnist", "--data", data, "--budget", "smoke"];
    // An untrained generator paints all images grey, and its first attempts are further from
    // digits than grey is: fewer steps than some hundreds do not show.
    for set in ["steps=450", "batch_size=32", "evaluation.every=450", "evaluation.generated=1000"] {
        arguments.extend(["--set", set]);
    }
    let run = bench(folder.path(), &arguments).success();
    let record = std::fs::read(folder.path().join(run.trim()).join("record.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let fid = |when: &str| record[when]["fid"].as_f64().unwrap();
    assert!(fid("metrics") < 0.5 * fid("untrained"), "{record}");
}
