//! The event files of runs, read by TensorBoard itself.

use super::*;

/// Prints what TensorBoard finds below a folder.
const READ: &str = "
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'images': 0})
events.Reload()
scalars = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}
images = [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in events.Images('samples')]
print(json.dumps({'scalars': scalars, 'images': images}))
";

#[test]
#[cfg_attr(
    not(tensorboard),
    ignore = "needs Python's package tensorboard (BENCH_TEST_PYTHON names a Python)"
)]
fn tensorboard_reads_losses_scores_and_grids_of_a_run_that_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("stopped");
    let options = ["--checkpoint-minutes", "0"];
    let child = start(root, &arguments("stopped", &options));
    wait_until("no steps", || steps(&results) >= 5);
    send("KILL", &child);
    ended(child);
    run(root, &arguments("stopped", &options)).success();

    let run_folder = run_folder(&results).unwrap();
    let mut python = Command::new(env!("BENCH_TEST_PYTHON"));
    let output = python.args(["-c", READ]).arg(run_folder.join("events")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();

    let losses = fs::read_to_string(run_folder.join("losses.csv")).unwrap();
    let mut lines = losses.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    assert_eq!(rows.len(), 12);
    for (column, name) in header.iter().enumerate().skip(1) {
        let tag = match *name {
            "loss_d" => "loss/discriminator".to_owned(),
            "loss_g" => "loss/generator".to_owned(),
            part => format!("loss/{part}"),
        };
        let points = found["scalars"][&tag].as_array().unwrap_or_else(|| panic!("no {tag}"));
        assert_eq!(points.len(), rows.len(), "{tag}");
        for (point, row) in points.iter().zip(&rows) {
            let value: f64 = row[column].parse().unwrap();
            assert_eq!(point[0].to_string(), row[0]);
            assert!((point[1].as_f64().unwrap() - value).abs() <= 1e-6 * value.abs(), "{tag}");
        }
    }
    let steps = |events: &Value| -> Vec<u64> {
        events.as_array().unwrap().iter().map(|event| event[0].as_u64().unwrap()).collect()
    };
    assert_eq!(steps(&found["scalars"]["score/fid"]), [0, 4, 8, 12]);
    assert_eq!(steps(&found["images"]), [0, 4, 8, 12]);
    let grid = fs::metadata(run_folder.join("samples/step-000012.png")).unwrap().len();
    assert_eq!(found["images"][3][3].as_u64(), Some(grid));
}
