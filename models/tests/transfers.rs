//! What goes between the host and the device: a step takes what it needs from the host in one upload, and the host reads nothing
//! of it. Losses come later, several steps' at once, and are the same.

mod small;

use std::fs;
use std::path::{Path, PathBuf};

use bench_models::augmentations::differentiable::DiffAugment;
use bench_models::device::Device;
use bench_models::images::LabelledImages;
use bench_models::optimizers::OptimizerConfig;
use bench_models::recipe::GeneratorLabels;
use bench_models::trainer::Losses;
use bench_models::transfers::{Transfers, made};
use bench_models::variants::{VARIANTS, Variant, find};
use bench_models::{ModelError, Recipe, Trainer};
use small::{CLASSES, SHAPE, data, small};

/// Everything that takes numbers from the host.
fn with_all_options() -> Recipe {
    Recipe {
        generator_labels: GeneratorLabels::Drawn,
        gradient_penalty: 1.0,
        dragan: 1.0,
        r1: 0.1,
        dropout: 0.3,
        flip: 0.5,
        sharpen: 0.5,
        saturation: 0.3,
        cutmix: 1.0,
        ema_decay: 0.9,
        diffaugment: DiffAugment::ALL.to_vec(),
        ..small(find("cdcgan").unwrap())
    }
}

fn cases() -> Vec<(String, &'static Variant, Recipe)> {
    let mut cases: Vec<_> = VARIANTS.iter().map(|&v| (v.name.to_owned(), v, small(v))).collect();
    let all = with_all_options();
    let adaptive = Recipe { ada_target: 0.6, ada_images: 30, ..all.clone() };
    cases.push(("all options".to_owned(), find("cdcgan").unwrap(), all));
    cases.push(("adaptive augmentation".to_owned(), find("cdcgan").unwrap(), adaptive));
    cases
}

fn trainer<'a>(
    variant: &Variant,
    recipe: &Recipe,
    (pixels, labels): &'a (Vec<u8>, Vec<u32>),
) -> Trainer<'a> {
    bench_models::device::set_threads(1);
    let data = LabelledImages::new(pixels, labels, SHAPE, CLASSES).unwrap();
    Trainer::new(variant, recipe.clone(), data, 1, Device::Cpu).unwrap()
}

#[test]
fn a_step_makes_one_upload_and_reads_nothing() {
    let data = data(24);
    for (name, variant, recipe) in cases() {
        let mut trainer = trainer(variant, &recipe, &data);
        for step in 1..=5 {
            let before = made();
            trainer.advance().unwrap();
            let expected = Transfers { uploads: before.uploads + 1, ..before };
            assert_eq!(made(), expected, "{name}, step {step}");
        }
        let before = made();
        assert_eq!(taken(&mut trainer).len(), 5, "{name}");
        assert_eq!(made(), Transfers { reads: before.reads + 1, ..before }, "{name}");
    }
}

/// The losses that were not taken before, by the numbers of their steps.
fn taken(trainer: &mut Trainer) -> Vec<(u64, Losses)> {
    let mut taken = Vec::new();
    trainer
        .take_losses(|step, losses| {
            taken.push((step, losses.clone()));
            Ok::<_, ModelError>(())
        })
        .unwrap();
    taken
}

#[test]
fn losses_of_several_steps_are_those_of_each() {
    let data = data(24);
    for (name, variant, recipe) in cases() {
        let mut one_by_one = trainer(variant, &recipe, &data);
        let expected: Vec<_> = (1..=4).map(|i| (i, one_by_one.train_step().unwrap())).collect();
        let mut together = trainer(variant, &recipe, &data);
        let mut found = Vec::new();
        for step in 1..=4 {
            together.advance().unwrap();
            if step == 3 {
                found.extend(taken(&mut together));
            }
        }
        found.extend(taken(&mut together));
        assert_eq!(found, expected, "{name}");
        assert_eq!(together.loss_parts().len(), found[0].1.parts.len(), "{name}");
    }
}

/// The steps that a run of ten takes before it diverges, its images until then and why, where losses are taken so many steps
/// at a time.
fn divergence(recipe: &Recipe, together: usize) -> (Vec<u64>, u64, u64, String) {
    let data = data(24);
    let mut trainer = trainer(find("dcgan").unwrap(), recipe, &data);
    let mut seen = Vec::new();
    loop {
        trainer.advance().unwrap();
        if trainer.untaken_losses() < together {
            continue;
        }
        let taken = trainer.take_losses(|step, _| {
            seen.push(step);
            Ok::<_, ModelError>(())
        });
        if let Err(error) = taken {
            return (seen, trainer.step(), trainer.images_seen(), error.to_string());
        }
        assert!(trainer.step() < 100, "it does not diverge");
    }
}

#[test]
fn divergence_is_found_where_it_was_however_late_it_is_looked_for() {
    let base = Recipe { discriminator_steps: 3, ..small(find("dcgan").unwrap()) };
    let explosive = OptimizerConfig::sgd(1e30);
    let of_discriminator = Recipe { discriminator_optimizer: explosive, ..base.clone() };
    let of_generator = Recipe {
        generator_optimizer: explosive,
        discriminator_optimizer: OptimizerConfig::sgd(1e-30),
        ..base
    };
    for (recipe, whose) in [(of_discriminator, "discriminator"), (of_generator, "")] {
        let at_once = divergence(&recipe, 1);
        let (seen, step, images, error) = &at_once;
        assert!(error.contains(whose) && error.contains(&format!("at step {step}")), "{error}");
        assert_eq!(*seen, (1..=*step).collect::<Vec<_>>());
        // Three updates of six images a step, and those of the step that diverged as far as it came.
        let more = images - step * 18;
        assert!((6..=18).contains(&more) && more.is_multiple_of(6), "{images} at {step}");
        for together in [2, 3, 25] {
            assert_eq!(divergence(&recipe, together), at_once, "{together} at a time");
        }
    }
}

/// All files of Rust below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    nested.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The counts would not tell of a transfer made elsewhere.
#[test]
fn training_makes_its_transfers_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let ways = [
        ".double_value(",
        ".int64_value(",
        "::try_from(&",
        "Tensor::from_slice(",
        ".to_device(",
        ".copy_data",
    ];
    for folder in ["augmentations", "networks", "optimizers", "regularizers", "trainer"] {
        let single = root.join(format!("{folder}.rs"));
        for path in sources(&root.join(folder)).into_iter().chain([single]) {
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap();
            for way in ways {
                assert!(!program.contains(way), "{}: {way}", path.display());
            }
        }
    }
}
