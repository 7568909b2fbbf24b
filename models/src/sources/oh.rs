//! Oh: from a conditional DCGAN to SNGAN with a projection discriminator.

use super::{Source, Stated, chosen, followed};

/// The report.
pub(super) static SOURCE: Source = Source {
    name: "Oh (Building a Conditional GAN for CIFAR-10)",
    title: "Building a Conditional GAN for CIFAR-10",
    suite: "sngan",
    stated: STATED,
};

const STATED: &[Stated] = &[
    followed(
        "training images",
        "the train split alone, in [-1, 1] (\"Source Code\", \"Data Preprocessing\")",
        "the same",
    ),
    chosen(
        "order of the images",
        "the printed loader does not shuffle",
        "shuffled anew every epoch",
        "without it every epoch has the same batches; taken for an omission",
    ),
    chosen(
        "last batch of an epoch",
        "80 images (50 000 in batches of 256)",
        "256: batches run across the end of an epoch; an epoch counts as 196 batches",
        "all updates alike; 0.4 % more images are seen",
    ),
    chosen(
        "batch",
        "256 (\"Basic Hyperparameters\"); the printed module's default is 64",
        "256",
        "the module's default is overridden by what the notebook passes",
    ),
    chosen(
        "flips",
        "the text avoids augmentation at first, the printed data module flips with p 0.3",
        "p 0.3",
        "the print is what ran",
    ),
    chosen(
        "label embedding of the DCGAN's generator",
        "256 by the printed generator's default, 128 by the training module that makes it",
        "128, divided by its norm",
        "the module passes it",
    ),
    followed(
        "label embedding of the DCGAN's discriminator",
        "a plane of 32x32, divided by its norm only where spectral norm is introduced",
        "the same",
    ),
    chosen(
        "initial parameters",
        "DCGAN: convolutions N(0, 0.02), batch norm's gains N(1, 0.02); SNGAN: orthogonal \
         convolutions, linear maps and embeddings",
        "the same; what the print leaves out (biases, the DCGAN's dense layer and embeddings) as \
         PyTorch draws it",
        "the print leaves it to PyTorch",
    ),
    chosen(
        "loss of the DCGAN's discriminator",
        "the mean of its two halves (printed module), of sigmoid outputs",
        "their sum, of logits; the weight of R1 is taken relative to the sum",
        "under Adam the same but for eps, and numerically safer",
    ),
    followed(
        "label smoothing",
        "0.1, of the discriminator's target for real images",
        "the same, in all models with R1 and cross-entropy",
    ),
    chosen(
        "R1",
        "gamma/2 |grad D|^2 in the formula, gamma |grad D|^2 in the print, gamma 0.2 for SNGAN; of \
         the sigmoid's output in the DCGAN",
        "0.2 |grad D|^2 of the logit, in the DCGANs too",
        "the print is followed; their weight is not stated; of the logit as in Mescheder et al. \
         2018",
    ),
    chosen(
        "length of the DCGANs' runs",
        "not stated; the first collapses after about 50 epochs and was halted",
        "19 600 steps: 100 epochs of 196 batches",
        "long enough to show the collapse",
    ),
    chosen(
        "networks of SNGAN",
        "the discriminator's outline and conditional batch norm are printed, the generator and the \
         residual blocks are not",
        "those of Miyato et al. 2018, table 4, with spectral norm on the generator's convolutions \
         and conditional batch norm but not on its dense layer",
        "the report names Miyato and Koyama 2018; the rest as in the author's public notebooks",
    ),
    chosen(
        "down-sampling of SNGAN's discriminator",
        "in the first three of four blocks (printed)",
        "the same",
        "Miyato et al. 2018 halve in the first two only; the print is followed",
    ),
    chosen(
        "length of SNGAN's runs",
        "max_epochs=1000 in the one printed trainer; the first run collapsed at epoch 41",
        "196 000 updates of the discriminator for every run",
        "the one length that is stated",
    ),
    chosen(
        "discriminator steps",
        "the generator's optimiser steps in every 4th or 5th batch; in the others its passes run \
         and their gradient is dropped",
        "4 or 5 updates of the discriminator, then one of the generator",
        "what is dropped moves nothing but running statistics and singular vectors",
    ),
    chosen(
        "order within a batch",
        "the generator first",
        "the discriminator first",
        "as in Goodfellow et al. 2014; it matters for the first update only",
    ),
    chosen(
        "effective batch of 2048",
        "accumulate_grad_batches=8; discriminator steps not stated",
        "25 000 updates of each network, 8 batches each, one discriminator step",
        "Lightning calls the printed hook in every 8th batch and in the last of 196, where (batch + \
         1) is divisible by 4 each time: see `sngan-proj-bs2048-lr2e-4`",
    ),
    chosen(
        "DiffAugment",
        "the policy is not stated",
        "colour, translation and cutout",
        "the three of Zhao et al. 2020",
    ),
    followed("TTUR", "learning rates 1e-4 (G) and 4e-4 (D)", "the same, with one step of each"),
    followed(
        "labels of generated images",
        "drawn uniformly",
        "drawn in the data's shares, which are equal",
    ),
    followed(
        "scores",
        "torch-fidelity: 10 000 generated images with random labels against cifar10-val, every \
         five epochs",
        "the same",
    ),
    chosen(
        "ground truth",
        "Inception Score 11.24, FID 3.15, KID -1.49 of the train against the test split",
        "measured likewise",
        "a KID of -1.49 can have no unit of the others; it is shown as printed",
    ),
    followed(
        "truncation",
        "N(0, 1) restricted to [-2, 2], times 0.85 for the final images",
        "`bench samples RUN --truncation 0.85`",
    ),
];
