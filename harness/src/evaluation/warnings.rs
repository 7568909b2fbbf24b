//! What a reader of scores has to know of the images behind them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use bench_metrics::metrics::Bias;
use bench_metrics::{Metric, Sample};
use ndarray::ArrayView1;

use super::{ImageSize, Inventory};

/// Generated images behind published values of FID and the Inception Score.
pub const CONVENTIONAL_GENERATED: u64 = 50_000;

/// Fewest reference images behind published values of FID, as its authors recommend (Heusel et al. 2017, appendix A1).
pub const LEAST_REFERENCE: u64 = 10_000;

/// Sizes listed in a warning.
const SHOWN_SIZES: usize = 3;

/// A covariance of no more images than dimensions is singular, and FID depends on it; `side` is `generated` or
/// `reference`.
#[must_use]
pub fn few_images(metrics: &[&dyn Metric], side: &str, sample: Sample<'_>) -> Option<String> {
    let (n, dim) = sample.gaussian.and_then(|gaussian| Some((gaussian.n()?, gaussian.dim())))?;
    let concerned = titles(metrics, |bias| bias.by_covariance);
    (!concerned.is_empty() && n <= dim as u64).then(|| {
        format!(
            "{n} {side} images are too few for a covariance of {dim} dimensions: {} {} strongly biased; use more \
             than {dim}, best tens of thousands",
            concerned.join(" and "),
            if concerned.len() == 1 { "is" } else { "are" }
        )
    })
}

/// FID and the Inception Score depend on the number of images: published values are of [`CONVENTIONAL_GENERATED`]
/// generated images and at least [`LEAST_REFERENCE`] reference images. Unknown numbers are not warned of.
#[must_use]
pub fn unusual_counts(
    metrics: &[&dyn Metric],
    generated: Option<u64>,
    reference: Option<u64>,
) -> Option<String> {
    let mut counts = Vec::new();
    let generated = generated.filter(|&n| n != CONVENTIONAL_GENERATED);
    let reference = reference.filter(|&n| n < LEAST_REFERENCE);
    let is_biased = |bias: Bias| {
        bias.by_generated && generated.is_some() || bias.by_reference && reference.is_some()
    };
    let biased = titles(metrics, is_biased);
    if let Some(n) = generated {
        counts.push(format!("{n} generated images instead of {CONVENTIONAL_GENERATED}"));
    }
    let needs_reference = !titles(metrics, |bias| bias.by_reference).is_empty();
    if let Some(n) = reference.filter(|_| needs_reference) {
        counts.push(format!("{n} reference images instead of at least {LEAST_REFERENCE}"));
    }
    (!biased.is_empty()).then(|| {
        format!(
            "counts differ from the convention for {}: {}; compare with values at equal counts only",
            biased.join(" and "),
            counts.join(", and ")
        )
    })
}

/// Titles of the metrics that depend on numbers of images as `which` says.
fn titles(metrics: &[&dyn Metric], which: impl Fn(Bias) -> bool) -> Vec<&'static str> {
    metrics.iter().filter(|metric| which(metric.bias())).map(|metric| metric.title()).collect()
}

/// Images that occur more than once in a set; `side` is `generated` or `reference`. Measures of nearest neighbours among
/// `metrics` mean nothing then, and are named.
#[must_use]
pub fn repeated_images(
    metrics: &[&dyn Metric],
    side: &str,
    inventory: &Inventory,
) -> Option<String> {
    let repeated = inventory.repeated();
    let consequence = of_repeats(metrics).unwrap_or_default();
    (repeated > 0).then(|| {
        let n = inventory.len();
        format!(
            "{side} images equal, pixel for pixel, to an earlier one of them: {repeated} of {n}{consequence}"
        )
    })
}

/// Likewise of a side that is features without images, where a measure of nearest neighbours is among `metrics`.
#[must_use]
pub fn repeated_features(
    metrics: &[&dyn Metric],
    side: &str,
    sample: Sample<'_>,
) -> Option<String> {
    let (consequence, activations) = of_repeats(metrics).zip(sample.activations)?;
    let digest = |row: ArrayView1<'_, f32>| {
        let mut hasher = DefaultHasher::new();
        row.iter().for_each(|value| value.to_bits().hash(&mut hasher));
        hasher.finish()
    };
    let distinct: HashSet<u64> = activations.features.outer_iter().map(digest).collect();
    let n = activations.len();
    let repeated = n - distinct.len();
    (repeated > 0).then(|| {
        format!(
            "{side} features equal to those of an earlier image: {repeated} of {n}{consequence}"
        )
    })
}

/// What repeats do to measures of nearest neighbours, if there are any among `metrics`.
fn of_repeats(metrics: &[&dyn Metric]) -> Option<String> {
    let concerned = titles(metrics, |bias| bias.by_repeats);
    (!concerned.is_empty()).then(|| {
        format!(
            "; their nearest neighbours lie at distance 0, so that {} is meaningless for them",
            concerned.join(" and ")
        )
    })
}

/// Generated images that are reference images: copies make the distance look small.
#[must_use]
pub fn shared_images(generated: &Inventory, reference: &Inventory) -> Option<String> {
    let shared = generated.found_in(reference);
    (shared > 0).then(|| {
        let n = generated.len();
        format!("generated images equal, pixel for pixel, to a reference image: {shared} of {n}")
    })
}

/// Sets of different sizes are resized differently, which the distance measures too. Where images of either set
/// differ in size among themselves, nothing is said.
#[must_use]
pub fn different_sizes(generated: &Inventory, reference: &Inventory) -> Option<String> {
    let (ours, theirs) = (sizes(generated), sizes(reference));
    let either_is_uniform = ours.len() == 1 || theirs.len() == 1;
    (either_is_uniform && ours != theirs).then(|| {
        format!(
            "generated images have {} pixels and reference images {}: the difference of resizing enters the scores; \
             bring both to one size by the same program",
            listed(&ours),
            listed(&theirs)
        )
    })
}

fn sizes(inventory: &Inventory) -> Vec<ImageSize> {
    inventory.sizes().keys().copied().collect()
}

fn listed(sizes: &[ImageSize]) -> String {
    let shown = sizes.iter().take(SHOWN_SIZES).map(|(width, height)| format!("{width}x{height}"));
    let more = if sizes.len() > SHOWN_SIZES { " and others" } else { "" };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use bench_metrics::Activations;
    use bench_metrics::metrics::find;

    use super::*;

    fn metrics(names: &[&str]) -> Vec<&'static dyn Metric> {
        names.iter().map(|name| find(name).unwrap()).collect()
    }

    fn of_sizes(sizes: &[ImageSize]) -> Inventory {
        Inventory::from_parts(Vec::new(), sizes.iter().map(|&size| (size, 1)).collect())
    }

    #[test]
    fn counts_are_warned_of_where_a_metric_depends_on_them() {
        let all = metrics(&["fid", "kid", "is"]);
        assert_eq!(unusual_counts(&all, Some(50_000), Some(10_000)), None);
        assert_eq!(unusual_counts(&all, None, None), None);
        assert_eq!(unusual_counts(&metrics(&["kid", "prdc"]), Some(5), Some(5)), None);
        assert_eq!(unusual_counts(&metrics(&["is"]), Some(50_000), Some(5)), None);
        let text = unusual_counts(&metrics(&["is"]), Some(5000), Some(5)).unwrap();
        assert!(text.contains("IS") && text.contains("5000 generated"), "{text}");
        assert!(!text.contains("FID") && !text.contains("reference"), "{text}");
        let text = unusual_counts(&all, Some(50_000), Some(9999)).unwrap();
        assert!(text.contains("FID") && text.contains("9999 reference"), "{text}");
        assert!(!text.contains("IS") && !text.contains("generated"), "{text}");
    }

    #[test]
    fn repeated_features_are_warned_of_where_neighbours_count() {
        let features = ndarray::array![[1.0, 2.0], [1.0, 2.5], [1.0, 2.0], [1.0, 2.0]];
        let none = ndarray::Array2::zeros((4, 0));
        let own = Activations { features, logits: none.clone(), spatial: none };
        let sample = Sample { activations: Some(&own), ..Default::default() };
        let text = repeated_features(&metrics(&["fid", "prdc"]), "reference", sample).unwrap();
        assert!(text.starts_with("reference features") && text.contains("2 of 4"), "{text}");
        assert!(text.contains("PRDC is meaningless"), "{text}");
        assert_eq!(repeated_features(&metrics(&["fid"]), "reference", sample), None);
        assert_eq!(repeated_features(&metrics(&["prdc"]), "generated", Sample::default()), None);
    }

    #[test]
    fn sizes_are_warned_of_unless_equal_or_mixed_on_both_sides() {
        let (small, large) = (of_sizes(&[(32, 32)]), of_sizes(&[(64, 48)]));
        let mixed = of_sizes(&[(1, 1), (2, 2), (3, 3), (4, 4)]);
        assert_eq!(different_sizes(&small, &small), None);
        assert_eq!(different_sizes(&mixed, &of_sizes(&[(5, 5), (6, 6)])), None);
        let text = different_sizes(&small, &large).unwrap();
        assert!(text.contains("have 32x32") && text.contains("images 64x48"), "{text}");
        let text = different_sizes(&small, &mixed).unwrap();
        assert!(text.contains("1x1, 2x2, 3x3 and others"), "{text}");
    }
}
