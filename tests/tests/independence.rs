//! Results hang on the images alone: not on batches, threads, other metrics, or the order of files on the disk.

use std::collections::BTreeMap;
use std::fs;

use bench_data::source::{BadImages, Source};
use bench_harness::evaluation::{Measured, Reading, measure};
use bench_metrics::{Evidence, METRICS, Metric, OnnxExtractor, Panel, Protocol, Sample};
use bench_tests::{eval, export_shapes};

/// Sums may be taken in another order by another number of threads.
const TOLERANCE: f64 = 1e-6;

fn measured(folder: &std::path::Path, batch_size: usize, threads: usize) -> Measured {
    let source = Source::open(folder, &Default::default()).unwrap();
    let mut extractor = OnnxExtractor::embedded(threads).unwrap();
    let reading = Reading { bad_images: BadImages::Refuse, batch_size };
    measure(&source, &mut extractor, reading).unwrap().0
}

fn values(
    metrics: &[&'static dyn Metric],
    generated: &Measured,
    reference: &Measured,
) -> BTreeMap<String, f64> {
    let subsets = [("subsets".to_owned(), 5), ("subset_size".to_owned(), 40)];
    let changes = [("kid".to_owned(), subsets.into())].into();
    let panel = Panel::new(Protocol::default(), metrics, &changes).unwrap();
    // What spatial features and held-out images are does not matter here.
    let [generated, reference] = [generated, reference].map(|side| {
        let sample = side.sample();
        Sample { spatial: sample.gaussian, ..sample }
    });
    let reference = Some(reference);
    panel.compute(&Evidence { generated, reference, held_out: reference }).unwrap()
}

fn assert_close(found: &BTreeMap<String, f64>, expected: &BTreeMap<String, f64>, what: &str) {
    assert!(found.keys().eq(expected.keys()), "{what}");
    for (key, value) in expected {
        let off = (found[key] - value).abs();
        assert!(off <= TOLERANCE * value.abs(), "{what}: {key} is {} and not {value}", found[key]);
    }
}

#[test]
fn no_metric_depends_on_batches_threads_or_other_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let (a, b) = (root.join("a"), root.join("b"));
    let (generated, reference) = (measured(&a, 64, 2), measured(&b, 64, 2));
    let expected = values(METRICS, &generated, &reference);
    for size in [1, 7] {
        let (ours, theirs) = (measured(&a, size, 2), measured(&b, size, 2));
        assert_eq!(ours.activations, generated.activations, "batches of {size}");
        assert_eq!(ours.gaussian, generated.gaussian, "batches of {size}");
        assert_eq!(ours.inventory, generated.inventory, "batches of {size}");
        assert_eq!(values(METRICS, &ours, &theirs), expected, "batches of {size}");
    }
    for &metric in METRICS {
        let alone = values(&[metric], &generated, &reference);
        let together = expected.iter().filter(|(key, _)| alone.contains_key(*key));
        let together: BTreeMap<String, f64> = together.map(|(k, v)| (k.clone(), *v)).collect();
        assert_eq!(alone, together, "{}", metric.name());
    }
    // One thread for the networks and for the matrices; the other tests of this file run the program.
    bench_metrics::linear_algebra::set_threads(1);
    let one = values(METRICS, &measured(&a, 64, 1), &measured(&b, 64, 1));
    assert_close(&one, &expected, "one thread");
}

#[test]
fn the_order_of_files_on_the_disk_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let files = bench_tests::images_in(&root.join("a"));
    fs::create_dir(root.join("backwards")).unwrap();
    for file in files.iter().rev() {
        fs::copy(file, root.join("backwards").join(file.file_name().unwrap())).unwrap();
    }
    let (forwards, backwards) = (eval(root, &["a", "b"]), eval(root, &["backwards", "b"]));
    assert_eq!(forwards["metrics"], backwards["metrics"]);
}
