//! The scores of a run, computed again.

use bench_reports::Record;
use bench_reports::record::MetricValues;

use super::{Checkpoint, Findings, READING, Subject, is_score};
use crate::training::error::RunError;
use crate::training::queue::Queue;

/// Share of a score by which it may differ on another device or with another number of threads, where sums are taken in
/// another order.
const TOLERANCE: f64 = 1e-3;

/// Compares dataset, extractor and scores with those at hand.
///
/// # Errors
/// As [`Queue::rescore`], unless the checkpoint is at fault, which is a difference that has been found already.
pub(super) fn check(
    subject: &Subject,
    record: &Record,
    checkpoint: Checkpoint,
    queue: &mut Queue,
    findings: &mut Findings,
) -> Result<(), RunError> {
    let (path, expected) = match (checkpoint, &record.best) {
        (Checkpoint::Last, _) => (subject.folder.checkpoint(), &record.metrics),
        (Checkpoint::Best, Some(best)) => (subject.folder.best(), &best.metrics),
        (Checkpoint::Best, None) => {
            findings.notes.push("there is no best checkpoint to score".to_owned());
            return Ok(());
        }
    };
    if !path.exists() {
        findings.notes.push(format!("{} is not there to be scored", path.display()));
        return Ok(());
    }
    let config = &subject.config;
    let scored = match queue.rescore(config, &path) {
        Err(RunError::Model(bench_models::ModelError::Checkpoint { .. })) => return Ok(()),
        scored => scored?,
    };
    let (found, made_with) = (&scored.inputs, &config.inputs);
    findings.compare("the dataset at hand", &found.dataset_sha256, &made_with.dataset_sha256);
    findings.compare("the extractor at hand", &found.extractor_sha256, &made_with.extractor_sha256);
    let Some(scores) = scored.scores else {
        findings.notes.push("the scores were not computed again: the inputs are others".to_owned());
        return Ok(());
    };
    let (device, threads) = queue.computes_with();
    let is_alike = record.device == device && record.threads == threads as u64;
    if !is_alike {
        findings.notes.push(format!(
            "scored on {device} with {threads} threads instead of {} with {}: scores may differ by {TOLERANCE} of their size",
            record.device, record.threads
        ));
    }
    if let (true, Checkpoint::Last, Some(expected)) =
        (is_alike, checkpoint, &record.generated_sha256)
    {
        findings.compare("the SHA-256 of the images", &scores.images_sha256, expected);
    }
    compare(expected, &scores.values, if is_alike { READING } else { TOLERANCE }, findings);
    Ok(())
}

/// Compares every expected score with the one that was found, up to a share of its size.
fn compare(expected: &MetricValues, found: &MetricValues, share: f64, findings: &mut Findings) {
    for (key, expected) in expected {
        let value = found.get(key).copied();
        let is_same = value.is_some_and(|value| is_score(value, *expected, share));
        let shown = value.map_or("missing".to_owned(), |value| value.to_string());
        findings.check(is_same, || format!("{key} is {shown} instead of {expected}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_compared_exactly_or_up_to_a_share() {
        let expected = MetricValues::from([("fid".to_owned(), 10.0), ("is".to_owned(), 2.0)]);
        let found = MetricValues::from([("fid".to_owned(), 10.005), ("is".to_owned(), 2.0)]);
        let differences = |found: &MetricValues, share: f64| {
            let mut findings = Findings::default();
            compare(&expected, found, share, &mut findings);
            assert_eq!(findings.checks, 2);
            findings.differences
        };
        assert_eq!(differences(&found, READING), ["fid is 10.005 instead of 10"]);
        assert_eq!(differences(&found, TOLERANCE), [""; 0]);
        let some = MetricValues::from([("fid".to_owned(), 10.0)]);
        assert_eq!(differences(&some, TOLERANCE), ["is is missing instead of 2"]);
    }
}
