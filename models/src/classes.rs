//! How often the classes occur.

use std::path::Path;

use rand::{Rng, RngExt};
use tch::{Kind, Tensor};

use crate::checkpoint::NamedTensors;
use crate::images::LabelledImages;
use crate::{ModelError, transfers};

/// Name of the tensor of a checkpoint that holds the counts.
const NAME: &str = "class_counts";

/// The number of training images of every class: the distribution that labels to generate by are
/// drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCounts {
    /// At least one class, and at least one image in all.
    counts: Vec<u64>,
}

impl ClassCounts {
    /// Those of `data`.
    pub fn of(data: &LabelledImages) -> Self {
        let mut counts = vec![0; data.classes()];
        for i in 0..data.count() {
            counts[data.label(i) as usize] += 1;
        }
        Self { counts }
    }

    /// As many images of each of `classes` (at least 1) classes.
    pub fn even(classes: usize) -> Self {
        Self { counts: vec![1; classes] }
    }

    /// Whether a class, an index, has images.
    pub fn has(&self, class: u32) -> bool {
        self.counts.get(class as usize).is_some_and(|&count| count > 0)
    }

    /// The classes that have images, in their order; at least one.
    pub fn present(&self) -> Vec<u32> {
        (0..).zip(&self.counts).filter_map(|(class, &count)| (count > 0).then_some(class)).collect()
    }

    /// A class, each with its share of the images as probability; one without images never.
    pub fn draw(&self, rng: &mut impl Rng) -> u32 {
        let mut image = rng.random_range(0..self.counts.iter().sum::<u64>());
        for (class, &count) in (0..).zip(&self.counts) {
            if image < count {
                return class;
            }
            image -= count;
        }
        unreachable!("the image is one of those counted")
    }

    /// Adds the counts to a checkpoint.
    pub(crate) fn insert(&self, tensors: &mut NamedTensors) {
        let counts: Vec<i64> = self.counts.iter().map(|&count| count as i64).collect();
        tensors.insert(NAME.into(), Tensor::from_slice(&counts));
    }

    /// The counts of a checkpoint of a run with this many classes. Those written before counts
    /// were kept have none: their runs drew all classes alike.
    ///
    /// # Errors
    /// If the counts are damaged.
    pub(crate) fn read(
        tensors: &NamedTensors,
        classes: usize,
        path: &Path,
    ) -> Result<Self, ModelError> {
        let Some(saved) = tensors.get(NAME) else {
            return Ok(Self::even(classes));
        };
        let counts = (saved.kind() == Kind::Int64)
            .then(|| transfers::read::<i64>(&saved.view([-1])))
            .transpose()?
            .and_then(|counts| {
                counts
                    .into_iter()
                    .map(|count| u64::try_from(count).ok())
                    .collect::<Option<Vec<_>>>()
            })
            .filter(|counts| counts.len() == classes)
            .filter(|counts| {
                let total = counts.iter().try_fold(0u64, |sum, &count| sum.checked_add(count));
                total.is_some_and(|total| total > 0)
            });
        counts.map(|counts| Self { counts }).ok_or_else(|| ModelError::Checkpoint {
            path: path.into(),
            reason: format!("`{NAME}` holds no counts of {classes} classes; it is damaged"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::ImageShape;
    use crate::streams::{Purpose, Streams};

    #[test]
    fn classes_are_drawn_by_their_share_and_absent_ones_never() {
        let shape = ImageShape { height: 1, width: 1, channels: 1 };
        let labels = [1, 1, 1, 3, 1, 1, 4, 1, 4, 1];
        let data = LabelledImages::new(&[0; 10], &labels, shape, 6).unwrap();
        let counts = ClassCounts::of(&data);
        assert_eq!(counts.counts, [0, 7, 0, 1, 2, 0]);
        assert_eq!(counts.present(), [1, 3, 4]);
        assert!(counts.has(3) && !counts.has(0) && !counts.has(6));
        let streams = Streams::new(0);
        let mut drawn = [0.0; 6];
        for i in 0..20_000 {
            drawn[counts.draw(&mut streams.at(Purpose::SampleLabels, i)) as usize] += 1.0;
        }
        for (class, share) in [0.0, 0.7, 0.0, 0.1, 0.2, 0.0].into_iter().enumerate() {
            // Five standard errors of 20 000 draws; none where the share is 0.
            let error = 5.0 * (share * (1.0 - share) / 20_000.0_f64).sqrt();
            assert!((drawn[class] / 20_000.0 - share).abs() <= error, "{class}: {drawn:?}");
        }
    }

    #[test]
    fn counts_survive_a_checkpoint_and_older_ones_stand_for_even_shares() {
        let path = Path::new("state");
        let counts = ClassCounts { counts: vec![3, 0, 5] };
        let mut tensors = NamedTensors::new();
        assert_eq!(ClassCounts::read(&tensors, 3, path).unwrap(), ClassCounts::even(3));
        counts.insert(&mut tensors);
        assert_eq!(ClassCounts::read(&tensors, 3, path).unwrap(), counts);
        assert!(ClassCounts::read(&tensors, 4, path).is_err());
        let damaged: [&[i64]; 3] = [&[0, 0, 0], &[1, -1, 2], &[i64::MAX, i64::MAX, 2]];
        for wrong in damaged {
            tensors.insert(NAME.into(), Tensor::from_slice(wrong));
            assert!(ClassCounts::read(&tensors, 3, path).is_err(), "{wrong:?}");
        }
        tensors.insert(NAME.into(), Tensor::from_slice(&[1.5f32, 2.0, 3.0]));
        assert!(ClassCounts::read(&tensors, 3, path).is_err());
    }
}
