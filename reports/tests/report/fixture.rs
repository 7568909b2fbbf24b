//! Runs made up for tests.

use std::path::Path;

use bench_reports::grid::sample_grid;
use bench_reports::history::{LossPoint, MetricPoint};
use bench_reports::origin::Origin;
use bench_reports::record::{Best, Direction, Kind, Measure, MetricValues, SCHEMA};
use bench_reports::run::SampleGrid;
use bench_reports::{Artifact, Record, Results, Run, Status};

/// Metric values from pairs.
pub(crate) fn metrics(pairs: &[(&str, f64)]) -> MetricValues {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value)).collect()
}

/// The measures of a run that is scored as the program scores by default.
pub(crate) fn measures() -> Vec<Measure> {
    let measure =
        |key: &str, title: &str, direction, decimals, spread: Option<&str>, further: &[&str]| {
            Measure {
                key: key.to_owned(),
                title: title.to_owned(),
                published_title: None,
                unit: String::new(),
                direction,
                decimals,
                spread: spread.map(str::to_owned),
                further: further.iter().map(|key| (*key).to_owned()).collect(),
            }
        };
    vec![
        measure("fid", "FID", Direction::LowerIsBetter, 2, None, &[]),
        measure("kid_mean", "KID", Direction::LowerIsBetter, 4, Some("kid_std"), &["kid_se"]),
        measure("is_mean", "IS", Direction::HigherIsBetter, 2, Some("is_std"), &[]),
    ]
}

/// All that is scored by default, around a FID.
fn scores(fid: f64) -> MetricValues {
    metrics(&[
        ("fid", fid),
        ("kid_mean", fid / 1000.0),
        ("kid_std", 0.0021),
        ("kid_se", 0.0004),
        ("is_mean", 5.25),
        ("is_std", 0.125),
    ])
}

/// A finished run without histories.
pub(crate) fn bare_run(name: &str, dataset: &str, seed: u64, fid: f64) -> Run {
    let settings = [
        ("variant", name),
        ("dataset", dataset),
        ("image_size", "32"),
        ("evaluation.every", "250"),
        ("evaluation.split", "train"),
        ("recipe.batch_size", "64"),
        ("recipe.discriminator_steps", "5"),
        ("recipe.generator_optimizer.lr", "0.0002"),
        ("recipe.discriminator_optimizer.lr", "0.0002"),
    ];
    let mut run = Run {
        folder: format!("baselines/{name}-s{seed}"),
        record: Record {
            schema: SCHEMA,
            kind: Kind::Run,
            suite: "baselines".to_owned(),
            name: name.to_owned(),
            variant: name.to_owned(),
            dataset: dataset.to_owned(),
            dataset_sha256: "cd".repeat(32),
            split: "train".to_owned(),
            image_size: 32,
            seed,
            experiment: String::new(),
            settings: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            budget: "quick".to_owned(),
            status: Status::Done,
            steps: 2000,
            images_seen: 128_000,
            protocol: "torch-fidelity".to_owned(),
            extractor: "bench-cnn-cifar10".to_owned(),
            extractor_sha256: "ab".repeat(32),
            n_generated: Some(2000),
            n_reference: Some(10_000),
            generated_sha256: Some("ef".repeat(32)),
            measures: measures(),
            metrics: scores(fid),
            untrained: metrics(&[("fid", 412.5), ("is_mean", 1.01)]),
            best: Some(Best { step: 1750, by: "fid".to_owned(), metrics: scores(fid - 0.5) }),
            wall_seconds: 63.25,
            device: "cpu".to_owned(),
            threads: 2,
            warnings: vec!["fid on 2000 samples is biased upwards".to_owned()],
            notes: vec!["resumed at step 1000".to_owned()],
            incomparable: vec!["the extractor is the embedded one".to_owned()],
            placements: Vec::new(),
        },
        losses: Vec::new(),
        metrics: Vec::new(),
        samples: None,
        grids: Vec::new(),
        pictures: Default::default(),
        origin: Origin {
            version: Some("0.1.0".to_owned()),
            binary_sha256: Some("ef".repeat(32)),
            dataset_provenance: Some("the official files".to_owned()),
            convolutions: Some("winograd".to_owned()),
            config_sha256: Some("12".repeat(32)),
        },
    };
    run.record.experiment = experiment(&run.record);
    run
}

/// The hash of all that decides a result but the seed; any will do here that differs where settings do.
fn experiment(record: &Record) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in format!("{:?}", record.settings).bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}").repeat(4)
}

/// The run under another setting, which makes it another experiment.
pub(crate) fn with_setting(mut run: Run, key: &str, value: &str) -> Run {
    run.record.settings.insert(key.to_owned(), value.to_owned());
    run.record.experiment = experiment(&run.record);
    run
}

/// The run as one that diverged at a step, of which the best evaluation is left.
pub(crate) fn diverged(mut run: Run, step: u64) -> Run {
    run.record.status = Status::Diverged;
    run.record.steps = step;
    run.record.metrics.clear();
    run.metrics.retain(|point| point.step <= step);
    run.losses.retain(|point| point.step <= step);
    run.record.best = best(&run.metrics);
    run
}

fn best(history: &[MetricPoint]) -> Option<Best> {
    let trained = history.iter().filter(|point| point.step > 0);
    let best = trained.min_by(|a, b| a.values["fid"].total_cmp(&b.values["fid"]))?;
    Some(Best { step: best.step, by: "fid".to_owned(), metrics: best.values.clone() })
}

/// Real images scored as the runs were.
pub(crate) fn real_images(dataset: &str, fid: f64) -> Run {
    let mut run = bare_run("ground-truth", dataset, 0, fid);
    let record = &mut run.record;
    record.kind = Kind::RealImages;
    record.variant = "train-images".to_owned();
    (record.steps, record.images_seen) = (0, 0);
    record.untrained.clear();
    record.best = None;
    run
}

/// Results without published tables.
pub(crate) fn results(runs: impl IntoIterator<Item = Run>) -> Results {
    Results { runs: runs.into_iter().collect(), ..Results::default() }
}

/// A finished run with histories that look like training.
pub(crate) fn full_run(name: &str, dataset: &str, seed: u64, fid: f64) -> Run {
    let mut run = bare_run(name, dataset, seed, fid);
    let mut noise = Noise(seed * 7919 + name.len() as u64);
    run.losses = (1..=2000)
        .map(|step| {
            let decay = (-f64::from(step) / 400.0).exp();
            LossPoint {
                step: step as u64,
                discriminator: Some(0.9 + 0.5 * decay + 0.35 * noise.next()),
                generator: Some(2.4 - 1.6 * decay + 0.9 * noise.next()),
                parts: Default::default(),
            }
        })
        .collect();
    run.metrics = (0..=8)
        .map(|index| {
            let share = f64::from(index) / 8.0;
            let value = 412.5
                * (fid / 412.5).powf(share.sqrt())
                * (1.0 + 0.05 * noise.next() * share * (1.0 - share));
            MetricPoint {
                step: index as u64 * 250,
                images_seen: index as u64 * 16_000,
                values: scores(value),
                n_generated: run.record.n_generated,
                n_reference: run.record.n_reference,
            }
        })
        .collect();
    if let Some(last) = run.metrics.last_mut() {
        last.values = run.record.metrics.clone();
    }
    run.record.best = best(&run.metrics);
    run.samples = Some(grid_of_noise(&mut noise, 64, 32));
    run
}

/// The run with three sample grids on the disk, below `dir`; the same for every run.
pub(crate) fn filmed(mut run: Run, dir: &Path) -> Run {
    std::fs::create_dir_all(dir).expect("a folder");
    run.grids = [0, 1000, 2000].map(|step| (step, dir.join(format!("step-{step:06}.png")))).into();
    for (step, path) in run.grids.iter().filter(|(_, path)| !path.exists()) {
        // Written beside and renamed, for tests run at once.
        let beside = tempfile::NamedTempFile::new_in(dir).expect("a file");
        std::fs::write(&beside, grid_of_noise(&mut Noise(*step), 64, 32).png).expect("a grid");
        beside.persist(path).expect("a grid");
    }
    run
}

/// The content of one file of a report.
pub(crate) fn text(artifacts: &[Artifact], path: &str) -> String {
    let artifact = artifacts.iter().find(|artifact| artifact.path == Path::new(path));
    let artifact = artifact.unwrap_or_else(|| panic!("no {path} among {:?}", paths(artifacts)));
    String::from_utf8(artifact.bytes.clone()).expect("a text file is UTF-8")
}

/// The files of a report, by path.
pub(crate) fn paths(artifacts: &[Artifact]) -> Vec<String> {
    artifacts.iter().map(|artifact| artifact.path.display().to_string()).collect()
}

fn grid_of_noise(noise: &mut Noise, n: usize, side: usize) -> SampleGrid {
    let mut pixels = Vec::new();
    for _ in 0..n {
        let colour = [noise.next(), noise.next(), noise.next()];
        for y in 0..side {
            for x in 0..side {
                let shade = ((x + y) as f64 / (2 * side) as f64 - 0.5) * 0.8;
                for channel in colour {
                    pixels.push(((channel * 0.5 + 0.5 + shade) * 255.0).clamp(0.0, 255.0) as u8);
                }
            }
        }
    }
    SampleGrid {
        step: 2000,
        path: "samples/step-002000.png".into(),
        png: sample_grid(&pixels, n, side, side, 3, 8).expect("a grid of noise"),
    }
}

/// A linear congruential generator (Knuth's MMIX constants), uniform in `[-1, 1)`.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
