//! Trainable parameters of the variants, counted by hand.

use super::*;

#[test]
fn parameter_counts_are_those_of_the_architecture() {
    // Counted by hand, for 10 classes and the source's image size.
    for (name, generator, discriminator) in expected_parameter_counts() {
        let variant = find(name).unwrap();
        let dimensions = Dimensions { size: variant.image_size.into(), channels: 3, classes: 10 };
        let counts = variant.parameter_counts(dimensions);
        assert_eq!(counts, (generator, discriminator), "{name}");
    }
}

/// Kernels of 4x4, two values a batch-norm channel, biases where no norm follows.
fn expected_parameter_counts() -> Vec<(&'static str, u64, u64)> {
    let conv = |inputs: u64, outputs: u64| 16 * inputs * outputs;
    let dcgan = |z: u64| {
        conv(z, 256) + 2 * 256 + conv(256, 128) + 2 * 128 + conv(128, 64) + 2 * 64 + conv(64, 3) + 3
    };
    let trunk = conv(3, 64) + 64 + conv(64, 128) + 2 * 128 + conv(128, 256) + 2 * 256;
    let realness = conv(256, 1) + 1;

    // Residual networks: 3x3 and 1x1 convolutions with biases.
    let block = |inputs: u64, outputs: u64| {
        let conv3 = |i: u64, o: u64| 9 * i * o + o;
        conv3(inputs, outputs) + conv3(outputs, outputs) + inputs * outputs + outputs
    };
    let stem = 128 * 16 * 256 + 16 * 256;
    let image = 2 * 256 + 9 * 256 * 3 + 3;
    let embedded_norm = 10 * 256 + 2 * (256 * 256 + 256);
    let residual = stem + 3 * (block(256, 256) + 2 * embedded_norm) + image;
    let projection = block(3, 128) + 3 * block(128, 128) + 128 + 10 * 128;
    // 1x1 convolutions with biases to C/8, C/8, C/2 and back, and gamma.
    let attention = |c: u64| 2 * (c * c / 8 + c / 8) + (c * c / 2 + c / 2) + (c / 2 * c + c) + 1;
    let table_norm = 2 * 10 * 256;
    let sagan = stem + 3 * (block(256, 256) + 2 * table_norm) + image + attention(256);

    let mut expected = vec![
        ("dcgan", dcgan(100), trunk + realness),
        ("wgan-gp", dcgan(128), trunk + realness),
        ("acgan", dcgan(110), trunk + realness + conv(256, 10) + 10),
        // Stated for the printed modules; gamma comes on top.
        ("dcgan64", 12_658_435, 2_765_633),
        ("sagan64", 1_516_059 + 1, 217_865 + 1),
        ("sagan32", sagan, projection + attention(128)),
    ];
    for name in ["cdcgan", "cdcgan-r1", "cdcgan-sn", "cdcgan-hinge"] {
        expected.push((name, 1_217_792, 674_560));
    }
    for variant in VARIANTS.iter().filter(|v| v.name.starts_with("sngan-proj")) {
        expected.push((variant.name, residual, projection));
    }
    expected
}
