//! MNIST and Fashion-MNIST: 70 000 grey images of 28x28 pixels in ten classes, from IDX files.
//!
//! Below `--data DIR` the four IDX files are looked for in `DIR/mnist`, `DIR/MNIST/raw`,
//! `DIR/mnist/raw` and `DIR/mnist/MNIST/raw` (for Fashion-MNIST with `fashion-mnist`,
//! `FashionMNIST` and `fashion_mnist`), in this order, with or without `.gz`; compression is told
//! from the contents. They are never looked for in `DIR` itself, since the two datasets use the
//! same file names.

use std::path::{Path, PathBuf};

use super::published::{self, Publication};
use super::{DataError, DatasetSource, LoadOptions, NativeImages, NativePixels, Split, Stage, idx};

const SIDE: usize = 28;

/// One member of the family.
pub(super) struct MnistFamily {
    name: &'static str,
    about: &'static str,
    classes: &'static [&'static str],
    publication: &'static Publication,
    hint: &'static str,
}

/// Handwritten digits (LeCun et al. 1998).
pub(super) const MNIST: MnistFamily = MnistFamily {
    name: "mnist",
    about: "MNIST: 70 000 handwritten digits, 28x28 grey, 10 classes (LeCun et al. 1998)",
    classes: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    publication: &published::MNIST,
    hint: "put the four IDX files of MNIST (train-images-idx3-ubyte.gz and so on) into `mnist/` \
        in the data folder, and name that folder by `--data DIR`",
};

/// Photographs of clothing (Xiao et al. 2017).
pub(super) const FASHION_MNIST: MnistFamily = MnistFamily {
    name: "fashion-mnist",
    about: "Fashion-MNIST: 70 000 photographs of clothing, 28x28 grey, 10 classes (Xiao et al. 2017)",
    classes: &[
        "t-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ],
    publication: &published::FASHION_MNIST,
    hint: "put the four IDX files of Fashion-MNIST (train-images-idx3-ubyte.gz and so on, from \
        https://github.com/zalandoresearch/fashion-mnist) into `fashion-mnist/` in the data \
        folder, and name that folder by `--data DIR`",
};

const HINT: &str = "check that both files belong to the same split of the same dataset";

impl DatasetSource for MnistFamily {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn classes(&self) -> Vec<&str> {
        self.classes.to_vec()
    }

    fn split_len(&self, split: Split) -> usize {
        match split {
            Split::Train => 60_000,
            Split::Test => 10_000,
        }
    }

    fn needs_files(&self) -> bool {
        true
    }

    fn stand_in(&self) -> Option<&'static str> {
        Some("digits")
    }

    fn published(&self) -> Option<&'static Publication> {
        Some(self.publication)
    }

    fn read(
        &self,
        split: Split,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let prefix = match split {
            Split::Train => "train",
            Split::Test => "t10k",
        };
        let mut looked_at = Vec::new();
        for folder in data_dir.into_iter().flat_map(|dir| self.publication.places(dir)) {
            if let Some(images) = find(&folder, &format!("{prefix}-images-idx3-ubyte")) {
                let labels_name = format!("{prefix}-labels-idx1-ubyte");
                let Some(labels) = find(&folder, &labels_name) else {
                    let reason = format!("it has images and no {labels_name}");
                    return Err(DataError::malformed(&folder, reason, self.hint));
                };
                return read_pair(&images, &labels, options);
            }
            looked_at.push(folder.join(format!("{prefix}-images-idx3-ubyte[.gz]")));
        }
        Err(DataError::NotFound { name: self.name.to_owned(), looked_at, hint: self.hint })
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    candidates.into_iter().find(|path| path.is_file())
}

fn read_pair(
    images_path: &Path,
    labels_path: &Path,
    options: &LoadOptions<'_>,
) -> Result<NativeImages, DataError> {
    let mut images = idx::read_file::<3>(images_path)?;
    let [n, height, width] = images.extents;
    if (height, width) != (SIDE, SIDE) || n == 0 {
        let reason = format!("it has {n} images of {width}x{height} and not some of {SIDE}x{SIDE}");
        return Err(DataError::malformed(images_path, reason, HINT));
    }
    let labels = idx::read_file::<1>(labels_path)?;
    if labels.extents != [n] {
        let reason = format!("it has {} labels for {n} images", labels.extents[0]);
        return Err(DataError::malformed(labels_path, reason, HINT));
    }
    if let Some(wrong) = labels.bytes.iter().find(|&&label| label > 9) {
        let reason = format!("it has a label {wrong}, above 9");
        return Err(DataError::malformed(labels_path, reason, HINT));
    }
    let kept = options.limited(n);
    images.bytes.truncate(kept * SIDE * SIDE);
    options.report(Stage::Making, kept, kept);
    Ok(NativeImages {
        images: NativePixels::Raw(images.bytes),
        labels: Some(labels.bytes.into_iter().take(kept).map(u32::from).collect()),
        height: SIDE,
        width: SIDE,
        channels: 1,
        provenance: format!("{} (IDX)", images_path.display()),
        official: true,
    })
}
