//! pytorch-fid 0.3.0.

use super::{Conventions, Departure, FileOrder, Files};
use crate::extractor::ResizeRule;

/// RGB, divided by 255, bilinear to 299 x 299 with half-pixel centres and no antialiasing, then `2 x - 1`. The program
/// computes FID alone; the other metrics are those of torch-fidelity on the features it would take.
pub(super) const CONVENTIONS: Conventions = Conventions {
    name: "pytorch-fid",
    doc: "FID as pytorch-fid 0.3.0 computes it; other metrics on the same features",
    // `IMAGE_EXTENSIONS` and the glob patterns of fid_score.py.
    files: Files {
        extensions: &["bmp", "jpg", "jpeg", "pgm", "png", "ppm", "tif", "tiff", "webp"],
        any_case: false,
        subfolders: false,
        order: FileOrder::ByName,
    },
    resize: ResizeRule::HalfPixel,
    scale: (127.5, 127.5),
    settings: &[],
    departures: &[
        Departure::listed(
            "kid",
            "pytorch-fid has no KID; it is torch-fidelity's, of the same features as FID",
        ),
        Departure::listed(
            "is",
            "pytorch-fid has no IS; it is torch-fidelity's, of the same pixels as FID",
        ),
        Departure::listed(
            "prdc",
            "pytorch-fid has no precision and recall; they are those of the program prdc, of the same features as FID",
        ),
        Departure::listed(
            "fid-infinity",
            "pytorch-fid has no FID∞; it is extrapolated from its FID",
        ),
    ],
};
