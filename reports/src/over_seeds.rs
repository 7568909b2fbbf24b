//! Statistics over the seeds of one configuration.

/// Mean, and standard deviation with divisor n - 1 where there are two values or more. `values` is not empty.
pub(crate) fn mean_and_std(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()))
}
