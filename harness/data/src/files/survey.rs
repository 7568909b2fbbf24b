//! What a set of image files is, found out before any of them is decoded: content, sizes, and what plain RGB cannot hold.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::decode::Treatment;
use super::error::FileError;
use super::hexadecimal;
use super::image_files::ImageFiles;
use super::properties::{Header, Property};
use super::tally::Tally;

/// Files read between two reports of progress.
const CHUNK: usize = 256;

/// What to do with a file that cannot be read as an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadImages {
    /// Stop with an error that names the file.
    #[default]
    Refuse,
    /// Leave it out and report its path.
    Skip,
}

/// What a set of image files is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// SHA-256 over the SHA-256 digests of the encoded files, in order: 64 hexadecimal digits. Names and places do not
    /// enter, so a folder and a zip archive of the same files agree; what cannot be read is passed over.
    pub sha256: String,
    /// How many images there are of every width and height.
    pub sizes: BTreeMap<(u32, u32), usize>,
    /// How many have what plain RGB cannot hold.
    pub properties: BTreeMap<Property, Tally>,
}

impl Survey {
    /// Reads the files numbered `chosen` once, tells `report` how many are done of how many, and keeps them in memory for
    /// their decoding as far as there is room.
    ///
    /// # Errors
    /// A [`FileError`] naming the first file that cannot be read, unless bad images are skipped.
    ///
    /// # Panics
    /// If a number is not below [`ImageFiles::len`].
    pub fn of(
        files: &ImageFiles,
        chosen: &[usize],
        treatment: Treatment,
        bad_images: BadImages,
        report: &dyn Fn(usize, usize),
    ) -> Result<Self, FileError> {
        let mut survey = Self::default();
        let mut hasher = Sha256::new();
        for (number, chunk) in chosen.chunks(CHUNK).enumerate() {
            report(number * CHUNK, chosen.len());
            let read: Vec<_> = chunk.par_iter().map(|&index| files.look_at(index)).collect();
            for (&index, found) in chunk.iter().zip(read) {
                match (found, bad_images) {
                    (Ok((digest, header)), _) => {
                        hasher.update(digest);
                        if let Some(header) = header {
                            survey.add(&header, treatment, || files.name_of(index));
                        }
                    }
                    (Err(_), BadImages::Skip) => {}
                    (Err(error), BadImages::Refuse) => return Err(error),
                }
            }
        }
        report(chosen.len(), chosen.len());
        survey.sha256 = hexadecimal(&hasher.finalize());
        Ok(survey)
    }

    fn add(&mut self, header: &Header, treatment: Treatment, name: impl Fn() -> String) {
        *self.sizes.entry(header.size(treatment)).or_default() += 1;
        for property in &header.properties {
            self.properties.entry(*property).or_default().add(&name());
        }
    }

    /// What becomes of images that are more than plain RGB: one sentence a kind, with a number and an example.
    #[must_use]
    pub fn sentences(&self, treatment: Treatment) -> Vec<String> {
        let sentence = |(property, tally): (&Property, &Tally)| {
            let Tally { count, example } = tally;
            let consequence = property.consequence(treatment)?;
            Some(format!("{count} of its images, such as {example}, {consequence}"))
        };
        self.properties.iter().filter_map(sentence).collect()
    }
}
