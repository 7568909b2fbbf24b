//! The results for programs: every score a row, and every record a line.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::{Column, CsvWriter, DataFrame, SerWriter};
use serde::Serialize;

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::record::Record;
use crate::results::Results;
use crate::run::Run;

/// What the long table is called, and its file.
const MEASURES: &str = "measures";

/// One value of one evaluation.
struct Row<'a> {
    run: &'a Run,
    step: u64,
    images_seen: Option<u64>,
    measure: &'a str,
    value: f64,
}

/// `tables/measures.csv`: every value of every evaluation of every run, a row each: the untrained generator's at step 0, those
/// on the way, and the last ones. `is_last` and `is_best` mark the evaluations that the other tables show.
pub(crate) fn measures(results: &Results) -> Result<Artifact, ReportError> {
    let rows: Vec<Row<'_>> = results.runs.iter().flat_map(rows_of).collect();
    let failed = |error: polars::error::PolarsError| ReportError::table(MEASURES, error);
    let texts = |name: &str, value: &dyn Fn(&Record) -> &str| {
        let values = rows.iter().map(|row| value(&row.run.record));
        Column::new(name.into(), values.map(filled).collect::<Vec<Option<&str>>>())
    };
    let counts = |name: &str, value: &dyn Fn(&Row<'_>) -> Option<u64>| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
    };
    let flags = |name: &str, value: &dyn Fn(&Row<'_>) -> bool| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
    };
    let folders = rows.iter().map(|row| filled(&row.run.folder)).collect::<Vec<_>>();
    let columns = vec![
        texts("suite", &|record| &record.suite),
        texts("name", &|record| &record.name),
        texts("variant", &|record| &record.variant),
        texts("dataset", &|record| &record.dataset),
        texts("budget", &|record| &record.budget),
        texts("experiment", &|record| &record.experiment),
        counts("seed", &|row| Some(row.run.record.seed)),
        Column::new("folder".into(), folders),
        texts("protocol", &|record| &record.protocol),
        texts("extractor", &|record| &record.extractor),
        counts("step", &|row| Some(row.step)),
        counts("images_seen", &|row| row.images_seen),
        flags("is_last", &|row| is_last(row)),
        flags("is_best", &|row| {
            row.run.record.best.as_ref().is_some_and(|best| best.step == row.step)
        }),
        Column::new("measure".into(), rows.iter().map(|row| row.measure).collect::<Vec<_>>()),
        Column::new("value".into(), rows.iter().map(|row| row.value).collect::<Vec<_>>()),
    ];
    let mut frame = DataFrame::new_infer_height(columns).map_err(failed)?;
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame).map_err(failed)?;
    Ok(Artifact { path: format!("tables/{MEASURES}.csv").into(), bytes })
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn is_last(row: &Row<'_>) -> bool {
    let record = &row.run.record;
    row.step == record.steps && record.metric(row.measure).is_some()
}

/// A run's values by step and key: its record's, and those of its history that the record does not have.
fn rows_of(run: &Run) -> Vec<Row<'_>> {
    let record = &run.record;
    let mut values: BTreeMap<(u64, &str), f64> = BTreeMap::new();
    let mut images: BTreeMap<u64, u64> = BTreeMap::from([(record.steps, record.images_seen)]);
    let best = record.best.iter().map(|best| (best.step, &best.metrics));
    let scored = [(0, &record.untrained), (record.steps, &record.metrics)].into_iter().chain(best);
    for (step, metrics) in scored {
        values.extend(metrics.iter().map(|(key, &value)| ((step, key.as_str()), value)));
    }
    for point in &run.metrics {
        images.insert(point.step, point.images_seen);
        for (key, &value) in &point.values {
            values.entry((point.step, key)).or_insert(value);
        }
    }
    let finite = values.into_iter().filter(|(_, value)| value.is_finite());
    finite
        .map(|((step, measure), value)| {
            let images_seen = images.get(&step).copied();
            Row { run, step, images_seen, measure, value }
        })
        .collect()
}

/// A record with the folder it lies in.
#[derive(Serialize)]
struct Line<'a> {
    folder: Option<&'a str>,
    #[serde(flatten)]
    record: &'a Record,
}

/// `records.jsonl`: every record as it is in its run's folder, a line each.
pub(crate) fn records(results: &Results) -> Result<Artifact, ReportError> {
    const FILE: &str = "records.jsonl";
    let mut bytes = Vec::new();
    for run in &results.runs {
        let line = Line { folder: filled(&run.folder), record: &run.record };
        serde_json::to_writer(&mut bytes, &line)
            .map_err(|error| ReportError::record(Path::new(FILE), error))?;
        bytes.push(b'\n');
    }
    Ok(Artifact { path: FILE.into(), bytes })
}
