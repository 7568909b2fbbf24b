//! What a suite's tables and figures may show.

use bench_data::nearest::nearest;
use bench_metrics::metrics::{METRICS, Measure};
use bench_reports::figures::loss_columns;
use bench_reports::published::SuiteFigure;

use crate::pictures;

/// The keys of all values of all metrics.
fn scores() -> Vec<&'static str> {
    METRICS.iter().flat_map(|metric| metric.measures()).flat_map(Measure::keys).collect()
}

/// Refuses keys of no value, with what was meant.
pub(super) fn check_scores(asked: &[String]) -> Result<(), String> {
    check(asked, &scores())
}

/// Refuses what is neither a score nor a loss.
fn check_curves(asked: &[String]) -> Result<(), String> {
    if asked.is_empty() {
        return Err(
            "`shows` is empty; name losses or scores, such as \"loss_d\" or \"fid\"".to_owned()
        );
    }
    check(asked, &scores().into_iter().chain(loss_columns()).collect::<Vec<_>>())
}

/// Refuses a figure that shows nothing, or what there is not.
pub(super) fn check_figure(figure: &SuiteFigure) -> Result<(), String> {
    let Some(asked) = &figure.picture else {
        if figure.rows.is_empty() {
            return Err("`rows` is empty; name the runs whose curves it shows".to_owned());
        }
        return check_curves(&figure.shows);
    };
    if !figure.shows.is_empty() {
        return Err("it has both `shows` and `picture`; give one".to_owned());
    }
    pictures::check(asked).map_err(|error| error.to_string())
}

fn check(asked: &[String], known: &[&'static str]) -> Result<(), String> {
    let Some(unknown) = asked.iter().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let hint = match METRICS.iter().find(|metric| metric.name() == unknown.as_str()) {
        Some(metric) => {
            let keys: Vec<&str> = metric.measures().iter().map(|measure| measure.key).collect();
            format!("; the values of {} are called {}", metric.title(), keys.join(", "))
        }
        None => nearest(unknown, known.iter().copied()),
    };
    Err(format!("nothing that is measured is called `{unknown}`{hint}"))
}

#[cfg(test)]
mod tests {
    use super::{check_curves, check_scores};

    #[test]
    fn what_is_not_measured_is_refused_with_what_was_meant() {
        let asked = |key: &str| [key.to_owned()];
        assert_eq!(check_scores(&asked("kid_se")), Ok(()));
        assert_eq!(check_curves(&asked("loss_d_real")), Ok(()));
        let metric = check_scores(&asked("kid")).unwrap_err();
        assert!(metric.contains("`kid`") && metric.contains("kid_mean"), "{metric}");
        let typo = check_curves(&asked("loss_d_reel")).unwrap_err();
        assert!(typo.contains("loss_d_real"), "{typo}");
        assert!(check_scores(&asked("loss_d")).is_err() && check_curves(&[]).is_err());
    }
}
