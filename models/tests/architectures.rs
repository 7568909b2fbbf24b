//! Parameter counts of the networks that reports 001, 003 and 004 describe, counted by hand.

use bench_models::Trainer;
use bench_models::images::{ImageShape, LabelledImages};

/// Weights and biases of a dense layer.
fn dense(inputs: u64, outputs: u64) -> u64 {
    inputs * outputs + outputs
}

/// Weights of a convolution, without biases.
fn conv(kernel: u64, inputs: u64, outputs: u64) -> u64 {
    kernel * kernel * inputs * outputs
}

/// Weights and biases of a 3x3 convolution.
fn conv3(inputs: u64, outputs: u64) -> u64 {
    conv(3, inputs, outputs) + outputs
}

/// Weights and biases of a 4x4 convolution.
fn conv4(inputs: u64, outputs: u64) -> u64 {
    conv(4, inputs, outputs) + outputs
}

/// Queries and keys of an eighth, values of half the channels, four 1x1 convolutions and gamma.
fn attention(channels: u64) -> u64 {
    2 * dense(channels, channels / 8)
        + dense(channels, channels / 2)
        + dense(channels / 2, channels)
        + 1
}

/// Gain and offset.
fn norm(channels: u64) -> u64 {
    2 * channels
}

/// Layers between these numbers of channels.
fn chain(channels: &[u64], layer: fn(u64, u64) -> u64) -> u64 {
    channels.windows(2).map(|pair| layer(pair[0], pair[1])).sum()
}

fn counts(name: &str) -> (u64, u64) {
    let pixels = vec![0; 10 * 32 * 32 * 3];
    let labels: Vec<u32> = (0..10).collect();
    let shape = ImageShape { height: 32, width: 32, channels: 3 };
    let data = LabelledImages::new(&pixels, &labels, shape, 10).unwrap();
    let device = bench_models::device::Device::Cpu;
    let variant = bench_models::variants::find(name).unwrap();
    Trainer::new(variant, (variant.recipe)(), data, 0, device).unwrap().parameter_counts()
}

#[test]
fn parameter_counts_at_32x32_are_those_of_the_architectures() {
    let z = 128;
    let down = |channels: &[u64], side: u64| {
        chain(channels, conv3) + dense(channels[channels.len() - 1] * side * side, 1)
    };
    let norms = |channels: &[u64]| channels.iter().map(|&c| norm(c)).sum::<u64>();
    let four = [3, 64, 128, 256, 512];
    let four_norm = down(&four, 2) + norms(&four[2..]);
    let label_planes = 10 * 32 * 32;
    let four_labels = down(&[4, 64, 128, 256, 512], 2) + label_planes;

    let from_8x8 = dense(z, 128 * 64) + norms(&[128, 64, 32]) + conv3(32, 3);
    let m3 = from_8x8 + chain(&[128, 64, 32], conv3);
    let from_4x4 = dense(z, 256 * 16) + norms(&[256, 256, 128, 64]) + conv3(64, 3);
    let m4_slopes = 256 + 256 + 128 + 64;
    let cgan = dense(z + 10, 256 * 16) + chain(&[256, 128, 128, 128], conv4) + conv3(128, 3);
    let cgan_norms = norms(&[256, 128, 128, 128]);
    let sadcgan = from_4x4 + chain(&[256, 256, 128, 64], conv4) + attention(128);
    let plain = dense(z, 256 * 16) + chain(&[256, 128, 128, 128], conv3) + conv3(128, 3);

    let hw = (
        100 * 256 * 16
            + norms(&[256, 128, 128, 128])
            + chain(&[256, 128, 128, 128], |i, o| conv(4, i, o))
            + conv3(128, 3),
        conv3(3, 64)
            + chain(&[64, 128, 128, 256], |i, o| conv(3, i, o))
            + norms(&[128, 128, 256])
            + dense(256 * 16, 1),
    );
    let deep = (
        conv(4, 100, 1024)
            + chain(&[1024, 512, 256], |i, o| conv(4, i, o))
            + norms(&[1024, 512, 256])
            + conv4(256, 3),
        conv4(3, 256)
            + chain(&[256, 512, 1024], |i, o| conv(4, i, o))
            + norms(&[512, 1024])
            + conv4(1024, 1),
    );
    for (name, generator, discriminator) in [
        ("dcgan-m1", plain, down(&[3, 64, 128, 256], 4)),
        ("dcgan-m2", from_8x8 + chain(&[128, 64, 32], conv4), down(&[3, 64, 128], 8)),
        ("dcgan-m3", m3, down(&[3, 64, 128], 8)),
        ("dcgan-m3-improved", m3, down(&[3, 64, 128], 8)),
        (
            "dcgan-m4",
            from_4x4 + chain(&[256, 256, 128, 64], conv3) + m4_slopes,
            down(&[3, 64, 128, 256], 4),
        ),
        (
            "dcgan-m5",
            dense(z, 256 * 16)
                + norms(&[256, 128, 64])
                + chain(&[256, 128, 64, 64], conv3)
                + conv3(64, 3),
            down(&[3, 64, 128, 256], 4),
        ),
        ("cgan-m1", cgan, four_labels),
        ("cgan-m1-improved", cgan, four_labels),
        ("cgan-m2", cgan + cgan_norms, four_labels + norms(&four[2..])),
        ("cgan-m3", cgan + cgan_norms + dense(128, 128), four_labels + norms(&four[2..])),
        ("wgan-m1", plain, down(&[3, 64, 128], 8)),
        (
            "wgan-m2",
            dense(z, 128 * 64) + chain(&[128, 64, 32], conv4) + conv3(32, 3),
            down(&four, 2),
        ),
        ("sadcgan-m1", sadcgan, four_norm),
        ("sadcgan-m2", sadcgan, four_norm + attention(64)),
        ("dcgan-hw", hw.0, hw.1),
        ("wgan", hw.0, hw.1),
        (
            "gan",
            chain(&[100, 256, 512, 1024, 3072], dense),
            chain(&[3072, 1024, 512, 256, 1], dense),
        ),
        ("dcgan-deep", deep.0, deep.1),
    ] {
        assert_eq!(counts(name), (generator, discriminator), "{name}");
    }
    for name in ["lsgan", "dragan"] {
        assert_eq!(counts(name), counts("dcgan"), "{name}");
    }
}
