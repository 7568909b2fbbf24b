//! What losses consist of: the parts add up, and every run names those that it has.

mod small;

use std::collections::{BTreeMap, BTreeSet};

use bench_models::images::LabelledImages;
use bench_models::losses::Loss;
use bench_models::optimizers::OptimizerConfig;
use bench_models::variants::{VARIANTS, Variant, find};
use bench_models::{Recipe, Trainer};
use small::{CLASSES, SHAPE, data, small};

/// The losses of some steps of a run, each part under its name.
struct Recorded {
    names: Vec<&'static str>,
    rows: Vec<(f64, f64, BTreeMap<&'static str, f64>)>,
}

fn record(variant: &Variant, recipe: Recipe, steps: usize) -> Recorded {
    bench_models::device::set_threads(1);
    let (pixels, labels) = data(12);
    let data = LabelledImages::new(&pixels, &labels, SHAPE, CLASSES).unwrap();
    let device = bench_models::device::Device::Cpu;
    let mut trainer = Trainer::new(variant, recipe, data, 1, device).unwrap();
    let names = trainer.loss_parts().to_vec();
    let rows = (0..steps)
        .map(|_| {
            let losses = trainer.train_step().unwrap();
            assert_eq!(losses.parts.len(), names.len(), "{}", variant.name);
            let parts = names.iter().copied().zip(losses.parts).collect();
            (losses.discriminator, losses.generator, parts)
        })
        .collect();
    Recorded { names, rows }
}

/// Both are sums of the same numbers in f32, in another order.
fn assert_close(sum: f64, whole: f64, case: &str) {
    assert!((sum - whole).abs() <= 1e-5 * (1.0 + whole.abs()), "{case}: {sum} {whole}");
}

/// The parts of both losses, with 0 for what a run has not.
fn assert_sums(case: &str, recorded: &Recorded) {
    for (discriminator, generator, parts) in &recorded.rows {
        let part = |name: &str| parts.get(name).copied().unwrap_or(0.0);
        let terms = ["loss_d_real", "loss_d_fake", "loss_d_class", "penalty"];
        assert_close(terms.map(part).iter().sum(), *discriminator, case);
        if parts.contains_key("loss_g_class") {
            assert_close(part("loss_g_adversarial") + part("loss_g_class"), *generator, case);
        }
    }
}

#[test]
fn the_parts_of_every_variant_add_up() {
    for variant in VARIANTS {
        let recipe = small(variant);
        let recorded = record(variant, recipe.clone(), 2);
        let names: BTreeSet<_> = recorded.names.iter().copied().collect();
        assert_eq!(names.len(), recorded.names.len(), "{}: a name occurs twice", variant.name);
        assert_sums(variant.name, &recorded);
        let penalised = recipe.gradient_penalty + recipe.dragan + recipe.r1 > 0.0;
        assert_eq!(names.contains("penalty"), penalised, "{}", variant.name);
        assert_eq!(names.contains("gradient_norm"), penalised, "{}", variant.name);
        assert_eq!(names.contains("loss_d_class"), variant.name == "acgan", "{}", variant.name);
    }
}

#[test]
fn all_terms_at_once_add_up_and_a_weight_of_0_has_no_column() {
    let acgan = find("acgan").unwrap();
    let everything = Recipe {
        accumulate: 2,
        loss: Loss::Hinge,
        gradient_penalty: 2.0,
        dragan: 0.5,
        r1: 0.3,
        class_weight: 0.7,
        ada_target: 0.6,
        ..small(acgan)
    };
    let recorded = record(acgan, everything, 3);
    assert_sums("everything", &recorded);
    assert_eq!(
        recorded.names,
        [
            "loss_d_real",
            "loss_d_fake",
            "loss_d_class",
            "penalty",
            "gradient_norm",
            "score_real",
            "score_fake",
            "loss_g_adversarial",
            "loss_g_class",
            "ada_p"
        ]
    );
    let plain = record(acgan, Recipe { class_weight: 0.0, ..small(acgan) }, 1);
    assert_eq!(plain.names, ["loss_d_real", "loss_d_fake", "score_real", "score_fake"]);
}

/// The parts by their definitions, where the whole gives them away: a critic's loss is the
/// difference of its mean scores, and R1 without augmentation the mean square of the norms.
#[test]
fn parts_are_what_they_are_called() {
    let wgan = find("wgan").unwrap();
    for (_, generator, parts) in record(wgan, small(wgan), 2).rows {
        assert_close(parts["loss_d_real"], -parts["score_real"], "real");
        assert_close(parts["loss_d_fake"], parts["score_fake"], "fake");
        assert!(generator.is_finite());
    }
    let dcgan = find("dcgan").unwrap();
    let one_image = Recipe { batch_size: 1, r1: 0.2, discriminator_channels: 4, ..small(dcgan) };
    for (.., parts) in record(dcgan, one_image, 2).rows {
        assert_close(parts["penalty"], 0.2 * parts["gradient_norm"].powi(2), "R1 of one image");
    }
}

/// Figure 8 of Bhope et al. 2019 shows the discriminator's loss on real images by optimiser; the
/// report of Oh shows both losses of every run.
#[test]
fn the_reports_figures_have_their_columns() {
    let dcgan = find("dcgan").unwrap();
    let optimizers = [
        OptimizerConfig::adadelta(1.0),
        OptimizerConfig::adagrad(0.01),
        OptimizerConfig::adam(2e-4, 0.5, 0.999),
        OptimizerConfig::rms_prop(5e-5),
        OptimizerConfig::sgd(0.01),
    ];
    let curves = optimizers.map(|optimizer| {
        let recipe = Recipe {
            generator_optimizer: optimizer,
            discriminator_optimizer: optimizer,
            ..small(dcgan)
        };
        let recorded = record(dcgan, recipe, 3);
        recorded.rows.iter().map(|(.., parts)| parts["loss_d_real"]).collect::<Vec<_>>()
    });
    // The first step is taken from the same networks on the same images.
    assert!(curves.iter().all(|curve| curve[0] == curves[0][0] && curve[0] > 0.0), "{curves:?}");
    assert!(curves[1..].iter().all(|curve| curve[2] != curves[0][2]), "{curves:?}");

    for variant in VARIANTS.iter().filter(|v| v.source.starts_with("Oh ")) {
        let names = record(variant, small(variant), 1).names;
        for name in ["loss_d_real", "loss_d_fake", "score_real", "score_fake"] {
            assert!(names.contains(&name), "{}: no {name}", variant.name);
        }
    }
}
