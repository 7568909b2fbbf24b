//! Kernel Inception Distance.

mod kernel_sums;
mod own_products;
mod tiles;
mod variance;

use ndarray::ArrayView2;

use super::{Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values};
use crate::error::MetricsError;
use crate::random_state::RandomState;
use kernel_sums::KernelSums;
use variance::Components;

/// A subset of the generated and one of the reference images: their numbers, ascending.
type Pair = [Vec<usize>; 2];

/// Squared maximum mean discrepancy of the features under a cubic kernel, averaged over random subsets.
pub struct Kid;

const MEASURES: &[Measure] = &[Measure {
    key: "kid_mean",
    title: "KID",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 4,
    spread: Some("kid_std"),
    further: &["kid_se"],
}];

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "subsets",
        doc: "pairs of subsets that the distance is averaged over",
        default: Some(100),
        ..Parameter::PLAIN
    },
    Parameter {
        name: "subset_size",
        doc: "images of either side in a subset",
        default: Some(1000),
        least: 2,
        most: 10_000_000,
        counts_images: true,
        ..Parameter::PLAIN
    },
    SEED,
];

impl Metric for Kid {
    fn name(&self) -> &'static str {
        "kid"
    }

    fn title(&self) -> &'static str {
        "KID"
    }

    fn doc(&self) -> &'static str {
        "unbiased squared MMD of the features under a cubic kernel, over subsets (Bińkowski et al. 2018)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn by_default(&self) -> bool {
        true
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let subsets = Subsets {
            count: settings.count("subsets")?,
            size: settings.count("subset_size")?,
            seed: settings.seed()?,
        };
        let kid = kernel_distance(generated, reference, subsets)?;
        let mut values = vec![("kid_mean", kid.mean), ("kid_std", kid.std)];
        values.extend(kid.standard_error.map(|se| ("kid_se", se)));
        Ok(values)
    }
}

/// The random pairs of subsets that the distance is averaged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subsets {
    /// Number of pairs, at least 1.
    pub count: usize,
    /// Images of either side in a subset, at least 2.
    pub size: usize,
    /// Seed of the draws.
    pub seed: u32,
}

/// KID over subsets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelDistance {
    /// Mean over the subsets; unbiased, so that it may be slightly negative.
    pub mean: f64,
    /// Standard deviation over the subsets (divisor: their number, ddof 0). Subsets overlap: it is no standard error.
    pub std: f64,
    /// Standard error of the mean: how far it would scatter over other sets of so many images, each with other subsets.
    /// None for subsets of fewer than 4 images, which do not tell.
    ///
    /// The variance of the estimate from all n and m images is that of a U-statistic by its Hoeffding decomposition,
    /// `4 σx² / n + 4 σy² / m + 2 σxx² / n(n-1) + 2 σyy² / m(m-1) + 4 σxy² / nm`: σx² and σy² of the mean kernel of an image
    /// with its own set less that with the other set, the rest of what the kernel of a pair holds beyond the mean
    /// kernels of its images. They are estimated without bias from sums of rows, columns and squares of the
    /// kernel matrices of the subsets, and averaged over these. The mean over B random subset pairs scatters around the
    /// estimate from all images besides, by the difference of the variances for the subsets' size and for all
    /// images, divided by B.
    ///
    /// Source: Hoeffding, "A class of statistics with asymptotically normal distribution", 1948; Sutherland et al.,
    /// "Generative Models and Model Criticism via Optimized Maximum Mean Discrepancy", 2017, section 3 and appendix.
    pub standard_error: Option<f64>,
}

/// KID of `generated`, `[n, d]`, against `reference`, `[m, d]`: the mean and standard deviation of the unbiased squared
/// maximum mean discrepancy under the kernel `k(a, b) = (a·b / d + 1)³`, over `kid_subsets` pairs of random subsets of
/// `kid_subset_size`.
///
/// Subsets are drawn as `torch-fidelity` draws them: one `RandomState(seed)`, for each pair first the generated, then
/// the reference features, without replacement. Inner products are computed in `f32`, as there, and everything after
/// them in `f64`, in an order that does not depend on the number of threads. The products are those of all images,
/// or of each pair of subsets where that takes less time; either way memory holds only some of them at once.
///
/// Source: Bińkowski et al., "Demystifying MMD GANs", 2018, section 4; the estimator: Gretton et al., "A Kernel
/// Two-Sample Test", JMLR 13, 2012, equation 4.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number or there are none, [`MetricsError::TooFewImages`] if a
/// side has fewer images than a subset, [`MetricsError::Parameter`] if there are no subsets or they are smaller than 2,
/// [`MetricsError::NonFinite`].
pub fn kernel_distance(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    subsets: Subsets,
) -> Result<KernelDistance, MetricsError> {
    let Subsets { count: subsets, size, seed } = subsets;
    check(generated, reference, subsets, size)?;
    let (n, m) = (generated.nrows(), reference.nrows());
    let mut random = RandomState::new(seed);
    let pairs: Vec<Pair> =
        (0..subsets).map(|_| [n, m].map(|images| draw(&mut random, images, size))).collect();
    let sides = [generated, reference];
    let sums = match tiles::pay_off(n + m, generated.ncols(), subsets, size) {
        true => tiles::sums(sides, &pairs),
        false => own_products::sums(sides, &pairs),
    };
    let estimates: Vec<f64> = sums.iter().map(KernelSums::squared_mmd).collect();
    if !estimates.iter().all(|estimate| estimate.is_finite()) {
        return Err(MetricsError::NonFinite { what: "the kid" });
    }
    let components: Vec<Components> = sums.iter().filter_map(Components::estimate).collect();
    let mean = estimates.iter().sum::<f64>() / subsets as f64;
    let variance =
        estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum::<f64>() / subsets as f64;
    let standard_error = Components::mean(&components).map(|components| {
        let (all, subset) = (components.variance(n, m), components.variance(size, size));
        (all + (subset - all).max(0.0) / subsets as f64).sqrt()
    });
    // Squares of kernels may overflow where the kernels do not.
    let standard_error = standard_error.filter(|error| error.is_finite());
    Ok(KernelDistance { mean, std: variance.sqrt(), standard_error })
}

/// A random subset of `size` of so many images, ascending.
fn draw(random: &mut RandomState, images: usize, size: usize) -> Vec<usize> {
    let mut subset = random.choice(images, size);
    subset.sort_unstable();
    subset
}

fn check(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    subsets: usize,
    size: usize,
) -> Result<(), MetricsError> {
    let refuse = |parameter, value: usize, allowed| {
        Err(MetricsError::Parameter { parameter, value: value.to_string(), allowed })
    };
    if subsets == 0 {
        return refuse("the number of kid subsets", subsets, "at least 1");
    }
    if size < 2 {
        return refuse("the kid subset size", size, "at least 2");
    }
    if generated.ncols() != reference.ncols() || generated.ncols() == 0 {
        return Err(MetricsError::Dimension {
            what: "the second set of features",
            expected: generated.ncols().max(1),
            found: reference.ncols(),
        });
    }
    for side in [generated, reference] {
        if side.nrows() < size {
            return Err(MetricsError::TooFewImages {
                what: "kid with its subset size",
                needed: size,
                found: side.nrows(),
                hint: "give more images or a smaller subset size",
            });
        }
    }
    Ok(())
}
