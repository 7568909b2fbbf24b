//! CSV: machine names, full precision, an empty cell for a missing value.

use polars::prelude::{CsvWriter, SerWriter};

use super::Format;
use crate::error::ReportError;
use crate::table::Table;

/// The data frame itself, as comma-separated values.
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn extension(&self) -> &'static str {
        "csv"
    }

    fn doc(&self) -> &'static str {
        "every value at full precision, for programs"
    }

    fn render(&self, table: &Table) -> Result<String, ReportError> {
        let mut bytes = Vec::new();
        CsvWriter::new(&mut bytes)
            .finish(&mut table.frame.clone())
            .map_err(|error| ReportError::table(&table.name, error))?;
        String::from_utf8(bytes).map_err(|error| ReportError::table(&table.name, error))
    }
}
