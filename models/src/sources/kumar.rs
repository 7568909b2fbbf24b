//! Kumar: DCGAN and SAGAN at 64x64.

use super::{Source, Stated, chosen, followed};

/// The report.
pub(super) static SOURCE: Source = Source {
    name: "Kumar (E0-270 project report)",
    title: "Generative Adversarial Networks, E0-270 Machine Learning final project report",
    suite: "sagan",
    stated: STATED,
};

const STATED: &[Stated] = &[
    chosen(
        "images",
        "CIFAR-10 at 64x64 (sections 4.1 and 4.2); neither the split nor how they are enlarged",
        "the train split, enlarged bilinearly",
        "the other reports train on it; PyTorch's `Resize` is bilinear",
    ),
    chosen(
        "DCGAN's rates",
        "all hyper-parameters as in Radford et al. 2016 (section 2), and 1e-4 and 4e-4 (section \
         4.1)",
        "1e-4 (G) and 4e-4 (D), Adam(0.5, 0.999)",
        "section 4.1 describes this implementation",
    ),
    followed("batches", "128 (DCGAN) and 64 (SAGAN)", "the same"),
    chosen(
        "initial weights",
        "all N(0, 0.02) (sections 4.1 and 4.2)",
        "weights and embeddings N(0, 0.02), gains of norms N(1, 0.02), biases 0",
        "gains around 0 would pass nothing on; DCGAN's code has them around 1",
    ),
    followed(
        "layers and channels",
        "printed (figures 8 to 11)",
        "the same; numbers of parameters agree, gamma apart, which the print lacks",
    ),
    chosen(
        "sigmoid",
        "the last layer of the DCGAN's discriminator (figure 9)",
        "part of the loss",
        "the same numbers, safer",
    ),
    chosen(
        "place of self-attention",
        "at 32x32 in the text (sections 3.2 and 4.2), at 16x16 in the print (figures 10 and 11)",
        "at 16x16",
        "the print is what ran",
    ),
    chosen(
        "widths of self-attention",
        "C/8 for queries, keys and values (section 2.1); values C/2, keys and values max-pooled \
         (figures 10 and 11)",
        "those of the figures",
        "the print is what ran",
    ),
    chosen(
        "spectral norm",
        "\"in all the layers\" (section 3.2)",
        "on all convolutions, those of self-attention included",
        "the embeddings are tables",
    ),
    followed(
        "SAGAN's training",
        "Wasserstein loss, gradient penalty 10, Adam(0, 0.9), 1e-4 (G) and 4e-4 (D), 5 critic steps \
         (section 4.2)",
        "the same",
    ),
    chosen(
        "two time scales and critic steps",
        "section 2.1 recalls that two time scales allow fewer steps, section 4.2 has both",
        "both",
        "section 4.2 describes this implementation",
    ),
    chosen(
        "labels given to the generator",
        "random (section 4.2)",
        "drawn in the data's shares, which are equal, for the critic's updates as for the \
         generator's",
        "which labels the critic's generated images bear is not said otherwise",
    ),
    chosen(
        "labels under the gradient penalty",
        "not stated",
        "those of the real images",
        "mixtures have two labels; one must be taken",
    ),
    chosen(
        "length",
        "87 500 and 114 000 iterations (sections 5.1 and 5.2)",
        "as many steps of the generator",
        "Algorithm 1 counts its loop by the generator's updates",
    ),
    chosen(
        "FID",
        "pytorch-fid 0.2.1, every 500 iterations, the best one; numbers of images not stated",
        "every 500 steps, 10 000 generated images against the train split",
        "the number of most papers on CIFAR-10",
    ),
    followed("50 images of each model", "saved to folders", "`bench samples RUN --n 50`"),
];
