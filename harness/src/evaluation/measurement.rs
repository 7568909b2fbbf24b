//! Features of images that go by in batches, by one extractor or several at once.

use bench_metrics::{
    Activations, Extractor, GaussianStatistics, ImageBatch, MetricsError, Moments, Sample,
};

use super::Inventory;

/// What is known of one set of images after extraction.
#[derive(Debug)]
pub struct Measured {
    /// Features and logits, in the order of the images.
    pub activations: Activations,
    /// Mean and covariance of the features.
    pub gaussian: GaussianStatistics,
    /// Mean and covariance of spatial features, where the extractor gives some.
    pub spatial: Option<GaussianStatistics>,
    /// Sizes of the images, and which are the same.
    pub inventory: Inventory,
}

impl Measured {
    /// Number of images.
    pub fn n(&self) -> u64 {
        self.activations.len() as u64
    }

    /// What metrics are computed from.
    pub fn sample(&self) -> Sample<'_> {
        Sample {
            activations: Some(&self.activations),
            gaussian: Some(&self.gaussian),
            spatial: self.spatial.as_ref(),
        }
    }
}

/// Extracts features batch by batch: images go by, features stay.
pub struct Measurement<'e> {
    features: Features<'e>,
    inventory: Inventory,
}

/// [`Measurement`] by several extractors, each of which sees every batch.
pub(super) struct Measurements<'e> {
    features: Vec<Features<'e>>,
    inventory: Inventory,
}

/// What an extractor makes of the images.
struct Features<'e> {
    extractor: &'e mut dyn Extractor,
    activations: Activations,
    moments: Moments,
    spatial: Option<Moments>,
}

impl<'e> Measurement<'e> {
    /// A measurement of no images yet.
    pub fn new(extractor: &'e mut dyn Extractor) -> Self {
        Self { features: Features::none(extractor), inventory: Inventory::default() }
    }

    /// Adds a batch of images.
    ///
    /// # Errors
    /// Those of the extractor.
    pub fn push(&mut self, images: &ImageBatch) -> Result<(), MetricsError> {
        self.features.push(images)?;
        self.inventory.push(images);
        Ok(())
    }

    /// The features and their statistics.
    ///
    /// # Errors
    /// If there are fewer than two images.
    pub fn finish(self) -> Result<Measured, MetricsError> {
        self.features.finish(self.inventory)
    }
}

impl<'e> Measurements<'e> {
    /// Measurements of no images yet.
    pub(super) fn new(extractors: impl IntoIterator<Item = &'e mut dyn Extractor>) -> Self {
        let features = extractors.into_iter().map(Features::none).collect();
        Self { features, inventory: Inventory::default() }
    }

    /// As [`Measurement::push`].
    pub(super) fn push(&mut self, images: &ImageBatch) -> Result<(), MetricsError> {
        self.features.iter_mut().try_for_each(|features| features.push(images))?;
        self.inventory.push(images);
        Ok(())
    }

    /// As [`Measurement::finish`], for each extractor.
    pub(super) fn finish(self) -> Result<Vec<Measured>, MetricsError> {
        let Self { features, inventory } = self;
        features.into_iter().map(|features| features.finish(inventory.clone())).collect()
    }
}

impl<'e> Features<'e> {
    fn none(extractor: &'e mut dyn Extractor) -> Self {
        Self {
            activations: Activations::empty(extractor.feature_dim(), extractor.class_count()),
            moments: Moments::new(extractor.feature_dim()),
            spatial: spatial_moments(extractor),
            extractor,
        }
    }

    fn push(&mut self, images: &ImageBatch) -> Result<(), MetricsError> {
        let batch = self.extractor.extract(images)?;
        self.moments.push(batch.features.view())?;
        if let Some(spatial) = &mut self.spatial {
            spatial.push(batch.spatial.view())?;
        }
        // Of spatial features, which are many, the moments are enough.
        self.activations.append(&batch.without_spatial())
    }

    fn finish(self, inventory: Inventory) -> Result<Measured, MetricsError> {
        let Self { activations, moments, spatial, .. } = self;
        let spatial = spatial.map(Moments::finish).transpose()?;
        Ok(Measured { activations, gaussian: moments.finish()?, spatial, inventory })
    }
}

/// Moments of the spatial features of `extractor`, if it gives some.
pub(super) fn spatial_moments(extractor: &dyn Extractor) -> Option<Moments> {
    Some(extractor.spatial_dim()).filter(|dim| *dim > 0).map(Moments::new)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use bench_data::files::image_tree::Selection;
    use bench_data::source::{Source, SourceOptions};
    use bench_metrics::Protocol;
    use bench_metrics::extractor::ConvolutionEngine;
    use ndarray::Array2;

    use super::*;
    use crate::evaluation::{self, FeatureCache, Reading};

    /// Batches that extractors saw: by whom, where in memory they lay, and of how many images.
    type Seen = Rc<RefCell<Vec<(char, usize, usize)>>>;

    /// An extractor whose features are an image's first pixels.
    struct Witness {
        name: char,
        sha256: String,
        features: usize,
        seen: Seen,
    }

    impl Witness {
        fn new(name: char, features: usize, seen: &Seen) -> Self {
            let sha256 = name.to_string().repeat(64);
            Self { name, sha256, features, seen: Rc::clone(seen) }
        }
    }

    impl Extractor for Witness {
        fn name(&self) -> &str {
            &self.sha256[..1]
        }

        fn sha256(&self) -> &str {
            &self.sha256
        }

        fn convolutions(&self) -> ConvolutionEngine {
            ConvolutionEngine::OnnxRuntime
        }

        fn feature_dim(&self) -> usize {
            self.features
        }

        fn class_count(&self) -> usize {
            0
        }

        fn extract(&mut self, images: &ImageBatch<'_>) -> Result<Activations, MetricsError> {
            let first = images.images().next().expect("no empty batch");
            self.seen.borrow_mut().push((self.name, first.as_ptr() as usize, images.len()));
            let pixels: Vec<&[u8]> = images.images().collect();
            let shape = (images.len(), self.features);
            let features = Array2::from_shape_fn(shape, |(i, j)| f32::from(pixels[i][j]));
            let none = Array2::zeros((images.len(), 0));
            Ok(Activations { features, logits: none.clone(), spatial: none })
        }
    }

    fn folder_of_images(n: u8) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..n {
            let colour = [i, 7_u8.wrapping_mul(i), 255 - i];
            let file = [&b"P6\n3 2\n255\n"[..], &colour.repeat(3 * 2)].concat();
            std::fs::write(folder.path().join(format!("{i:02}.ppm")), file).unwrap();
        }
        folder
    }

    #[test]
    fn several_extractors_see_the_same_batches_and_each_gives_what_it_gives_alone() {
        let folder = folder_of_images(10);
        let cache_folder = tempfile::tempdir().unwrap();
        let cache = FeatureCache::at(cache_folder.path(), 1);
        let options = SourceOptions { selection: Selection::ALL, ..Default::default() };
        let source = Source::open(folder.path(), &options).unwrap();
        let reading = Reading { batch_size: 4, ..Default::default() };
        let origin = evaluation::look_at(&source, reading.bad_images).unwrap();
        let seen = Seen::default();
        let measure = |extractors: Vec<&mut Witness>, cache: &FeatureCache| {
            let protocol = Protocol::default();
            evaluation::measure_once(&source, &origin, extractors, protocol, reading, cache)
                .unwrap()
                .0
        };
        let [mut a, mut b, mut c] =
            [('a', 2), ('b', 3), ('c', 1)].map(|(n, d)| Witness::new(n, d, &seen));
        let none = FeatureCache::none();
        let together = measure(vec![&mut a, &mut b], &none);

        // Each batch is decoded once: both extractors see it in the same place, one after the other.
        let batches = seen.take();
        for pair in batches.chunks(2) {
            let [one, other] = pair else { panic!("an odd number of batches: {batches:?}") };
            assert_eq!((one.1, one.2), (other.1, other.2), "{batches:?}");
        }
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.2).collect();
        assert_eq!(sizes, [4, 4, 4, 4, 2, 2]);
        let names: String = batches.iter().map(|(name, ..)| name).collect();
        assert_eq!(names, "ababab");

        for (extractor, own) in [&mut a, &mut b].into_iter().zip(&together) {
            let alone = &measure(vec![extractor], &none)[0];
            assert_eq!(alone.activations, own.activations);
            assert_eq!(alone.gaussian, own.gaussian);
            assert_eq!(alone.inventory, own.inventory);
        }

        // What is in the cache is not extracted again.
        seen.take();
        measure(vec![&mut b], &cache);
        assert_eq!(seen.take().len(), 3);
        let mixed = measure(vec![&mut a, &mut b, &mut c], &cache);
        let names: String = seen.take().iter().map(|(name, ..)| name).collect();
        assert_eq!(names, "acacac");
        let dims: Vec<_> = mixed.iter().map(|own| own.gaussian.dim()).collect();
        assert_eq!(dims, [2, 3, 1]);
        assert_eq!(mixed[1].activations, together[1].activations);
        measure(vec![&mut a, &mut b, &mut c], &cache);
        assert!(seen.take().is_empty());
    }
}
