//! clean-fid 0.1.35.

use super::{Conventions, Departure, FileOrder, Files};
use crate::extractor::ResizeRule;

/// The mode `clean`: Pillow's bicubic filter with antialiasing to 299 x 299, each channel in floating point and not
/// rounded, then `(x - 128) / 128`. Its network is the one of StyleGAN's TorchScript file, which holds the same weights.
pub(super) const CONVENTIONS: Conventions = Conventions {
    name: "clean-fid",
    doc: "FID and KID as clean-fid 0.1.35 computes them, in its mode clean",
    // `EXTENSIONS` of utils.py and the glob patterns of fid.py; arrays in .npy files are not read.
    files: Files {
        extensions: &[
            "bmp", "jpg", "jpeg", "pgm", "png", "ppm", "tif", "tiff", "webp", "JPEG", "JPG", "PNG",
        ],
        any_case: false,
        subfolders: true,
        order: FileOrder::ByName,
    },
    resize: ResizeRule::PillowBicubic,
    scale: (128.0, 128.0),
    settings: &[],
    departures: &[
        Departure::listed(
            "kid",
            "clean-fid draws KID's subsets anew in each run, here they are the same ones each time; it prints the mean \
             alone",
        ),
        Departure::listed(
            "is",
            "clean-fid has no IS; it is torch-fidelity's, of the same pixels as FID",
        ),
        Departure::listed(
            "prdc",
            "clean-fid has no precision and recall; they are those of the program prdc, of the same features as FID",
        ),
        Departure::listed("fid-infinity", "clean-fid has no FID∞; it is extrapolated from its FID"),
    ],
};
