//! What a source is, found out before any image is worked on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BadImages, Files, Images, Source, TREATMENT};
use crate::datasets::DataError;
use crate::files::{self, Survey};

/// Sizes listed in a note.
const SHOWN_SIZES: usize = 3;

/// Where images come from and what they are, as far as it is known without decoding them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// What the user called the source.
    pub source: String,
    /// What it is, such as `folder`.
    pub kind: String,
    /// The split of a dataset; `None` for other kinds.
    pub split: Option<String>,
    /// How many images there are of every size, such as `32x32`.
    pub sizes: BTreeMap<String, usize>,
    /// SHA-256 of the content, 64 hexadecimal digits: of a dataset, [`Dataset::sha256`](crate::datasets::Dataset::sha256);
    /// of files, of their encoded bytes in order, see [`Survey::sha256`]; of an array, of the file.
    pub sha256: String,
    /// What was left out, and what becomes of images that are more than plain RGB: one sentence a kind.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl Source {
    /// Looks at every image file and decodes none; tells `report` how many are done of how many.
    ///
    /// # Errors
    /// A [`DataError`] naming a file that cannot be read, unless bad images are skipped.
    pub fn origin(
        &self,
        bad_images: BadImages,
        report: &dyn Fn(usize, usize),
    ) -> Result<Origin, DataError> {
        let (sha256, sizes, split, notes) = match &self.images {
            Images::Files(own) => {
                let Files { files, left_out, .. } = &**own;
                let all: Vec<usize> = (0..files.len()).collect();
                let survey = Survey::of(files, &all, TREATMENT, bad_images, report)?;
                let left_out = left_out.sentences().into_iter();
                let mut notes: Vec<_> =
                    left_out.map(|what| format!("left out are {what}")).collect();
                notes.extend(survey.sentences(TREATMENT));
                notes.extend(mixed_sizes(&survey.sizes));
                (survey.sha256, survey.sizes, None, notes)
            }
            Images::Npz(images) => {
                let sha256 = files::sha256_file(images.path())?;
                // Who names the array knows what is beside it.
                let is_unsaid = !self.name().ends_with(":arr_0") && images.is_beside_statistics();
                let note =
                    "left out are its statistics, mu and sigma: its images, arr_0, are taken";
                let notes = is_unsaid.then(|| note.to_owned()).into_iter().collect();
                (sha256, BTreeMap::from([(images.size(), images.len())]), None, notes)
            }
            Images::Dataset(dataset) => {
                let size = (dataset.width as u32, dataset.height as u32);
                let sizes = BTreeMap::from([(size, dataset.n)]);
                let split = Some(dataset.split.to_string());
                (dataset.sha256.clone(), sizes, split, dataset.notes.clone())
            }
        };
        let sizes = sizes.into_iter().map(|(size, n)| (shown(size), n)).collect();
        let source = self.name();
        let notes = notes.into_iter().map(|note| format!("{source}: {note}")).collect();
        Ok(Origin { kind: self.kind().to_owned(), source, split, sizes, sha256, notes })
    }

    /// Gives back the memory of files that were looked at and are not decoded after all.
    pub fn release(&self) {
        if let Images::Files(own) = &self.images {
            own.files.release();
        }
    }
}

fn shown((width, height): (u32, u32)) -> String {
    format!("{width}x{height}")
}

/// What is to be said of images of different sizes.
fn mixed_sizes(sizes: &BTreeMap<(u32, u32), usize>) -> Option<String> {
    let examples: Vec<_> = sizes.keys().take(SHOWN_SIZES).map(|&size| shown(size)).collect();
    (sizes.len() > 1).then(|| {
        format!(
            "its images have {} sizes, such as {}: each is resized on its own",
            sizes.len(),
            examples.join(", ")
        )
    })
}
