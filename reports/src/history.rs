//! The histories a run writes while it trains: the one schema of `losses.csv` and `metrics.csv`.
//!
//! Columns are known by name and may stand in any order. A cell without a value is empty. A last line without its line
//! end is what a program that was stopped had written of it, and is dropped.

use std::collections::BTreeMap;
use std::path::Path;

use csv::StringRecord;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::ReportError;
use crate::record::MetricValues;

/// The losses of one step; a non-finite or empty cell is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct LossPoint {
    /// Generator step, from 1.
    pub step: u64,
    /// The discriminator's or critic's loss (`loss_d`).
    pub discriminator: Option<f64>,
    /// The generator's loss (`loss_g`).
    pub generator: Option<f64>,
    /// Further columns by name, such as a penalty; missing cells are absent.
    pub parts: BTreeMap<String, f64>,
}

/// The metrics of one evaluation during training.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPoint {
    /// Generator step; 0 is the untrained generator.
    pub step: u64,
    /// Real images the discriminator had seen, repeats included.
    pub images_seen: u64,
    /// Metrics by column name; missing and non-finite cells are absent.
    pub values: MetricValues,
    /// Generated images that were scored.
    pub n_generated: Option<u64>,
    /// Images they were compared with.
    pub n_reference: Option<u64>,
}

/// Columns of `losses.csv` that are not parts.
const LOSSES: [&str; 3] = ["step", "loss_d", "loss_g"];
/// Columns of `metrics.csv` before the metrics, and after them.
const COUNTERS: [&str; 2] = ["step", "images_seen"];
const COUNTS: [&str; 2] = ["n_generated", "n_reference"];

/// `losses.csv` row by row, for a file that grows: [`Self::header`], then one [`Self::row`] a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossColumns {
    parts: Vec<String>,
}

impl LossColumns {
    /// The columns `step,loss_d,loss_g` and these parts after them.
    pub fn new(parts: &[String]) -> Self {
        Self { parts: parts.to_vec() }
    }

    /// The first line, line end included.
    pub fn header(&self) -> Vec<u8> {
        let parts = self.parts.iter().map(String::as_str);
        line(LOSSES.into_iter().chain(parts).map(str::to_owned))
    }

    /// The line of one step, line end included; parts that are no columns are left out.
    pub fn row(&self, point: &LossPoint) -> Vec<u8> {
        let losses = [point.discriminator, point.generator];
        let parts = self.parts.iter().map(|part| point.parts.get(part).copied());
        let cells = losses.into_iter().chain(parts).map(number);
        line(std::iter::once(point.step.to_string()).chain(cells))
    }
}

/// `metrics.csv` whole: `step,images_seen`, the metrics `keys` in that order, those that only some points have in name
/// order, `n_generated,n_reference`.
pub fn write_metrics(points: &[MetricPoint], keys: &[String]) -> Vec<u8> {
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut others: Vec<&str> =
        points.iter().flat_map(|point| point.values.keys()).map(String::as_str).collect();
    others.retain(|key| !keys.contains(key));
    others.sort_unstable();
    others.dedup();
    keys.append(&mut others);

    let columns = COUNTERS.iter().chain(&keys).chain(&COUNTS);
    let mut csv = line(columns.map(|&column| column.to_owned()));
    for point in points {
        let counters = [point.step, point.images_seen].map(|count| count.to_string());
        let values = keys.iter().map(|&key| number(point.values.get(key).copied()));
        let counts = [point.n_generated, point.n_reference]
            .map(|count| count.map_or_else(String::new, |count| count.to_string()));
        csv.extend(line(counters.into_iter().chain(values).chain(counts)));
    }
    csv
}

/// A cell: the shortest decimals that read back as the same number, without a power of ten.
fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

fn line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut line = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut line);
    // A vector takes whatever it is given; there is no error to report.
    let _ = writer.write_record(cells.collect::<Vec<_>>());
    drop(writer);
    line
}

/// Parses `losses.csv`: `step`, `loss_d`, `loss_g` and any further numeric columns. `path` is only named in errors.
///
/// # Errors
/// [`ReportError::History`] when a column is missing, a cell is not a number, or a row has other columns.
pub fn parse_losses(csv: &[u8], path: &Path) -> Result<Vec<LossPoint>, ReportError> {
    #[derive(Deserialize)]
    struct Row {
        step: u64,
        loss_d: Option<f64>,
        loss_g: Option<f64>,
    }
    let rows = rows::<Row>(csv, path, &LOSSES, &LOSSES)?;
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    Ok(rows
        .into_iter()
        .map(|(row, parts)| LossPoint {
            step: row.step,
            discriminator: finite(row.loss_d),
            generator: finite(row.loss_g),
            parts,
        })
        .collect())
}

/// Parses `metrics.csv`: `step`, `images_seen`, `n_generated` and `n_reference` where they are, and a column a metric.
/// `path` is only named in errors.
///
/// # Errors
/// [`ReportError::History`] when `step` or `images_seen` is missing, a cell is not a number, or a row has other columns.
pub fn parse_metrics(csv: &[u8], path: &Path) -> Result<Vec<MetricPoint>, ReportError> {
    #[derive(Deserialize)]
    struct Row {
        step: u64,
        images_seen: u64,
        n_generated: Option<u64>,
        n_reference: Option<u64>,
    }
    let named = [COUNTERS, COUNTS].concat();
    let rows = rows::<Row>(csv, path, &COUNTERS, &named)?;
    Ok(rows
        .into_iter()
        .map(|(row, values)| MetricPoint {
            step: row.step,
            images_seen: row.images_seen,
            values,
            n_generated: row.n_generated,
            n_reference: row.n_reference,
        })
        .collect())
}

/// Every whole row: what `Row` names, and the finite numbers of the columns that are not `named`.
fn rows<Row: DeserializeOwned>(
    csv: &[u8],
    path: &Path,
    required: &[&str],
    named: &[&str],
) -> Result<Vec<(Row, MetricValues)>, ReportError> {
    let whole = csv.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&csv[..whole]);
    let headers = reader.headers().map_err(|error| ReportError::history(path, error))?.clone();
    if let Some(missing) = required.iter().find(|name| headers.iter().all(|found| found != **name))
    {
        return Err(ReportError::history(path, format!("the column {missing} is missing")));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| ReportError::history(path, error))?;
        let row = by_name(&record, &headers, path)?;
        let cells: BTreeMap<String, Option<f64>> = by_name(&record, &headers, path)?;
        let values = cells.into_iter().filter(|(name, _)| !named.contains(&name.as_str()));
        let finite = values.filter_map(|(name, value)| Some((name, value?)));
        rows.push((row, finite.filter(|(_, value)| value.is_finite()).collect()));
    }
    Ok(rows)
}

fn by_name<T: DeserializeOwned>(
    record: &StringRecord,
    headers: &StringRecord,
    path: &Path,
) -> Result<T, ReportError> {
    record.deserialize(Some(headers)).map_err(|error| ReportError::history(path, error))
}
