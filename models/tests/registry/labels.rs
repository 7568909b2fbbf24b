//! Labels that images are drawn by: one class, or the shares of the training images.

use super::*;

#[test]
fn a_sampler_of_one_class_draws_that_class() {
    let data = Data::new();
    let mut trainer = trainer(find("cdcgan").unwrap(), &data, 2);
    trainer.train_step().unwrap();
    let mixed = samples(trainer.sampler(), 12);
    let labels: Vec<u32> = (0..12).map(|i| trainer.sampler().label(i)).collect();
    for class in 0..CLASSES as u32 {
        let sampler = trainer.sampler().of_class(class).unwrap();
        assert!((0..12).all(|i| sampler.label(i) == class));
        let alone = samples(sampler, 12);
        let image = |images: &[u8], i: usize| images[i * SHAPE.len()..][..SHAPE.len()].to_vec();
        // The same latents: images that are of the class anyway are the same, and others are not.
        for (i, &label) in labels.iter().enumerate() {
            let same = image(&alone, i) == image(&mixed, i);
            assert_eq!(same, label == class, "class {class}, image {i}");
        }
    }
    let error = trainer.sampler().of_class(CLASSES as u32).err().unwrap().to_string();
    assert!(error.contains("`class` = 4"), "{error}");
}

/// Three quarters of the images are of class 0, none of class 2, and classes 1 and 3 share the rest.
#[test]
fn classes_are_drawn_in_their_shares_and_absent_ones_never() {
    let mut data = Data::new();
    data.labels = (0..40).map(|i| [0, 0, 0, 0, 0, 0, 1, 3][i % 8]).collect();
    let variant = find("cdcgan").unwrap();
    let mut trainer = trainer(variant, &data, 2);
    trainer.train_step().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    trainer.save(&path).unwrap();
    let device = bench_models::device::Device::Cpu;
    let trained = TrainedGenerator::load(variant, small(variant), &path, device).unwrap();

    let drawn: Vec<u32> = (0..4000).map(|i| trainer.sampler().label(i)).collect();
    for (class, share) in [(0, 0.75), (1, 0.125), (2, 0.0), (3, 0.125)] {
        let measured = drawn.iter().filter(|&&label| label == class).count() as f64 / 4000.0;
        // Five standard errors; none of a share of 0.
        let error = 5.0 * (share * (1.0 - share) / 4000.0_f64).sqrt();
        assert!((measured - share).abs() <= error, "class {class}: {measured}");
    }
    assert!((0..4000).all(|i| trained.sampler(2).label(i) == drawn[i as usize]));
    for sampler in [trainer.sampler(), trained.sampler(2)] {
        let error = sampler.of_class(2).err().unwrap().to_string();
        assert!(error.contains("no training image"), "{error}");
    }

    let grid = trainer.sampler().grid(2, 4).unwrap();
    let cell = |grid: &[u8], i: usize| grid[i * SHAPE.len()..][..SHAPE.len()].to_vec();
    for (column, class) in [0, 1, 3, 0].into_iter().enumerate() {
        let alone = trainer.sampler().of_class(class).unwrap().grid(2, 4).unwrap();
        for i in [column, 4 + column] {
            assert_eq!(cell(&grid, i), cell(&alone, i), "column {column}");
        }
    }
}

/// Checkpoints without counts are those of runs that drew all classes alike.
#[test]
fn a_checkpoint_without_class_counts_gives_even_shares() {
    let mut data = Data::new();
    data.labels = vec![1; 40];
    let variant = find("cdcgan").unwrap();
    let trainer = trainer(variant, &data, 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    trainer.save(&path).unwrap();
    let mut tensors = bench_models::checkpoint::read(&path).unwrap();
    assert!(tensors.remove("class_counts").is_some());
    bench_models::checkpoint::write(&tensors, &path).unwrap();
    let device = bench_models::device::Device::Cpu;
    let trained = TrainedGenerator::load(variant, small(variant), &path, device).unwrap();
    let sampler = trained.sampler(2);
    let drawn: BTreeSet<u32> = (0..100).map(|i| sampler.label(i)).collect();
    assert!(drawn.into_iter().eq(0..CLASSES as u32));
}
