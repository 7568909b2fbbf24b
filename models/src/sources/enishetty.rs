//! Enishetty 2021: DCGAN, WGAN and ACGAN on CIFAR-10.

use super::{Source, Stated, chosen, followed};

/// The report.
pub(super) static SOURCE: Source = Source {
    name: "Enishetty 2021",
    title: "CPSC 8430 Deep Learning, homework 3: generator/discriminator training using DCGAN, WGAN \
            techniques",
    suite: "dcgan-wgan",
    stated: STATED,
};

const STATED: &[Stated] = &[
    followed("training images", "50 000 training images of CIFAR-10 (section A)", "the same"),
    chosen(
        "framework",
        "PyTorch (section 1); sections 3.1 and 3.2 speak of Conv2DTranspose",
        "PyTorch's defaults",
        "the printed logs are PyTorch's",
    ),
    chosen(
        "channels and kernels",
        "layers alone (sections 3.1 and 3.2)",
        "256 maps of 4x4, then 128, kernels 4x4; in the discriminator 64, 128, 128, 256, kernels \
         3x3",
        "those of the tutorials whose wording the report shares",
    ),
    chosen(
        "dense layers",
        "\"eliminate fully connected layers\" (section B), a dense layer first (section 3.2)",
        "a dense layer first in the generator, last in the discriminator",
        "section 3 describes the implementation",
    ),
    followed(
        "norm and activations",
        "batch norm but in the discriminator's first and the generator's last layer, leaky ReLU in \
         both networks (section B)",
        "the same",
    ),
    chosen(
        "slope, optimiser, latent, initial parameters of the DCGAN",
        "not stated",
        "0.2, Adam(2e-4, 0.5, 0.999), 100, N(0, 0.02)",
        "Radford et al. 2016",
    ),
    followed(
        "batch and length of the DCGAN",
        "391 batches an epoch, 100 epochs (log in section 4.2)",
        "batch 128, 39 100 steps",
    ),
    followed(
        "WGAN",
        "a linear output, 5 critic steps, RMSProp 5e-5 without momentum (section C)",
        "the same, on the DCGAN's networks",
    ),
    chosen(
        "WGAN's labels",
        "-1 for real and 1 for generated images (section C)",
        "the difference of the mean scores",
        "the same with the critic's sign turned",
    ),
    chosen(
        "clipping",
        "[0.01, 0.01] (section C)",
        "[-0.01, 0.01], batch norm's gains and offsets included",
        "a slip; Arjovsky's code clips all parameters",
    ),
    chosen(
        "length of the WGAN",
        "epoch 100",
        "7 820 steps of the generator",
        "an epoch is 391 batches of the critic",
    ),
    chosen(
        "batch and length of the ACGAN",
        "937 batches an epoch in the log, which ends at epoch 52; epoch 50 in the figure, 100 in \
         section 4.2",
        "batch 64, 78 100 steps: 100 epochs of 781 batches",
        "937 batches of 64 are 60 000 images, which is not CIFAR-10's train split; the published \
         score is said to be epoch 100's",
    ),
    chosen(
        "ACGAN's networks",
        "sigmoid and softmax heads on one trunk, not the layers",
        "those of `dcgan` with a class head",
        "Radford et al. 2016, as for the DCGAN",
    ),
    chosen(
        "FID",
        "pytorch-fid, 50 000 samples (section 4.2); reference images not stated",
        "50 000 against the 50 000 of the train split",
        "as many on either side",
    ),
];
