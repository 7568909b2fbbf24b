//! Single images of a source, by their places in its order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::datasets::DataError;
use crate::files::DecodedImage;

use super::{Images, Source, TREATMENT, dataset_image};

/// Images of an array read at a time.
const BATCH: usize = 256;

impl Source {
    /// The file of image `index`, if the source is files and has so many; inside an archive, the archive's path
    /// followed by the member's name.
    #[must_use]
    pub fn path_of(&self, index: usize) -> Option<PathBuf> {
        match &self.images {
            Images::Files(own) if index < own.files.len() => Some(own.files.path_of(index)),
            _ => None,
        }
    }

    /// What image `index` is called, for messages and tables: the file's path, or the source and the image's number
    /// from 0.
    #[must_use]
    pub fn name_of(&self, index: usize) -> String {
        match self.path_of(index) {
            Some(path) => path.display().to_string(),
            None => format!("{}#{index}", self.name()),
        }
    }

    /// Decodes the images at `indices`, in that order. An array in an `.npz` is read from its start to
    /// the last of them.
    ///
    /// # Errors
    /// A [`DataError`] where an image is not there or cannot be read.
    pub fn images_at(&self, indices: &[usize]) -> Result<Vec<DecodedImage>, DataError> {
        let Some(&last) = indices.iter().max() else { return Ok(Vec::new()) };
        if last >= self.len() {
            return Err(self.refused(&format!("it has no image number {last}")));
        }
        match &self.images {
            Images::Files(own) => {
                indices.iter().map(|&index| Ok(own.files.decode(index, TREATMENT)?)).collect()
            }
            Images::Dataset(dataset) => {
                Ok(indices.iter().map(|&index| dataset_image(dataset, index)).collect())
            }
            Images::Npz(images) => {
                let mut found: BTreeMap<usize, Option<DecodedImage>> =
                    indices.iter().map(|&index| (index, None)).collect();
                let mut first = 0;
                images.read(BATCH, &mut |batch| {
                    for (index, image) in (first..).zip(batch) {
                        found.entry(index).and_modify(|slot| *slot = Some(image));
                        first = index + 1;
                    }
                    if first > last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                })?;
                let image = |index: &usize| found.get(index).cloned().flatten();
                let images: Option<Vec<_>> = indices.iter().map(image).collect();
                images.ok_or_else(|| self.refused("it has fewer images than before"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceOptions;

    #[test]
    fn images_of_a_split_and_of_an_array_are_found_by_number() {
        let array = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../metrics/formats/tests/golden/npz/adm_samples.npz");
        for text in ["shapes:test", array.to_str().unwrap()] {
            let source = Source::open(text, &SourceOptions::default()).unwrap();
            let mut all = Vec::new();
            let collect = |batch: &[DecodedImage]| {
                all.extend_from_slice(batch);
                Ok::<(), DataError>(())
            };
            source.for_each_batch(3, Default::default(), collect).unwrap();
            let picked = source.images_at(&[4, 0, 4]).unwrap();
            assert_eq!(picked, [all[4].clone(), all[0].clone(), all[4].clone()]);
            assert_eq!(source.name_of(4), format!("{text}#4"));
            assert!(source.images_at(&[source.len()]).is_err());
        }
    }
}
