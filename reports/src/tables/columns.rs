//! Columns, for machines and for people.

use polars::prelude::{Column, DataFrame};

use crate::error::ReportError;
use crate::table::{Content, Decimals, HumanColumn};

pub(crate) fn text_column(title: &str, column: &str) -> HumanColumn {
    HumanColumn::new(title, Content::Text(column.to_owned()))
}

pub(crate) fn number_column(title: &str, column: &str, decimals: usize) -> HumanColumn {
    let decimals = Decimals::Fixed(decimals);
    HumanColumn::new(title, Content::Number { column: column.to_owned(), decimals })
}

pub(crate) fn count_column(title: &str, column: &str) -> HumanColumn {
    HumanColumn::new(title, Content::Count(column.to_owned()))
}

pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn optional_texts<'a>(
    name: &str,
    values: impl Iterator<Item = Option<&'a str>>,
) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    let finite = values.map(|value| value.filter(|number| number.is_finite()));
    Column::new(name.into(), finite.collect::<Vec<_>>())
}

pub(crate) fn frame(table: &str, columns: Vec<Column>) -> Result<DataFrame, ReportError> {
    DataFrame::new_infer_height(columns).map_err(|error| ReportError::table(table, error))
}
