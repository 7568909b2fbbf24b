//! Directions of features.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// `features`, `[n, d]`, each scaled to length 1; what is nought stays nought.
pub(crate) fn unit_rows(features: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut units = features.as_standard_layout().into_owned();
    let values = units.as_slice_mut().expect("a row-major matrix");
    values.par_chunks_mut(features.ncols().max(1)).for_each(|row| {
        let length = row.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        if length > 0.0 {
            row.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
    });
    units
}
