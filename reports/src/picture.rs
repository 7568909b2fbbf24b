//! Pictures of a run: images from its generator, or that it was trained on, side by side
//! (`<suite>/<run>/pictures/NAME.png`), with a note of what each shows (`NAME.json`).

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::ReportError;
use crate::grid::sample_grid;

/// The folder of the pictures in a run's folder.
pub const FOLDER: &str = "pictures";

/// The schema of notes.
pub const SCHEMA: u64 = 1;

/// A picture that is asked for: its kind, and what is to be otherwise than by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedPicture {
    /// Its kind, such as `classes`.
    pub name: String,
    /// How many images, as the kind counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Threshold of truncated latents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncation: Option<f64>,
}

impl AskedPicture {
    /// The kind called `name` as it is by default.
    #[must_use]
    pub fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), n: None, truncation: None }
    }

    /// What its files are called, such as `classes-n100-truncation0.85`.
    #[must_use]
    pub fn stem(&self) -> String {
        let mut stem = self.name.clone();
        stem.extend(self.n.map(|n| format!("-n{n}")));
        stem.extend(self.truncation.map(|threshold| format!("-truncation{threshold}")));
        stem
    }
}

/// What a picture shows. What is not so is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureNote {
    /// [`SCHEMA`].
    pub schema: u64,
    /// Its kind.
    pub picture: String,
    /// What it shows, in words.
    pub title: String,
    /// Which checkpoint the generator is from: `last` or `best`; none for images that are not generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// Generator steps of the run by then.
    pub step: u64,
    /// Seed of the latents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The random stream that the latents come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Threshold of truncated latents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncation: Option<f64>,
    /// Height, width and channels of an image.
    pub image: [usize; 3],
    /// Places of a row; those beyond its images are white.
    pub columns: usize,
    /// What is in each column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_titles: Vec<String>,
    /// The rows, from the top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<PictureRow>,
    /// What was measured, where the picture is a plot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<PictureCurve>,
    /// What else is to be known, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// SHA-256 of the PNG beside the note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub png_sha256: String,
}

/// A row of a picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureRow {
    /// What it shows; empty where it goes on with the row above.
    pub title: String,
    /// Number of its images.
    pub images: usize,
    /// What is known of each of them; empty where there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<PictureCell>,
}

/// What is known of one image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureCell {
    /// What stands below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Name of its class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its number among the images that the run is scored by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<u64>,
    /// Its number among the training images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<u64>,
    /// Distance of its features to those that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
}

/// A measure against what was varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureCurve {
    /// Key of the measure, such as `fid`.
    pub measure: String,
    /// Its title with its direction.
    pub label: String,
    /// What was varied.
    pub against: String,
    /// Pairs of what was varied and the measure.
    pub points: Vec<(f64, f64)>,
}

impl PictureNote {
    /// The note as indented JSON with a final newline; equal notes are equal bytes.
    ///
    /// # Errors
    /// [`ReportError::Picture`] naming `path` if a number is not finite.
    pub fn to_json(&self, path: &Path) -> Result<Vec<u8>, ReportError> {
        let mut json =
            serde_json::to_vec_pretty(self).map_err(|e| ReportError::picture(path, e))?;
        json.push(b'\n');
        Ok(json)
    }

    /// Parses the file; `path` is only named in errors.
    ///
    /// # Errors
    /// [`ReportError::Picture`] for anything but a note of [`SCHEMA`].
    pub fn from_json(json: &[u8], path: &Path) -> Result<Self, ReportError> {
        let note: Self = serde_json::from_slice(json).map_err(|e| ReportError::picture(path, e))?;
        if note.schema != SCHEMA {
            let reason = format!("schema {} where {SCHEMA} is known", note.schema);
            return Err(ReportError::picture(path, reason));
        }
        Ok(note)
    }
}

/// A picture: its note, and the images of its rows one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// What it shows.
    pub note: PictureNote,
    /// The images, `[n, height, width, channels]` bytes; none of a plot.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// The images as they are in rows, two white pixels around each, as PNG.
    ///
    /// # Errors
    /// [`ReportError::GridShape`] where the pixels are not those of the rows.
    pub fn grid(&self) -> Result<Vec<u8>, ReportError> {
        let PictureNote { image: [height, width, channels], columns, ref rows, .. } = self.note;
        let size = height * width * channels;
        let shown: usize = rows.iter().map(|row| row.images).sum();
        if shown * size != self.pixels.len() || rows.iter().any(|row| row.images > columns) {
            let reason = format!(
                "{} bytes for {shown} images of {size} in rows of {columns}",
                self.pixels.len()
            );
            return Err(ReportError::GridShape { reason });
        }
        let mut pixels = Vec::with_capacity(rows.len() * columns * size);
        let mut left = self.pixels.as_slice();
        for row in rows {
            let (own, rest) = left.split_at(row.images * size);
            pixels.extend_from_slice(own);
            pixels.resize(pixels.len() + (columns - row.images) * size, 0xff);
            left = rest;
        }
        sample_grid(&pixels, rows.len() * columns, height, width, channels, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[usize], columns: usize) -> Picture {
        let rows = rows.iter().map(|&images| PictureRow { images, ..Default::default() });
        let rows: Vec<PictureRow> = rows.collect();
        let shown: usize = rows.iter().map(|row| row.images).sum();
        let note = PictureNote { image: [1, 1, 1], columns, rows, ..Default::default() };
        Picture { note, pixels: (0..shown as u8).collect() }
    }

    #[test]
    fn rows_that_are_not_full_stay_white() {
        let png = picture(&[1, 3, 2], 3).grid().unwrap();
        let grey = image::load_from_memory(&png).unwrap().to_luma8();
        assert_eq!(grey.dimensions(), (2 + 3 * 3, 2 + 3 * 3));
        let at = |column: u32, row: u32| grey.get_pixel(2 + 3 * column, 2 + 3 * row).0[0];
        let rows: Vec<Vec<u8>> =
            (0..3).map(|row| (0..3).map(|column| at(column, row)).collect()).collect();
        assert_eq!(rows, [[0, 255, 255], [1, 2, 3], [4, 5, 255]]);
    }

    #[test]
    fn pixels_of_another_shape_are_refused() {
        assert!(picture(&[4], 3).grid().is_err());
        let mut short = picture(&[2], 3);
        short.pixels.pop();
        assert!(short.grid().is_err());
        assert!(picture(&[], 3).grid().is_err());
    }

    #[test]
    fn notes_survive_and_other_schemas_are_refused() {
        let path = Path::new("classes.json");
        let note = PictureNote { schema: SCHEMA, ..picture(&[2], 2).note };
        let json = note.to_json(path).unwrap();
        assert_eq!(PictureNote::from_json(&json, path).unwrap(), note);
        let other = PictureNote { schema: 2, ..note }.to_json(path).unwrap();
        let refused = PictureNote::from_json(&other, path).unwrap_err().to_string();
        assert!(refused.contains("classes.json") && refused.contains("schema 2"), "{refused}");
    }

    #[test]
    fn what_is_asked_otherwise_stands_in_the_name() {
        let asked =
            AskedPicture { n: Some(10), truncation: Some(0.85), ..AskedPicture::plain("a") };
        assert_eq!(asked.stem(), "a-n10-truncation0.85");
        assert_eq!(AskedPicture::plain("a").stem(), "a");
    }
}
