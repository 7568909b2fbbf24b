//! Inception Score.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values};
use crate::error::MetricsError;
use crate::random_state::RandomState;

/// How surely single images are classified, and how evenly the classes occur.
pub struct InceptionScore;

const MEASURES: &[Measure] = &[Measure {
    key: "is_mean",
    title: "IS",
    unit: "",
    direction: Direction::HigherIsBetter,
    decimals: 2,
    spread: Some("is_std"),
    further: &[],
}];

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "splits",
        doc: "parts of the images that the score is averaged over",
        default: Some(10),
        ..Parameter::PLAIN
    },
    Parameter {
        name: "split_size",
        doc: "images in a part, the last having what is left, instead of parts by their number",
        ..Parameter::PLAIN
    },
    Parameter {
        name: "in_order",
        doc: "1 to leave the images as they come, 0 to put them in random order first, as without it",
        least: 0,
        most: 1,
        ..Parameter::PLAIN
    },
    SEED,
];

impl Metric for InceptionScore {
    fn name(&self) -> &'static str {
        "is"
    }

    fn title(&self) -> &'static str {
        "IS"
    }

    fn doc(&self) -> &'static str {
        "exponent of the mean divergence of class predictions from their average (Salimans et al. 2016)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, ..Bias::default() }
    }

    fn needs_reference(&self) -> bool {
        false
    }

    fn needs_logits(&self) -> bool {
        true
    }

    fn by_default(&self) -> bool {
        true
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let logits = evidence.generated_logits(self.name())?;
        let seed = match settings.get("in_order") {
            Some(1) => None,
            _ => Some(settings.seed()?),
        };
        let division = match settings.get("split_size") {
            Some(_) => Division::Of(settings.count("split_size")?),
            None => Division::Into(settings.count("splits")?),
        };
        let score = divided_inception_score(logits, division, seed)?;
        Ok(vec![("is_mean", score.mean), ("is_std", score.std)])
    }
}

/// Inception Score over splits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean over the splits, in `[1, classes]`.
    pub mean: f64,
    /// Standard deviation over the splits (divisor: their number, ddof 0).
    pub std: f64,
}

/// The Inception Score of `logits`, `[n, classes]`: `exp` of the mean of KL(p(y|x) ‖ p(y)), over `splits` parts.
///
/// Images are first put into the order `RandomState(seed).permutation(n)`; part i holds those from `i·n / splits`
/// to `(i+1)·n / splits`, rounded down, as in `torch-fidelity`. Probabilities are kept as logarithms in `f64`: the
/// score is finite for any finite logits.
///
/// Source: Salimans et al., "Improved Techniques for Training GANs", 2016, section 4.
///
/// # Errors
/// [`MetricsError::Parameter`] if there are no splits, [`MetricsError::TooFewImages`] if there are fewer images than
/// splits, [`MetricsError::Dimension`] if there are no classes, [`MetricsError::NonFinite`].
pub fn inception_score(
    logits: ArrayView2<'_, f32>,
    splits: usize,
    seed: u32,
) -> Result<Score, MetricsError> {
    divided_inception_score(logits, Division::Into(splits), Some(seed))
}

/// How images are divided into the parts that the score is averaged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Division {
    /// Into so many parts of about equal size.
    Into(usize),
    /// Into parts of so many images, the last of what is left, as OpenAI's evaluator divides them.
    Of(usize),
}

impl Division {
    /// Where the parts of `n` images begin and end; none for no parts, or parts of no images.
    fn bounds(self, n: usize) -> Vec<(usize, usize)> {
        match self {
            Self::Into(splits) => {
                (0..splits).map(|i| (i * n / splits, (i + 1) * n / splits)).collect()
            }
            Self::Of(0) => Vec::new(),
            Self::Of(size) => (0..n).step_by(size).map(|i| (i, n.min(i + size))).collect(),
        }
    }

    /// Fewest images that can be divided so.
    fn least(self) -> usize {
        match self {
            Self::Into(splits) => splits,
            Self::Of(_) => 1,
        }
    }
}

/// [`inception_score`] over other parts, of images in the order of `RandomState(seed)` or, without a seed, as they come.
///
/// # Errors
/// As [`inception_score`].
pub fn divided_inception_score(
    logits: ArrayView2<'_, f32>,
    division: Division,
    seed: Option<u32>,
) -> Result<Score, MetricsError> {
    let (n, classes) = logits.dim();
    if matches!(division, Division::Into(0) | Division::Of(0)) {
        let (parameter, value) = ("the number of splits of the inception score", "0".to_owned());
        return Err(MetricsError::Parameter { parameter, value, allowed: "at least 1" });
    }
    if n < division.least() {
        return Err(MetricsError::TooFewImages {
            what: "the inception score with its number of splits",
            needed: division.least(),
            found: n,
            hint: "give more images or fewer splits",
        });
    }
    if classes == 0 {
        return Err(MetricsError::Dimension { what: "the logits", expected: 1, found: 0 });
    }
    let order = match seed {
        Some(seed) => RandomState::new(seed).permutation(n),
        None => (0..n).collect(),
    };
    let bounds = division.bounds(n).into_iter();
    let scores: Vec<f64> =
        bounds.map(|(start, end)| score_of_split(logits, &order[start..end])).collect();
    let splits = scores.len();
    // Finite logits have a finite score, and others have none: one look at the scores spares one at every logit.
    if !scores.iter().all(|score| score.is_finite()) {
        return Err(MetricsError::NonFinite { what: "a logit" });
    }
    let mean = scores.iter().sum::<f64>() / splits as f64;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / splits as f64;
    Ok(Score { mean, std: variance.sqrt() })
}

/// Images that are summed up in one go. The sums of the parts are added in their order, whoever computes them, so that the
/// number of threads does not change a bit of the result.
const PART: usize = 64;

/// What a split's score is made of, over some of its images.
struct Predictions {
    /// Sum of the class probabilities p, `[classes]`.
    probabilities: Vec<f64>,
    /// Sum of Σ p log p.
    negative_entropy: f64,
}

/// `exp` of the mean divergence of the given rows' predictions from their average.
///
/// The mean divergence is the mean of Σ p log p less Σ q log q, with q the mean of the predictions p: no quotient of
/// vanishing probabilities is ever taken.
fn score_of_split(logits: ArrayView2<'_, f32>, rows: &[usize]) -> f64 {
    let n = rows.len() as f64;
    let parts: Vec<Predictions> = rows
        .par_chunks(PART)
        .map(|rows| {
            let mut part = Predictions::none(logits.ncols());
            let mut weights = vec![0.0; logits.ncols()];
            for &row in rows {
                part.add(logits.row(row), &mut weights);
            }
            part
        })
        .collect();
    let mut marginal = vec![0.0; logits.ncols()];
    for part in &parts {
        for (sum, p) in marginal.iter_mut().zip(&part.probabilities) {
            *sum += p;
        }
    }
    let negative_entropy: f64 = parts.iter().map(|part| part.negative_entropy).sum();
    let of_marginal: f64 =
        marginal.iter().map(|p| p / n).filter(|&q| q > 0.0).map(|q| q * q.ln()).sum();
    (negative_entropy / n - of_marginal).exp()
}

impl Predictions {
    fn none(classes: usize) -> Self {
        Self { probabilities: vec![0.0; classes], negative_entropy: 0.0 }
    }

    /// Adds the prediction of one image; `weights`, `[classes]`, is overwritten.
    ///
    /// With the logits x less their largest, w = exp x and W = Σ w, log p is x - log W, and Σ p log p is
    /// Σ w x / W - log W.
    fn add(&mut self, logits: ArrayView1<'_, f32>, weights: &mut [f64]) {
        let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let (mut total, mut weighted) = (0.0, 0.0);
        for (weight, &logit) in weights.iter_mut().zip(logits) {
            let x = f64::from(logit) - largest;
            *weight = x.exp();
            total += *weight;
            weighted += *weight * x;
        }
        let scale = 1.0 / total;
        for (sum, weight) in self.probabilities.iter_mut().zip(weights) {
            *sum += *weight * scale;
        }
        self.negative_entropy += weighted / total - total.ln();
    }
}
