//! torch-fidelity 0.4.0.

use super::{Conventions, Departure, FileOrder, Files};
use crate::extractor::ResizeRule;

/// `u8` pixels, bilinear to 299 x 299 as TensorFlow 1 does (source = i * in / out, no half-pixel offset), then
/// `(x - 128) / 128`.
pub(super) const CONVENTIONS: Conventions = Conventions {
    name: "torch-fidelity",
    doc: "IS, FID and KID as torch-fidelity 0.4.0 computes them",
    // `glob_samples_paths` of utils.py with the options `samples_find_ext` and `samples_find_deep` at their defaults.
    files: Files {
        extensions: &["png", "jpg", "jpeg"],
        any_case: true,
        subfolders: false,
        order: FileOrder::ByRealPath,
    },
    resize: ResizeRule::Tensorflow1,
    scale: (128.0, 128.0),
    // `prc_neighborhood` of defaults.py, and the comparisons of metric_prc.py.
    settings: &[("prdc", "k", 3), ("prdc", "closed", 1)],
    departures: &[
        // `DEFAULT_FEATURE_EXTRACTOR` of utils.py.
        Departure::warned_of(
            "prdc",
            "torch-fidelity computes precision and recall on VGG16 features unless it is given --feature-extractor \
             inception-v3-compat; here they are of the features of FID, and so are density and coverage, which it \
             does not have; --extractor vgg16 takes its default",
        ),
        Departure::warned_of(
            "precision-recall",
            "torch-fidelity computes precision and recall on VGG16 features unless it is given --feature-extractor \
             inception-v3-compat; here they are of the features of FID; --extractor vgg16 takes its default",
        ),
        Departure::listed("prdc", "torch-fidelity prints the F-score of precision and recall, too"),
        Departure::listed(
            "fid-infinity",
            "torch-fidelity has no FID∞; it is extrapolated from its FID",
        ),
    ],
};
