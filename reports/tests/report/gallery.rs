//! Leaves reports of made-up runs under `target/tmp/gallery/`, for eyes: whether a figure is good, only they can tell.

use std::path::Path;

use bench_reports::figures::{DisturbanceCurve, disturbance_curves};
use bench_reports::{Results, Run, Status, render};

use crate::fixture::{bare_run, diverged, full_run, real_images, results, with_setting};

#[test]
fn reports_of_made_up_runs_are_written_to_be_looked_at() -> Result<(), Box<dyn std::error::Error>> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");

    let three = [
        full_run("acgan", "cifar10", 0, 44.0),
        full_run("dcgan", "cifar10", 0, 38.0),
        full_run("wgan-gp", "cifar10", 0, 61.0),
        real_images("cifar10", 3.15),
    ];
    write(&dir.join("three"), &results(three))?;

    let mut seeds: Vec<Run> = Vec::new();
    for seed in 0..5 {
        let offset = 4.0 * seed as f64;
        seeds.push(full_run("dcgan", "cifar10", seed, 138.0 + offset));
        seeds.push(full_run("wgan-gp", "cifar10", seed, 121.0 - offset));
        seeds.push(few_steps(full_run("wgan-gp", "cifar10", seed, 160.0 - 2.0 * offset)));
    }
    seeds.push(diverged(full_run("lsgan", "cifar10", 0, 90.0), 1200));
    seeds.push(diverged(full_run("sagan", "cifar10", 0, 110.0), 900));
    seeds.push(full_run("sagan", "cifar10", 1, 117.0));
    let mut unscored = bare_run("wgan", "cifar10", 0, f64::NAN);
    unscored.record.status = Status::Failed;
    unscored.record.best = None;
    seeds.push(unscored);
    seeds.push(real_images("cifar10", 3.15));
    write(&dir.join("seeds"), &results(seeds))?;

    let two = (0..2).flat_map(|seed| {
        let offset = 40.0 * seed as f64;
        [
            full_run("dcgan", "cifar10", seed, 60.0 + offset),
            few_steps(full_run("dcgan", "cifar10", seed, 48.0)),
        ]
    });
    write(&dir.join("two"), &results(two))?;

    let many: Vec<Run> = (0..20)
        .map(|index| {
            let name = if index % 5 == 0 {
                format!(
                    "variant-{index}-with-spectral-normalisation-and-differentiable-augmentation"
                )
            } else {
                format!("variant-{index}")
            };
            full_run(&name, "fashion-mnist", 0, 10.0 + 9.0 * f64::from(index))
        })
        .collect();
    write(&dir.join("many"), &results(many))?;

    let mut spiky = full_run("wgan", "mnist", 0, 52.0);
    for (index, point) in spiky.losses.iter_mut().enumerate() {
        point.discriminator =
            point.discriminator.map(|loss| -8.0 * loss + if index == 700 { 900.0 } else { 0.0 });
        if (1200..1300).contains(&index) {
            point.generator = None;
        }
    }
    let mut short = full_run("short", "mnist", 0, 52.0);
    short.losses.truncate(12);
    short.metrics.truncate(1);
    short.record.steps = 12;
    write(&dir.join("odd"), &results([spiky, short]))?;

    let curve = |name: &str, top: f64, power: f64| DisturbanceCurve {
        name: name.to_owned(),
        levels: (0..=5).map(|level| level.to_string()).collect(),
        distances: (0..=5).map(|level| top * (f64::from(level) / 5.0).powf(power)).collect(),
    };
    let curves = [
        curve("Gaussian noise", 312.0, 1.3),
        curve("Gaussian blur", 188.0, 0.8),
        curve("black rectangles", 84.0, 1.0),
        curve("swirl", 45.0, 2.0),
        curve("salt and pepper", 3.4, 0.7),
    ];
    let subtitle = "extractor bench-cnn-cifar10, cifar10 test against train, n = 10000 vs 50000";
    std::fs::write(dir.join("disturbances.png"), disturbance_curves(&curves, "FD", subtitle)?)?;
    Ok(())
}

fn few_steps(run: Run) -> Run {
    with_setting(run, "recipe.discriminator_steps", "1")
}

fn write(dir: &Path, results: &Results) -> Result<(), Box<dyn std::error::Error>> {
    for artifact in render(results)? {
        let path = dir.join(&artifact.path);
        std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
        std::fs::write(path, &artifact.bytes)?;
    }
    Ok(())
}
