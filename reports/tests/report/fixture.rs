//! Runs made up for tests.

use std::path::Path;

use bench_reports::grid::sample_grid;
use bench_reports::history::{LossPoint, MetricPoint};
use bench_reports::record::{MetricValues, SCHEMA};
use bench_reports::run::SampleGrid;
use bench_reports::{Artifact, Record, Run, Status};

/// Metric values from pairs.
pub(crate) fn metrics(pairs: &[(&str, f64)]) -> MetricValues {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value)).collect()
}

/// A finished run without histories.
pub(crate) fn bare_run(variant: &str, dataset: &str, seed: u64, fid: f64) -> Run {
    Run {
        record: Record {
            schema: SCHEMA,
            suite: "baselines".to_owned(),
            variant: variant.to_owned(),
            dataset: dataset.to_owned(),
            seed,
            config_hash: format!("{seed:02x}c0ffee00112233"),
            budget: "quick".to_owned(),
            status: Status::Done,
            steps: 2000,
            images_seen: 128_000,
            protocol: "torch-fidelity".to_owned(),
            extractor: "bench-cnn-cifar10".to_owned(),
            extractor_sha256: "ab".repeat(32),
            n_generated: Some(2000),
            n_reference: Some(10_000),
            metrics: metrics(&[
                ("fid", fid),
                ("kid_mean", fid / 1000.0),
                ("kid_std", 0.0021),
                ("is_mean", 5.25),
                ("is_std", 0.125),
            ]),
            untrained: metrics(&[("fid", 412.5), ("is_mean", 1.01)]),
            wall_seconds: 63.25,
            device: "cpu".to_owned(),
            threads: 2,
            warnings: vec!["fid on 2000 samples is biased upwards".to_owned()],
            notes: vec!["embedded extractor".to_owned()],
            published_comparable: false,
            placements: Vec::new(),
        },
        losses: Vec::new(),
        metrics: Vec::new(),
        samples: None,
    }
}

/// A finished run with histories that look like training.
pub(crate) fn full_run(variant: &str, dataset: &str, seed: u64, fid: f64) -> Run {
    let mut run = bare_run(variant, dataset, seed, fid);
    let mut noise = Noise(seed * 7919 + variant.len() as u64);
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
                values: metrics(&[("fid", value)]),
            }
        })
        .collect();
    run.samples = Some(grid_of_noise(&mut noise, 64, 32));
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
