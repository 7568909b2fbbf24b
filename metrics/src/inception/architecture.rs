//! The network's convolutions: names, shapes, strides and paddings, and the check of weights against them.

use std::collections::BTreeMap;

use crate::error::MetricsError;
use crate::weights::{ElementType, WeightsFile};

/// Classes of the network.
pub(super) const CLASSES: usize = 1008;
/// Channels of the last block.
pub(super) const LAST_CHANNELS: usize = 2048;

/// A convolution without bias, followed by batch normalisation and ReLU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    pub(super) name: String,
    pub(super) input: usize,
    pub(super) output: usize,
    /// Height and width.
    pub(super) kernel: [usize; 2],
    pub(super) stride: usize,
    /// Zeros above and below, and left and right.
    pub(super) padding: [usize; 2],
}

impl Convolution {
    /// Shape of the weight.
    pub(super) fn shape(&self) -> [usize; 4] {
        let [height, width] = self.kernel;
        [self.output, self.input, height, width]
    }
}

/// Suffixes of the names of a batch normalisation's four tensors: factor, summand, mean and variance.
pub(super) const NORMALISATION: [&str; 4] =
    ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"];
/// Suffix of the names of the counters that training leaves behind.
const COUNTER: &str = ".bn.num_batches_tracked";

/// All 94 convolutions, from the input to the output.
pub(super) fn convolutions() -> Vec<Convolution> {
    let mut all = vec![
        valid("Conv2d_1a_3x3", 3, 32, 2),
        valid("Conv2d_2a_3x3", 32, 32, 1),
        same("Conv2d_2b_3x3", 32, 64, [3, 3]),
        same("Conv2d_3b_1x1", 64, 80, [1, 1]),
        valid("Conv2d_4a_3x3", 80, 192, 1),
    ];
    for (block, input, pooled) in [("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)] {
        all.extend(block_a(block, input, pooled));
    }
    all.extend(block_b());
    for (block, inner) in [("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)] {
        all.extend(block_c(block, inner));
    }
    all.extend(block_d());
    for (block, input) in [("7b", 1280), ("7c", LAST_CHANNELS)] {
        all.extend(block_e(block, input));
    }
    all
}

fn block_a(block: &str, input: usize, pooled: usize) -> [Convolution; 7] {
    let name = |branch: &str| format!("Mixed_{block}.{branch}");
    [
        same(name("branch1x1"), input, 64, [1, 1]),
        same(name("branch5x5_1"), input, 48, [1, 1]),
        same(name("branch5x5_2"), 48, 64, [5, 5]),
        same(name("branch3x3dbl_1"), input, 64, [1, 1]),
        same(name("branch3x3dbl_2"), 64, 96, [3, 3]),
        same(name("branch3x3dbl_3"), 96, 96, [3, 3]),
        same(name("branch_pool"), input, pooled, [1, 1]),
    ]
}

fn block_b() -> [Convolution; 4] {
    [
        valid("Mixed_6a.branch3x3", 288, 384, 2),
        same("Mixed_6a.branch3x3dbl_1", 288, 64, [1, 1]),
        same("Mixed_6a.branch3x3dbl_2", 64, 96, [3, 3]),
        valid("Mixed_6a.branch3x3dbl_3", 96, 96, 2),
    ]
}

fn block_c(block: &str, inner: usize) -> [Convolution; 10] {
    let name = |branch: &str| format!("Mixed_{block}.{branch}");
    [
        same(name("branch1x1"), 768, 192, [1, 1]),
        same(name("branch7x7_1"), 768, inner, [1, 1]),
        same(name("branch7x7_2"), inner, inner, [1, 7]),
        same(name("branch7x7_3"), inner, 192, [7, 1]),
        same(name("branch7x7dbl_1"), 768, inner, [1, 1]),
        same(name("branch7x7dbl_2"), inner, inner, [7, 1]),
        same(name("branch7x7dbl_3"), inner, inner, [1, 7]),
        same(name("branch7x7dbl_4"), inner, inner, [7, 1]),
        same(name("branch7x7dbl_5"), inner, 192, [1, 7]),
        same(name("branch_pool"), 768, 192, [1, 1]),
    ]
}

fn block_d() -> [Convolution; 6] {
    [
        same("Mixed_7a.branch3x3_1", 768, 192, [1, 1]),
        valid("Mixed_7a.branch3x3_2", 192, 320, 2),
        same("Mixed_7a.branch7x7x3_1", 768, 192, [1, 1]),
        same("Mixed_7a.branch7x7x3_2", 192, 192, [1, 7]),
        same("Mixed_7a.branch7x7x3_3", 192, 192, [7, 1]),
        valid("Mixed_7a.branch7x7x3_4", 192, 192, 2),
    ]
}

fn block_e(block: &str, input: usize) -> [Convolution; 9] {
    let name = |branch: &str| format!("Mixed_{block}.{branch}");
    [
        same(name("branch1x1"), input, 320, [1, 1]),
        same(name("branch3x3_1"), input, 384, [1, 1]),
        same(name("branch3x3_2a"), 384, 384, [1, 3]),
        same(name("branch3x3_2b"), 384, 384, [3, 1]),
        same(name("branch3x3dbl_1"), input, 448, [1, 1]),
        same(name("branch3x3dbl_2"), 448, 384, [3, 3]),
        same(name("branch3x3dbl_3a"), 384, 384, [1, 3]),
        same(name("branch3x3dbl_3b"), 384, 384, [3, 1]),
        same(name("branch_pool"), input, 192, [1, 1]),
    ]
}

/// A convolution that keeps height and width.
fn same(name: impl Into<String>, input: usize, output: usize, kernel: [usize; 2]) -> Convolution {
    Convolution {
        name: name.into(),
        input,
        output,
        kernel,
        stride: 1,
        padding: kernel.map(|side| side / 2),
    }
}

/// A 3 x 3 convolution without padding.
fn valid(name: &str, input: usize, output: usize, stride: usize) -> Convolution {
    Convolution { name: name.to_owned(), input, output, kernel: [3, 3], stride, padding: [0, 0] }
}

/// Names and shapes of the `float32` tensors that the network takes, which are those of pytorch-fid and
/// torch-fidelity. Their files also hold counters called `….bn.num_batches_tracked`, which nothing here reads.
pub fn tensors() -> BTreeMap<String, Vec<usize>> {
    let convolutions = convolutions();
    let weights = convolutions
        .iter()
        .map(|conv| (format!("{}.conv.weight", conv.name), conv.shape().to_vec()));
    let normalisations = convolutions.iter().flat_map(|conv| {
        NORMALISATION.map(|suffix| (format!("{}.{suffix}", conv.name), vec![conv.output]))
    });
    let classifier = [
        ("fc.weight".to_owned(), vec![CLASSES, LAST_CHANNELS]),
        ("fc.bias".to_owned(), vec![CLASSES]),
    ];
    weights.chain(normalisations).chain(classifier).collect()
}

/// Checks that `weights` are of this network.
///
/// # Errors
/// [`MetricsError::Weights`], naming the first tensor that is missing, superfluous, or of another type or shape.
pub fn check(weights: &WeightsFile) -> Result<(), MetricsError> {
    let refuse = |reason: String| MetricsError::Weights {
        path: weights.path().to_path_buf(),
        reason: format!("not the inception network of fid: {reason}"),
        hint: "give pt_inception-2015-12-05-6726825d.pth as pytorch-fid fetches it, or torch-fidelity's file of \
               the same weights; torchvision's inception is another network",
    };
    if weights.tensors().any(|(name, _)| name.starts_with("AuxLogits.")) {
        return Err(refuse("it has an auxiliary classifier, as torchvision's has".to_owned()));
    }
    let expected = tensors();
    for (name, shape) in &expected {
        let Some(found) = weights.layout(name) else {
            return Err(refuse(format!("it has no tensor {name:?}")));
        };
        if found.shape() != shape {
            let found = found.shape();
            return Err(refuse(format!(
                "tensor {name:?} has shape {found:?} instead of {shape:?}"
            )));
        }
        if found.element() != ElementType::Float32 {
            let found = found.element().name();
            return Err(refuse(format!("tensor {name:?} is {found} instead of float32")));
        }
    }
    let superfluous = weights
        .tensors()
        .find(|(name, _)| !expected.contains_key(*name) && !name.ends_with(COUNTER));
    match superfluous {
        Some((name, _)) => Err(refuse(format!("it has a tensor {name:?}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_has_its_published_size() {
        assert_eq!(convolutions().len(), 94);
        let tensors = tensors();
        assert_eq!(tensors.len(), 94 * 5 + 2);
        let values: usize = tensors.values().map(|shape| shape.iter().product::<usize>()).sum();
        // As many float32 values as the published file holds.
        assert_eq!(values, 23_885_392);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = convolutions().into_iter().map(|conv| conv.name).collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
