//! Images that are looked at beside each other: what they depend on, and what attention is told of.

use bench_models::images::{ImageShape, LabelledImages};
use bench_models::latents::Latent;
use bench_models::variants::find;
use bench_models::{Recipe, Trainer};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };

/// A freshly initialised run of `variant` with narrow networks, handed to `look`.
fn with_trainer(variant: &str, latent: Latent, look: impl FnOnce(&Trainer)) {
    tch::set_num_threads(1);
    let variant = find(variant).unwrap();
    let recipe = Recipe {
        generator_channels: 8,
        discriminator_channels: 8,
        latent_dim: 6,
        latent,
        ..(variant.recipe)()
    };
    let labels: Vec<u32> = (0..8).map(|i| i % 4).collect();
    let pixels = vec![90; labels.len() * SHAPE.len()];
    let data = LabelledImages::new(&pixels, &labels, SHAPE, 4).unwrap();
    let device = bench_models::device::Device::Cpu;
    look(&Trainer::new(variant, recipe, data, 3, device).unwrap());
}

/// The images of `pixels`.
fn images(pixels: &[u8]) -> Vec<&[u8]> {
    pixels.chunks_exact(SHAPE.len()).collect()
}

#[test]
fn images_of_labels_share_the_latents_of_their_row() {
    with_trainer("cdcgan", Latent::Normal, |trainer| {
        let draw = |row: u64, labels: &[u32]| trainer.sampler().of_labels(row, labels).unwrap();
        let two = draw(0, &[1, 2]);
        assert_eq!(draw(0, &[1, 2]), two);
        assert_eq!(images(&draw(0, &[1, 3, 2]))[0], images(&two)[0]);
        assert_ne!(images(&draw(0, &[2, 2]))[0], images(&two)[0]);
        assert_ne!(draw(1, &[1, 2]), two);
        // More than a batch.
        let many = draw(0, &[1; 130]);
        assert_eq!(images(&many).len(), 130);
        let scored = {
            let mut first = Vec::new();
            let sink = |pixels: &[u8]| -> Result<(), bench_models::ModelError> {
                first.extend_from_slice(pixels);
                Ok(())
            };
            trainer.sampler().of_class(1).unwrap().sample(1, sink).unwrap();
            first
        };
        assert_ne!(scored, images(&many)[0]);
    });
}

#[test]
fn interpolations_go_from_one_image_to_another() {
    for latent in [Latent::Normal, Latent::Uniform] {
        with_trainer("dcgan", latent, |trainer| {
            let row = |row: u64, count| trainer.sampler().interpolation(row, 0, count).unwrap();
            let (ten, two) = (row(0, 10), row(0, 2));
            let (ten, two) = (images(&ten), images(&two));
            assert_eq!((ten.len(), two.len()), (10, 2));
            assert_eq!([ten[0], ten[9]], [two[0], two[1]]);
            let step = |a: &[u8], b: &[u8]| -> i64 {
                a.iter().zip(b).map(|(&a, &b)| (i64::from(a) - i64::from(b)).pow(2)).sum()
            };
            let most = ten.windows(2).map(|pair| step(pair[0], pair[1])).max().unwrap();
            assert!(most < step(two[0], two[1]), "a step is as long as the whole way");
            assert_ne!(row(1, 2), row(0, 2));
            // One image is no way: it has its two ends.
            assert_eq!(row(0, 1), row(0, 2));
        });
    }
}

#[test]
fn attention_is_a_share_of_every_place_and_changes_no_image() {
    for variant in ["sagan32", "sadcgan-m1"] {
        with_trainer(variant, Latent::Normal, |trainer| {
            let sampler = trainer.sampler();
            let maps = sampler.attention(0, &[0, 1, 2]).unwrap().unwrap();
            assert_eq!(maps.pixels, sampler.of_labels(0, &[0, 1, 2]).unwrap(), "{variant}");
            let (queries, keys) = (maps.query_side.pow(2), maps.key_side.pow(2));
            assert_eq!(maps.weights.len(), 3 * queries * keys);
            assert_eq!(maps.query_side, 2 * maps.key_side, "{variant}: keys are pooled");
            for (i, query) in [(0, 0), (2, queries - 1)] {
                let sum: f32 = maps.map(i, query).iter().sum();
                assert!((sum - 1.0).abs() < 1e-4, "{variant}: {sum}");
            }
        });
    }
    with_trainer("dcgan", Latent::Normal, |trainer| {
        assert!(trainer.sampler().attention(0, &[0]).unwrap().is_none());
    });
}
