//! Toh 2024: fourteen models on CIFAR-10.

use super::{Source, Stated, chosen, followed};

/// The report.
pub(super) static SOURCE: Source = Source {
    name: "Toh 2024",
    title: "Technical Paper Generative Adversarial Network (GAN)",
    suite: "architectures",
    stated: STATED,
};

const STATED: &[Stated] = &[
    chosen(
        "training images",
        "the 60 000 images of CIFAR-10 (sections 3.1 and 4.7.1)",
        "the 50 000 of the train split",
        "the test split stays out of training, as in the other reports",
    ),
    followed("range of images", "divided by 255/2, minus 1 (section 3.1)", "the same"),
    chosen(
        "length",
        "most models 100 epochs, quality degrades after 80 (section 4.7.4)",
        "46 875 batches of 128, 100 epochs of 60 000 images; WGAN's count those of the critic",
        "as many updates as the report's, on the images of the train split",
    ),
    chosen(
        "batch, optimiser, rates, latent, channels",
        "not stated, but for maps of 256x4x4 and 8x8x128",
        "batch 128, Adam(2e-4, 0.5, 0.999), powers of two up to 512 channels, latent 128",
        "those of Radford et al. 2016; Keras' examples have latents of 128",
    ),
    chosen(
        "framework",
        "not stated; layers are called Conv2DTranspose and UpSampling2D",
        "Keras' defaults: Glorot's initial weights; batch norm with momentum 0.99 (1 % of each new \
         batch) and 1e-3 added to variances; \"same\" padding, which at stride 2 adds its zeros on \
         the far sides; Adam's epsilon 1e-7, added before the bias correction; slopes of PReLU \
         from 0",
        "these are Keras' names",
    ),
    chosen(
        "slope of leaky ReLU",
        "not stated",
        "0.2",
        "that of DCGAN, which Keras' own GANs pass too; the layer's default is 0.3",
    ),
    chosen(
        "slopes of PReLU",
        "not stated",
        "one a channel",
        "Keras has one for each element unless told which axes share them, which ties the layer to \
         one image size",
    ),
    chosen(
        "batch norm of the discriminators",
        "named in the opening of section 4.1, and in CGAN Model 2 and SADCGAN",
        "only where a model's own text names it, and never in the first block",
        "the models are told apart by such additions; the first block as in Radford et al. 2016",
    ),
    chosen(
        "loss",
        "\"loss functions specific to each GAN architecture\" (section 4.7.3)",
        "cross-entropy, and the difference of the critic's scores for WGAN",
        "section 4.3 names the missing sigmoid and logarithm as what WGAN changes",
    ),
    chosen(
        "labels of CGAN",
        "not stated how they enter",
        "one-hot beside the latent, and as a learnt plane beside the image's channels",
        "the forms of Mirza and Osindero 2014 and of common convolutional versions",
    ),
    chosen(
        "WGAN's training",
        "a critic with an unbounded score and no logarithm (section 4.3); neither critic steps nor \
         optimiser nor clipping",
        "5 critic steps, RMSProp 5e-5 with PyTorch's decay, weights clipped to 0.01 in Model 1; \
         Model 2 has spectral norm instead",
        "Arjovsky et al. 2017, Algorithm 1 and code; some constraint the critic must have",
    ),
    chosen(
        "place and width of self-attention",
        "not stated",
        "on the 16x16 maps; queries and keys an eighth, values half of the channels, keys and \
         values max-pooled",
        "the widths of Zhang et al. 2019's code",
    ),
    chosen(
        "sharpening, CutMix, saturation",
        "named without strength, and without saying which model has which (section 4.5)",
        "unsharp mask of strength 1, CutMix for every second batch, saturation within 20 %, all in \
         both improved models",
        "table 3 has one row a model, after all improvements",
    ),
    chosen(
        "oversampling",
        "60 000 to 80 000 images, which \"can help to balance the dataset\" (section 4.5)",
        "epochs a third longer than the train split: its 50 000 images once each and 16 667 drawn \
         again at random; 62 500 batches, 100 epochs of 80 000 images",
        "a third more is what the report adds; CIFAR-10 has as many images of each class, so that \
         there is nothing to balance and which images are added is open",
    ),
    chosen(
        "learning-rate schedules",
        "cosine and exponential decay (section 4.5), not which model has which",
        "cosine to 0 in DCGAN Model 3, exponential to a tenth in CGAN Model 1",
        "each is used once",
    ),
    chosen(
        "scores",
        "FID and KID of a pre-trained Inception model; numbers of images and code not stated",
        "10 000 generated images against the train split, every ten epochs; KID is the unbiased \
         estimate",
        "the formula of figure 6 sums over all pairs of the same image too; the number of images \
         is that of most papers on CIFAR-10",
    ),
];
