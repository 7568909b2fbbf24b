//! Kernel Inception Distance.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis};

use super::{Direction, Evidence, Metric, Values};
use crate::error::MetricsError;
use crate::linear_algebra::{Between, add_gram};
use crate::protocol::Parameters;
use crate::random_state::RandomState;

/// Squared maximum mean discrepancy of the features under a cubic kernel, averaged over random subsets.
pub struct Kid;

impl Metric for Kid {
    fn name(&self) -> &'static str {
        "kid"
    }

    fn title(&self) -> &'static str {
        "KID"
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn doc(&self) -> &'static str {
        "unbiased squared MMD of the features under a cubic kernel, over subsets (Bińkowski et al. 2018)"
    }

    fn keys(&self) -> &'static [&'static str] {
        &["kid_mean", "kid_std"]
    }

    fn needs_reference(&self) -> bool {
        true
    }

    fn needs_activations(&self) -> bool {
        true
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        parameters: &Parameters,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let kid = kernel_distance(generated, reference, parameters)?;
        Ok(vec![("kid_mean", kid.mean), ("kid_std", kid.std)])
    }
}

/// KID over subsets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelDistance {
    /// Mean over the subsets; unbiased, so that it may be slightly negative.
    pub mean: f64,
    /// Standard deviation over the subsets (divisor: their number, ddof 0). Subsets overlap: it is no standard error.
    pub std: f64,
}

/// KID of `generated`, `[n, d]`, against `reference`, `[m, d]`: the mean and standard deviation of
/// [`squared_mmd`] over `kid_subsets` pairs of random subsets of `kid_subset_size`.
///
/// Subsets are drawn as `torch-fidelity` draws them: one `RandomState(seed)`, for each pair first the generated, then
/// the reference features, without replacement.
///
/// Source: Bińkowski et al., "Demystifying MMD GANs", 2018, section 4.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if a side has fewer
/// images than a subset, [`MetricsError::Parameter`] if there are no subsets or they are smaller than 2,
/// [`MetricsError::NonFinite`].
pub fn kernel_distance(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    parameters: &Parameters,
) -> Result<KernelDistance, MetricsError> {
    let &Parameters { kid_subsets: subsets, kid_subset_size: size, seed, .. } = parameters;
    if subsets == 0 {
        return Err(refuse("the number of kid subsets", subsets, "at least 1"));
    }
    if size < 2 {
        return Err(refuse("the kid subset size", size, "at least 2"));
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
    let mut random = RandomState::new(seed);
    let mut estimates = Vec::with_capacity(subsets);
    for _ in 0..subsets {
        let first = gather(generated, &random.choice(generated.nrows(), size));
        let second = gather(reference, &random.choice(reference.nrows(), size));
        estimates.push(squared_mmd(first.view(), second.view())?);
    }
    let mean = estimates.iter().sum::<f64>() / subsets as f64;
    let variance =
        estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum::<f64>() / subsets as f64;
    Ok(KernelDistance { mean, std: variance.sqrt() })
}

/// Unbiased estimate of the squared maximum mean discrepancy of `x` and `y`, `[m, d]` each, under the kernel
/// `k(a, b) = (a·b / d + 1)³`.
///
/// Source: Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equation 4.
///
/// # Errors
/// [`MetricsError::Dimension`] if the shapes differ, [`MetricsError::TooFewImages`] if m is below 2,
/// [`MetricsError::NonFinite`].
pub fn squared_mmd(x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> Result<f64, MetricsError> {
    let (m, d) = x.dim();
    for (what, expected, found) in
        [("the second set of features", d, y.ncols()), ("the second set of images", m, y.nrows())]
    {
        if expected != found {
            return Err(MetricsError::Dimension { what, expected, found });
        }
    }
    if m < 2 {
        let hint = "give more images";
        return Err(MetricsError::TooFewImages {
            what: "a squared mmd",
            needed: 2,
            found: m,
            hint,
        });
    }
    if d == 0 {
        return Err(MetricsError::Dimension {
            what: "the first set of features",
            expected: 1,
            found: 0,
        });
    }
    let (x, y) = (x.as_standard_layout(), y.as_standard_layout());
    let scale = 1.0 / d as f64;
    let mut products = Array2::zeros((m, m));
    let mut within = 0.0;
    for side in [&x, &y] {
        products.fill(0.0);
        add_gram(scale, side.view(), Between::Rows, products.view_mut());
        // Off-diagonal pairs occur twice; the pairs of a point with itself are left out.
        within += 2.0 * sum_of_kernel(&products, |row| row + 1);
    }
    general_mat_mul(scale, &x, &y.t(), 0.0, &mut products);
    let between = sum_of_kernel(&products, |_| 0);
    let m = m as f64;
    let estimate = within / (m * (m - 1.0)) - 2.0 * between / (m * m);
    if estimate.is_finite() {
        Ok(estimate)
    } else {
        Err(MetricsError::NonFinite { what: "the kid" })
    }
}

/// Sum of `(p + 1)³` over the scaled products `p`, each row from the column that `start` names.
fn sum_of_kernel(products: &Array2<f64>, start: impl Fn(usize) -> usize) -> f64 {
    let rows = products.outer_iter().enumerate();
    rows.map(|(row, products)| {
        products
            .iter()
            .skip(start(row))
            .map(|product| {
                let base = product + 1.0;
                base * base * base
            })
            .sum::<f64>()
    })
    .sum()
}

fn gather(features: ArrayView2<'_, f32>, rows: &[usize]) -> Array2<f64> {
    features.select(Axis(0), rows).mapv(f64::from)
}

fn refuse(parameter: &'static str, value: usize, allowed: &'static str) -> MetricsError {
    MetricsError::Parameter { parameter, value: value.to_string(), allowed }
}
