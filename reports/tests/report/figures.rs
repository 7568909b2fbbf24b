use std::collections::BTreeSet;

use bench_reports::figures::{DisturbanceCurve, disturbance_curves};
use bench_reports::{Artifact, ReportError, Run, render};

use crate::fixture::{
    bare_run, diverged, full_run, metrics, paths, real_images, results, text, with_setting,
};

/// Pixels across a figure for one column, and for both.
const WIDTHS: [u32; 2] = [1440, 2880];

/// Pixels at the edge of a figure that nothing may reach: what does is cut off.
const EDGE: u32 = 6;

/// Decodes every PNG and asserts that it is as wide as figures are and shows something.
fn assert_drawn(artifacts: &[Artifact]) {
    let mut pngs = 0;
    for artifact in artifacts {
        let name = artifact.path.display();
        match artifact.path.extension().and_then(|extension| extension.to_str()) {
            Some("png") => {
                pngs += 1;
                let image = image::load_from_memory(&artifact.bytes).expect("a PNG").to_rgb8();
                assert!(WIDTHS.contains(&image.width()), "{name}");
                assert!(image.height() > 200, "{name}");
                let inked = image.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
                assert!(inked > 3000, "{name}: {inked} pixels are not background");
                let (width, height) = image.dimensions();
                let at_edge =
                    |x, y| x < EDGE || y < EDGE || x >= width - EDGE || y >= height - EDGE;
                let clipped = image
                    .enumerate_pixels()
                    .any(|(x, y, pixel)| at_edge(x, y) && pixel.0 != [255; 3]);
                assert!(!clipped, "{name}: something reaches the edge");
            }
            Some("svg") => {
                let svg = std::str::from_utf8(&artifact.bytes).expect("UTF-8");
                assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            }
            _ => {}
        }
    }
    assert!(pngs > 0);
}

#[test]
fn every_kind_of_figure_is_drawn_and_named_after_its_runs() {
    let runs = [full_run("dcgan", "cifar10", 0, 38.0), full_run("wgan-gp", "cifar10", 0, 31.0)];
    let artifacts = render(&results(runs)).expect("a report");
    assert_drawn(&artifacts);
    let expected = [
        "figures/fid-bars-baselines-cifar10.png",
        "figures/fid-bars-baselines-cifar10.svg",
        "figures/fid-baselines-cifar10.png",
        "figures/fid-baselines-cifar10.svg",
        "figures/losses-baselines-cifar10-dcgan-s0.png",
        "figures/losses-baselines-cifar10-dcgan-s0.svg",
        "figures/samples-baselines-cifar10-dcgan-s0.png",
        "figures/samples-baselines-cifar10-wgan-gp-s0.png",
        "report.html",
    ];
    let paths = paths(&artifacts);
    for path in expected {
        assert!(paths.contains(&path.to_owned()), "no {path} in {paths:?}");
    }
}

#[test]
fn the_same_runs_give_the_same_bytes() {
    let runs = || [full_run("dcgan", "cifar10", 0, 38.0), full_run("dcgan", "cifar10", 1, 31.0)];
    assert!(
        render(&results(runs())).expect("a report") == render(&results(runs())).expect("a report")
    );
}

#[test]
fn figures_say_what_is_not_comparable() {
    let mut run = full_run("dcgan", "cifar10", 0, 38.0);
    let caveat = "Not comparable with published values: the extractor is the embedded one.";
    let artifacts = render(&results([run.clone()])).expect("a report");
    for figure in ["fid", "fid-bars"] {
        let svg = text(&artifacts, &format!("figures/{figure}-baselines-cifar10.svg"));
        assert!(
            svg.contains(caveat)
                && svg.contains("bench-cnn-cifar10")
                && svg.contains("n = 2000 vs 10000"),
            "{svg}"
        );
    }
    let losses = text(&artifacts, "figures/losses-baselines-cifar10-dcgan-s0.svg");
    assert!(!losses.contains("omparable"), "losses are compared with nothing published: {losses}");
    run.record.incomparable.clear();
    let artifacts = render(&results([run])).expect("a report");
    assert!(!text(&artifacts, "figures/fid-baselines-cifar10.svg").contains("omparable"));
}

#[test]
fn missing_metrics_are_neither_drawn_nor_written_as_zero() {
    let mut run = diverged(bare_run("dcgan", "cifar10", 0, f64::NAN), 700);
    run.record.untrained.clear();
    let artifacts = render(&results([run])).expect("a report");
    assert_drawn(&artifacts);
    assert!(text(&artifacts, "figures/fid-bars-baselines-cifar10.svg").contains("\ndiverged\n"));
    // There is no point at all for the curve.
    assert!(!paths(&artifacts).iter().any(|path| path.starts_with("figures/fid-baselines")));
}

#[test]
fn real_images_are_a_dashed_line_and_stretch_no_axis() {
    // 412.5 before training: with the real images' 3.15 the values would spread by more than a factor of ten.
    let runs =
        || vec![full_run("dcgan", "cifar10", 0, 60.0), full_run("acgan", "cifar10", 0, 90.0)];
    let mut with_real = runs();
    with_real.push(real_images("cifar10", 3.15));
    let artifacts = render(&results(with_real)).expect("a report");
    assert_drawn(&artifacts);
    for figure in ["fid", "fid-bars"] {
        let svg = text(&artifacts, &format!("figures/{figure}-baselines-cifar10.svg"));
        assert!(svg.contains("real images: 3.15") && !svg.contains("log scale"), "{svg}");
        assert!(!svg.contains("ground-truth"), "no bar and no curve in {svg}");
    }
    let alone = render(&results([real_images("cifar10", 3.15)])).expect("a report");
    assert!(!paths(&alone).iter().any(|path| path.starts_with("figures/")));
}

#[test]
fn two_settings_and_three_seeds_are_two_curves() {
    let runs = (0..3).flat_map(|seed| {
        let fid = 60.0 + seed as f64;
        let other = full_run("wgan-gp", "cifar10", seed, 2.0 * fid);
        [
            full_run("wgan-gp", "cifar10", seed, fid),
            with_setting(other, "recipe.discriminator_steps", "1"),
        ]
    });
    let artifacts = render(&results(runs)).expect("a report");
    assert_drawn(&artifacts);
    for figure in ["fid", "fid-bars"] {
        let svg = text(&artifacts, &format!("figures/{figure}-baselines-cifar10.svg"));
        assert!(svg.contains("\nseeds: mean"), "{svg}");
        for (steps, curves) in [("5)", 1), ("1)", 1)] {
            assert_eq!(svg.matches(&format!("steps {steps}")).count(), curves, "{svg}");
        }
    }
    let losses = paths(&artifacts)
        .into_iter()
        .filter(|path| path.contains("losses") && path.ends_with("png"));
    assert_eq!(losses.count(), 7, "six runs and both experiments together");
}

#[test]
fn a_diverged_run_keeps_its_curve_and_its_best_score() {
    let runs = [
        diverged(full_run("wgan", "cifar10", 0, 60.0), 1200),
        full_run("dcgan", "cifar10", 0, 60.0),
    ];
    let best = runs[0].record.best_metric("fid").expect("a best score");
    let artifacts = render(&results(runs)).expect("a report");
    assert_drawn(&artifacts);
    let bars = text(&artifacts, "figures/fid-bars-baselines-cifar10.svg");
    for part in [
        format!("best {best:.2}"),
        "wgan: diverged at step 1200; the pale bar is its best".to_owned(),
    ] {
        assert!(bars.contains(&part), "no {part} in {bars}");
    }
    let curves = text(&artifacts, "figures/fid-baselines-cifar10.svg");
    assert!(
        curves.contains("wgan: diverged at step 1200") && curves.contains("× where a run diverged"),
        "{curves}"
    );
    assert!(
        text(&artifacts, "figures/losses-baselines-cifar10-wgan-s0.svg")
            .contains("diverged at step 1200")
    );
}

#[test]
fn figures_are_of_the_leading_measure_and_named_after_it() {
    let runs = [("low", 2.5), ("high", 7.5)].map(|(name, score)| {
        let mut run = full_run(name, "cifar10", 0, 40.0);
        run.record.measures.rotate_right(1);
        run.record.metrics.insert("is_mean".to_owned(), score);
        run
    });
    let artifacts = render(&results(runs)).expect("a report");
    assert_drawn(&artifacts);
    let bars = text(&artifacts, "figures/is_mean-bars-baselines-cifar10.svg");
    assert!(bars.contains("Final IS on cifar10") && bars.contains("IS ↑"), "{bars}");
    assert!(bars.find("\nhigh\n") < bars.find("\nlow\n"), "best first in {bars}");
    assert!(paths(&artifacts).contains(&"figures/is_mean-baselines-cifar10.png".to_owned()));
}

#[test]
fn two_hundred_runs_are_drawn() {
    let runs = (0..200_u64).map(|index| {
        let fid = 20.0 + (index % 40) as f64;
        bare_run(&format!("variant-{}", index / 5), "cifar10", index % 5, fid)
    });
    let artifacts = render(&results(runs)).expect("a report");
    assert_drawn(&artifacts);
    assert_eq!(text(&artifacts, "tables/comparison.csv").lines().count(), 201);
    assert_eq!(text(&artifacts, "tables/by_variant.csv").lines().count(), 41);
}

#[test]
fn degenerate_runs_are_drawn() {
    let constant = |value: f64| {
        let mut run = full_run("constant", "cifar10", 0, value);
        for point in &mut run.losses {
            point.discriminator = Some(value);
            point.generator = Some(value);
        }
        for point in &mut run.metrics {
            point.values = metrics(&[("fid", value)]);
        }
        run.record.untrained = metrics(&[("fid", value)]);
        run
    };
    let one_point = || {
        let mut run = full_run("one-point", "cifar10", 0, 20.0);
        run.losses.truncate(1);
        run.metrics.truncate(1);
        run
    };
    let all_missing = || {
        let mut run = full_run("missing", "cifar10", 0, 20.0);
        for point in &mut run.losses {
            point.discriminator = None;
            point.generator = None;
        }
        run
    };
    let huge = || {
        let mut run = full_run("huge", "cifar10", 0, 1e30);
        for point in &mut run.losses {
            point.discriminator = point.discriminator.map(|loss| loss * 1e300);
        }
        run
    };
    let long = "a-variant-with-a-very-long-name-that-fits-no-column-and-no-legend-".repeat(4);
    let cases: Vec<Vec<Run>> = vec![
        vec![constant(0.0)],
        vec![constant(17.0)],
        vec![constant(-1e-12)],
        vec![one_point()],
        vec![all_missing()],
        vec![huge()],
        vec![full_run(&long, &long, 0, 20.0)],
        (0..20)
            .map(|index| {
                full_run(&format!("variant-{index}"), "cifar10", 0, 10.0 + f64::from(index))
            })
            .collect(),
    ];
    for runs in cases {
        assert_drawn(&render(&results(runs)).expect("a report"));
    }
}

#[test]
fn no_two_runs_share_a_file() {
    let mut other_budget = full_run("dcgan", "cifar10", 0, 30.0);
    other_budget.record.budget = "smoke".to_owned();
    let other_config =
        with_setting(full_run("dcgan", "cifar10", 0, 30.0), "recipe.batch_size", "8");
    let mut other_machine = full_run("dcgan", "cifar10", 0, 30.0);
    other_machine.record.device = "cuda:0".to_owned();
    let artifacts = render(&results([
        full_run("dcgan", "cifar10", 0, 30.0),
        other_budget,
        other_config,
        other_machine,
        full_run("a/b", "cifar10", 0, 30.0),
        full_run("a b", "cifar10", 0, 30.0),
        full_run("../../etc", "..", 0, 30.0),
    ]))
    .expect("a report");
    let paths = paths(&artifacts);
    assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "{paths:?}");
    for path in &paths {
        let depth = path.matches('/').count();
        assert!(depth <= 1 && !path.starts_with('/') && !path.contains(' '), "{path}");
    }
}

#[test]
fn a_sample_grid_that_is_no_png_is_an_error_that_names_it() {
    let mut run = full_run("dcgan", "cifar10", 0, 30.0);
    if let Some(samples) = &mut run.samples {
        samples.png.truncate(40);
    }
    let error = render(&results([run])).expect_err("refused");
    assert!(matches!(error, ReportError::Samples { .. }), "{error}");
    assert!(
        error.to_string().starts_with("samples/step-002000.png: not a readable PNG"),
        "{error}"
    );
}

#[test]
fn disturbances_are_panels_beside_each_other() {
    let curve = |name: &str, top: f64| DisturbanceCurve {
        name: name.to_owned(),
        levels: (0..=5).map(|level| level.to_string()).collect(),
        distances: (0..=5).map(|level| top * f64::from(level) / 5.0).collect(),
    };
    let five = [
        curve("Gaussian noise", 300.0),
        curve("Gaussian blur", 150.0),
        curve("black rectangles", 80.0),
        curve("swirl", 0.004),
        curve("salt and pepper", f64::NAN),
    ];
    let size = |curves: &[DisturbanceCurve]| {
        let png = disturbance_curves(curves, "FD", "extractor bench-cnn-cifar10, n = 10000")
            .expect("a figure");
        let image = image::load_from_memory(&png).expect("a PNG");
        (image.width(), image.height())
    };
    let (width, height) = size(&five);
    assert!(width > 3 * height, "{width} x {height}");
    assert!(size(&five[..1]).0 < width / 4);
    assert!(size(&[five.to_vec(), five.to_vec()].concat()).1 > height);
}

#[test]
fn disturbances_without_a_value_a_level_are_refused() {
    let curve = DisturbanceCurve {
        name: "swirl".to_owned(),
        levels: vec!["0".to_owned()],
        distances: vec![0.0, 1.0],
    };
    let error = disturbance_curves(&[curve], "FD", "").expect_err("refused");
    assert!(error.to_string().contains("swirl has 1 levels and 2 values"), "{error}");
    assert!(disturbance_curves(&[], "FD", "").is_err());
}
