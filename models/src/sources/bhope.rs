//! Bhope et al. 2019: GAN, DCGAN and WGAN on MNIST, CIFAR-10, Fashion-MNIST and flowers.

use super::{Source, Stated, chosen, followed};

/// The report.
pub(super) static SOURCE: Source = Source {
    name: "Bhope et al. 2019",
    title: "Generative Adversarial Networks, COMP 551 mini project 4",
    suite: "basics",
    stated: STATED,
};

const STATED: &[Stated] = &[
    chosen(
        "images of MNIST and Fashion-MNIST",
        "28x28",
        "resized to 32x32",
        "the networks halve and double the side down to 4x4",
    ),
    chosen(
        "GAN's networks and rates",
        "\"the default hyperparameter values, as specified in the original paper\" (section 4.2), \
         in PyTorch and Keras",
        "leaky ReLUs, dropout 0.3, Adam(2e-4, 0.5, 0.999), batch 100",
        "Goodfellow et al. 2014 state neither widths nor rates, and their code has maxout and \
         momentum SGD; these are common PyTorch versions', the batch is Goodfellow's",
    ),
    followed("latent of the GAN", "10, 100 and 200 (section 5.2)", "the same"),
    chosen(
        "length of the GAN's runs",
        "200 epochs of Fashion-MNIST (section 5.3), 100 of CIFAR-10 (figure 5); MNIST not stated",
        "120 000 steps for Fashion-MNIST and MNIST, 50 000 for CIFAR-10",
        "as stated, and Fashion-MNIST's for MNIST, which has as many images",
    ),
    chosen(
        "DCGAN's networks and rates",
        "Radford et al. 2016's defaults (section 5.3)",
        "the same at 64x64; at 32x32 without the widest layer",
        "their networks are for 64x64",
    ),
    chosen(
        "length of the DCGAN's runs",
        "100 epochs (figure 7); CIFAR-10 and MNIST not stated",
        "39 100 steps: 100 epochs of CIFAR-10 in batches of 128",
        "the one length that is stated",
    ),
    followed(
        "flowers",
        "8 189 images, 100 epochs (section 3, figure 7)",
        "the same: `flowers102-all`, 6 400 steps of 128",
    ),
    chosen("size of the flowers", "not stated", "64x64", "Radford et al. 2016"),
    chosen(
        "deeper DCGAN",
        "\"increase the depth of the network to 1024\" (section 4.2)",
        "up to 1024 channels",
        "read as channels, which figure 1 of Radford et al. 2016 has at 4x4",
    ),
    chosen(
        "experiment D: length and data",
        "10 000 \"epochs\" (section 5.4), no dataset",
        "10 000 steps of MNIST",
        "10 000 epochs would be fifty times as long as any other run",
    ),
    chosen(
        "experiment D: rates",
        "not stated",
        "Adam 2e-4 and RMSProp 5e-5; Adadelta 1.0, Adagrad 0.01, SGD 0.01 without momentum",
        "those of DCGAN and WGAN; for the others the default rates of 2019, on which PyTorch and \
         Keras agree but for SGD: PyTorch had none then (today 1e-3), Keras 0.01",
    ),
    followed(
        "experiment D: figure 8",
        "the discriminator's loss on real images by optimiser",
        "column `loss_d_real` of each run's losses.csv",
    ),
    chosen(
        "WGAN",
        "\"default parameters\" on MNIST (section 4.2)",
        "`wgan`: Arjovsky et al. 2017's loss, clipping, critic steps and RMSProp, batch 128, \
         Enishetty's networks and length",
        "the report states none of its own",
    ),
    chosen(
        "next steps",
        "improved WGAN and least squares GAN, with weight decay (section 6), without settings",
        "`wgan-gp` and `lsgan` as their papers have them, without weight decay",
        "Mao et al. 2017 train without it",
    ),
    chosen(
        "scores",
        "none; images and losses are looked at",
        "FID of 10 000 generated images against the train split",
        "something must be measured; no published value stands beside it",
    ),
];
