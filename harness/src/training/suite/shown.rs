//! What a suite's tables and figures may show.

use bench_data::nearest::nearest;
use bench_metrics::metrics::{METRICS, Measure};
use bench_reports::figures::loss_columns;

/// The keys of all values of all metrics.
fn keys() -> impl Iterator<Item = &'static str> + Clone {
    METRICS.iter().flat_map(|metric| metric.measures()).flat_map(Measure::keys)
}

/// Refuses keys of no value, with what was meant.
pub(super) fn check_scores(asked: &[String]) -> Result<(), String> {
    check(asked, keys())
}

/// Refuses what is neither a score nor a loss.
pub(super) fn check_curves(asked: &[String]) -> Result<(), String> {
    match asked {
        [] => {
            Err("`shows` is empty; name losses or scores such as \"loss_d\" or \"fid\"".to_owned())
        }
        asked => check(asked, keys().chain(loss_columns())),
    }
}

fn check(
    asked: &[String],
    known: impl Iterator<Item = &'static str> + Clone,
) -> Result<(), String> {
    let Some(unknown) = asked.iter().find(|key| known.clone().all(|known| known != **key)) else {
        return Ok(());
    };
    let metric = METRICS.iter().find(|metric| metric.name() == unknown);
    let hint = match metric {
        Some(metric) => {
            let keys: Vec<&str> = metric.measures().iter().map(|measure| measure.key).collect();
            format!("; the values of {} are called {}", metric.title(), keys.join(", "))
        }
        None => nearest(unknown, known),
    };
    Err(format!("nothing that is measured is called `{unknown}`{hint}"))
}
