//! OpenAI's evaluator for ADM.

use super::{Conventions, Departure, FileOrder, Files};
use crate::extractor::ResizeRule;

/// TensorFlow's graph resizes and scales images itself, as torch-fidelity repeats it. The program takes .npz files with
/// images in `arr_0` alone, and of reference batches the mean and covariance that they hold.
pub(super) const CONVENTIONS: Conventions = Conventions {
    name: "adm",
    doc: "FID, sFID, IS, precision and recall as OpenAI's evaluator of guided-diffusion computes them",
    files: Files {
        extensions: &["png", "jpg", "jpeg"],
        any_case: true,
        subfolders: false,
        order: FileOrder::ByName,
    },
    resize: ResizeRule::Tensorflow1,
    scale: (128.0, 128.0),
    // `split_size` of compute_inception_score, `nhood_sizes` of ManifoldEstimator, and its comparisons.
    settings: &[
        ("is", "split_size", 5000),
        ("is", "in_order", 1),
        ("prdc", "k", 3),
        ("prdc", "closed", 1),
    ],
    departures: &[
        Departure::listed(
            "precision-recall",
            "adm computes distances in half precision, here they are in double: single images near the surface of a ball \
             may count otherwise",
        ),
        Departure::listed(
            "prdc",
            "adm has no density and coverage; its precision and recall are those of precision-recall",
        ),
        Departure::listed("is", "adm prints no standard deviation of IS"),
        Departure::listed(
            "kid",
            "adm has no KID; it is torch-fidelity's, of the same features as FID",
        ),
        Departure::listed("fid-infinity", "adm has no FID∞; it is extrapolated from its FID"),
    ],
};
