//! Feature Likelihood Divergence.

mod mixture;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{
    Bias, Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values, check_sides,
};
use crate::error::MetricsError;
use crate::random_state::RandomState;
use mixture::Mixture;

/// How likely held-out images are where generated ones are, and how much more likely the training images.
pub struct Fld;

const MEASURES: &[Measure] = &[Measure {
    key: "fld",
    title: "FLD",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &["fld_gap"],
}];

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "centres",
        doc: "generated images that are centres of the mixture, at most",
        default: Some(10_000),
        least: 2,
        most: 100_000,
        ..Parameter::PLAIN
    },
    SEED,
];

impl Metric for Fld {
    fn name(&self) -> &'static str {
        "fld"
    }

    fn title(&self) -> &'static str {
        "FLD"
    }

    fn doc(&self) -> &'static str {
        "likelihood of held-out images around generated ones, and the gap to training images (Jiralerspong et al. 2023)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, by_reference: true, ..Bias::default() }
    }

    fn needs_held_out(&self) -> bool {
        true
    }

    /// A mixture is fitted in fifty passes over all pairs of images.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let sets = FeatureSets {
            generated: evidence.generated_activations(self.name())?.features.view(),
            training: evidence.reference_activations(self.name())?.features.view(),
            held_out: evidence.held_out_activations(self.name())?.features.view(),
        };
        let found = likelihood_divergence(&sets, settings.count("centres")?, settings.seed()?)?;
        Ok(vec![("fld", found.divergence), ("fld_gap", found.gap)])
    }
}

/// Features of the three sets of images, each `[images, d]`.
#[derive(Clone, Copy, Debug)]
pub struct FeatureSets<'a> {
    /// Of the model.
    pub generated: ArrayView2<'a, f32>,
    /// That it was trained on.
    pub training: ArrayView2<'a, f32>,
    /// Like the training images, and none of them.
    pub held_out: ArrayView2<'a, f32>,
}

/// Feature Likelihood Divergence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikelihoodDivergence {
    /// 100 times the negative log-likelihood of the held-out images per feature, beyond that by training images.
    pub divergence: f64,
    /// 100 times the negative log-likelihood of the training images per feature, less that of the held-out ones: below 0
    /// where generated images lie closer around training images than around others, and so are memorised.
    pub gap: f64,
}

/// FLD of generated images and its generalisation gap.
///
/// Features are shifted and scaled so that the held-out ones have mean 0 and variance 1. A mixture of isotropic
/// Gaussians around the generated images, at most `centres` of them drawn at random, is fitted to the training images:
/// Adam sets the width of each. The baseline is the likelihood by a mixture around one part of the training images that
/// is fitted to the rest. All draws are those of the authors' program after `numpy.random.seed(seed)`. Memory holds 4 bytes for each pair
/// of a training image and a centre: 2 GB for 50 000 and 10 000.
///
/// Source: Jiralerspong et al., "Feature Likelihood Divergence: Evaluating the Generalization of Generative Models Using
/// Samples", 2023, section 3, and the program `fld` of its authors.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] for fewer than two
/// generated or held-out or four training images, [`MetricsError::NonFinite`].
pub fn likelihood_divergence(
    sets: &FeatureSets<'_>,
    centres: usize,
    seed: u32,
) -> Result<LikelihoodDivergence, MetricsError> {
    check_sides("fld", sets.generated, sets.held_out, 2)?;
    check_sides("fld of training images", sets.training, sets.training, 4)?;
    check_sides("fld", sets.training, sets.held_out, 1)?;
    let mut random = RandomState::new(seed);
    let scale = Scale::of(sets.held_out);
    let generated = match sets.generated.nrows() > centres {
        true => sets.generated.select(Axis(0), &random.choice(sets.generated.nrows(), centres)),
        false => sets.generated.to_owned(),
    };
    let generated = scale.apply(generated.view());
    let [training, held_out] = [sets.training, sets.held_out].map(|set| scale.apply(set));
    let finite = |set: &Array2<f32>| set.iter().all(|value| value.is_finite());
    if ![&generated, &training, &held_out].into_iter().all(finite) {
        return Err(MetricsError::NonFinite { what: "a feature" });
    }

    let order = random.permutation(training.nrows());
    let mixture = Mixture::fit(generated.view(), training.select(Axis(0), &order).view())?;
    let of_held_out = mixture.negative_log_likelihood(held_out.view())?;
    let of_training = mixture.negative_log_likelihood(training.view())?;
    drop(mixture);

    let shuffled = training.select(Axis(0), &random.permutation(training.nrows()));
    let size = generated.nrows().min(training.nrows() / 2);
    let (own, rest) = shuffled.view().split_at(Axis(0), size);
    let order = random.permutation(rest.nrows());
    let baseline = Mixture::fit(own, rest.select(Axis(0), &order).view())?;
    let baseline = baseline.negative_log_likelihood(held_out.view())?;
    Ok(LikelihoodDivergence {
        divergence: 100.0 * (of_held_out - baseline),
        gap: 100.0 * (of_training - of_held_out),
    })
}

/// Mean and standard deviation (ddof 1) of every feature.
struct Scale {
    mean: Array1<f64>,
    deviation: Array1<f64>,
}

impl Scale {
    fn of(features: ArrayView2<'_, f32>) -> Self {
        let n = features.nrows() as f64;
        let mean = features.fold_axis(Axis(0), 0.0, |sum, value| sum + f64::from(*value)) / n;
        let mut squares = Array1::<f64>::zeros(features.ncols());
        for row in features.outer_iter() {
            for ((square, value), mean) in squares.iter_mut().zip(row).zip(&mean) {
                *square += (f64::from(*value) - mean).powi(2);
            }
        }
        let deviation = squares.mapv(|square| (square / (n - 1.0)).sqrt());
        // A feature that never varies says nothing of the held-out images; it is shifted alone.
        Self { mean, deviation: deviation.mapv(|value| if value > 0.0 { value } else { 1.0 }) }
    }

    fn apply(&self, features: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut scaled = features.to_owned();
        for mut row in scaled.outer_iter_mut() {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = ((f64::from(*value) - mean) / deviation) as f32;
            }
        }
        scaled
    }
}
