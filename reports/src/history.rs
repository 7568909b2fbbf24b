//! The histories a run writes while it trains: `losses.csv` and `metrics.csv`.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use polars::prelude::{Column, CsvReadOptions, DataFrame, DataType, SerReader};

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
}

/// Parses `losses.csv`: `step,loss_d,loss_g` and any further numeric columns. `path` is only named in errors.
///
/// # Errors
/// [`ReportError::History`] when a column is missing, a cell is not a number, or a row is torn.
pub fn parse_losses(csv: &[u8], path: &Path) -> Result<Vec<LossPoint>, ReportError> {
    let frame = History::read(csv, path)?;
    let steps = frame.counts("step")?;
    let discriminator = frame.numbers("loss_d")?;
    let generator = frame.numbers("loss_g")?;
    let parts = frame.numbers_except(&["step", "loss_d", "loss_g"])?;
    Ok((0..steps.len())
        .map(|row| LossPoint {
            step: steps[row],
            discriminator: discriminator[row],
            generator: generator[row],
            parts: present(&parts, row),
        })
        .collect())
}

/// Parses `metrics.csv`: `step,images_seen` and a column a metric. `path` is only named in errors.
///
/// # Errors
/// [`ReportError::History`] when a column is missing, a cell is not a number, or a row is torn.
pub fn parse_metrics(csv: &[u8], path: &Path) -> Result<Vec<MetricPoint>, ReportError> {
    let frame = History::read(csv, path)?;
    let steps = frame.counts("step")?;
    let images_seen = frame.counts("images_seen")?;
    let values = frame.numbers_except(&["step", "images_seen"])?;
    Ok((0..steps.len())
        .map(|row| MetricPoint {
            step: steps[row],
            images_seen: images_seen[row],
            values: present(&values, row),
        })
        .collect())
}

/// The finite cells of one row, by column name.
fn present(columns: &[(String, Vec<Option<f64>>)], row: usize) -> BTreeMap<String, f64> {
    columns.iter().filter_map(|(name, cells)| Some((name.clone(), cells[row]?))).collect()
}

/// A CSV file as a data frame whose cells are still text, and the path to blame.
struct History<'a> {
    frame: DataFrame,
    path: &'a Path,
}

impl<'a> History<'a> {
    fn read(csv: &[u8], path: &'a Path) -> Result<Self, ReportError> {
        // Types are not inferred: a column of whole numbers, or of empty cells, is still a column of f64.
        let frame = CsvReadOptions::default()
            .with_has_header(true)
            .with_infer_schema_length(Some(0))
            .with_n_threads(Some(1))
            .into_reader_with_file_handle(Cursor::new(csv))
            .finish()
            .map_err(|error| invalid(path, error))?;
        Ok(Self { frame, path })
    }

    fn column(&self, name: &str) -> Result<&Column, ReportError> {
        self.frame
            .column(name)
            .map_err(|_| invalid(self.path, format!("the column {name} is missing")))
    }

    /// A column of counts, none of them missing.
    fn counts(&self, name: &str) -> Result<Vec<u64>, ReportError> {
        let counts = self
            .column(name)?
            .strict_cast(&DataType::UInt64)
            .map_err(|error| invalid(self.path, error))?;
        let counts = counts.u64().map_err(|error| invalid(self.path, error))?;
        counts
            .iter()
            .enumerate()
            .map(|(row, count)| {
                count.ok_or_else(|| {
                    invalid(self.path, format!("{name} is empty in data row {}", row + 1))
                })
            })
            .collect()
    }

    /// A column of numbers; empty and non-finite cells are `None`.
    fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, ReportError> {
        let numbers = self
            .column(name)?
            .strict_cast(&DataType::Float64)
            .map_err(|error| invalid(self.path, error))?;
        let numbers = numbers.f64().map_err(|error| invalid(self.path, error))?;
        Ok(numbers.iter().map(|number| number.filter(|value| value.is_finite())).collect())
    }

    /// Every column but those named, with its name, in the file's order.
    fn numbers_except(&self, named: &[&str]) -> Result<Vec<NamedNumbers>, ReportError> {
        self.frame
            .get_column_names()
            .into_iter()
            .filter(|name| !named.contains(&name.as_str()))
            .map(|name| Ok((name.to_string(), self.numbers(name)?)))
            .collect()
    }
}

/// A column's name and its numbers.
type NamedNumbers = (String, Vec<Option<f64>>);

fn invalid(path: &Path, reason: impl std::fmt::Display) -> ReportError {
    ReportError::History { path: path.to_owned(), reason: reason.to_string() }
}
