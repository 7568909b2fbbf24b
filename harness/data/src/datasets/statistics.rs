//! What can be said of a dataset's pixels and labels at a glance.

use rayon::prelude::*;

use super::Dataset;

/// Mean and standard deviation of a channel, bytes from 0 to 255 taken as 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelStatistics {
    /// Mean over all pixels.
    pub mean: f64,
    /// Standard deviation over all pixels, with divisor n.
    pub deviation: f64,
}

/// Images of every class, by label; empty where there are no labels.
#[must_use]
pub fn class_counts(dataset: &Dataset) -> Vec<usize> {
    let Some(labels) = &dataset.labels else {
        return Vec::new();
    };
    let mut counts = vec![0; dataset.classes.len()];
    for &label in labels {
        counts[label as usize] += 1;
    }
    counts
}

/// What to say of classes that are declared and have no image; `None` where there are none.
#[must_use]
pub fn absent_classes(dataset: &Dataset) -> Option<String> {
    let counts = class_counts(dataset);
    let absent = dataset.classes.iter().zip(counts).filter(|(_, n)| *n == 0);
    let absent: Vec<&str> = absent.map(|(class, _)| class.as_str()).collect();
    (!absent.is_empty()).then(|| {
        format!(
            "{}:{}: no image of class {}: it is neither trained, nor sampled, nor scored",
            dataset.name,
            dataset.split,
            absent.join(", ")
        )
    })
}

/// The statistics of every channel, exact: sums are of whole numbers.
#[must_use]
pub fn pixel_statistics(dataset: &Dataset) -> Vec<ChannelStatistics> {
    let channels = dataset.channels;
    let histograms = dataset
        .images
        .par_chunks(dataset.image_len())
        .fold(
            || vec![[0_u64; 256]; channels],
            |mut histograms, image| {
                for pixel in image.chunks_exact(channels) {
                    for (histogram, &byte) in histograms.iter_mut().zip(pixel) {
                        histogram[usize::from(byte)] += 1;
                    }
                }
                histograms
            },
        )
        .reduce(
            || vec![[0; 256]; channels],
            |mut sum, part| {
                for (sum, part) in sum.iter_mut().flatten().zip(part.iter().flatten()) {
                    *sum += part;
                }
                sum
            },
        );
    histograms.iter().map(of_histogram).collect()
}

fn of_histogram(histogram: &[u64; 256]) -> ChannelStatistics {
    let values =
        || histogram.iter().enumerate().map(|(byte, &count)| (byte as f64 / 255.0, count as f64));
    let n: f64 = values().map(|(_, count)| count).sum();
    let mean = values().map(|(value, count)| value * count).sum::<f64>() / n;
    let variance = values().map(|(value, count)| (value - mean).powi(2) * count).sum::<f64>() / n;
    ChannelStatistics { mean, deviation: variance.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::{LoadOptions, Split, load};

    #[test]
    fn by_hand() {
        let options = LoadOptions { limit: Some(10), size: Some(8), ..LoadOptions::default() };
        let mut dataset = load("shapes", Split::Test, None, &options).unwrap();
        assert_eq!(class_counts(&dataset).iter().sum::<usize>(), 10);
        let byte = |index: usize| match index % 3 {
            0 => 51,
            1 => 0,
            _ => [0, 255][index / 3 % 2],
        };
        dataset.images = (0..dataset.images.len()).map(byte).collect::<Vec<u8>>().into();
        let [red, green, blue] = pixel_statistics(&dataset)[..] else { panic!("three channels") };
        assert!((red.mean - 0.2).abs() < 1e-12 && red.deviation < 1e-9, "{red:?}");
        assert_eq!(green, ChannelStatistics { mean: 0.0, deviation: 0.0 });
        assert!((blue.mean - 0.5).abs() < 1e-12 && (blue.deviation - 0.5).abs() < 1e-12);
        dataset.labels = None;
        assert!(class_counts(&dataset).is_empty());
    }
}
