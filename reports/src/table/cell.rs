//! The cells of a table as people read them.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Content, Decimals};
use crate::record::SHOWN_DIGITS;

/// One cell of the human table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// Whether it is among the best of the rows it competes with.
    pub best: bool,
    /// Whether it must not be read beside a published value.
    pub dagger: bool,
    /// Numbers of the footnotes on this row, from 1; only on its first cell.
    pub marks: Vec<usize>,
}

/// A value as people read it, before a format's own escapes and signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Not measured.
    Missing,
    /// Words.
    Text(String),
    /// A number with its decimals, with an ASCII minus sign.
    Number(String),
    /// A number with its standard deviation, all with the same decimals.
    Estimate {
        /// The number.
        mean: String,
        /// Its standard deviation, where there is one.
        std: Option<String>,
        /// Lower and upper end of the interval of a mean.
        interval: Option<(String, String)>,
        /// How many values the mean is of, where that is fewer than the row stands for.
        n: Option<String>,
    },
}

impl Decimals {
    /// Those of one row.
    fn of_row(&self, row: usize) -> Self {
        match self {
            Self::ByRow(rows) => rows.get(row).map_or(Self::AsGiven, |&fixed| Self::Fixed(fixed)),
            all => all.clone(),
        }
    }

    /// A number with so many decimals; a value that rounds to zero bears no minus sign.
    pub(crate) fn shown(&self, number: f64) -> String {
        let text = match self {
            Self::Fixed(decimals) => format!("{number:.decimals$}"),
            Self::AsGiven | Self::ByRow(_) => number.to_string(),
        };
        match text.strip_prefix('-') {
            Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
            _ => text,
        }
    }
}

impl Content {
    /// What people see in a row.
    pub(super) fn value(&self, frame: &DataFrame, row: usize) -> PolarsResult<Value> {
        let text = |column: &str| {
            PolarsResult::Ok(frame.column(column)?.str()?.get(row).map(str::to_owned))
        };
        let count = |column: &str| PolarsResult::Ok(frame.column(column)?.u64()?.get(row));
        let number = |column: &str| PolarsResult::Ok(frame.column(column)?.f64()?.get(row));
        Ok(match self {
            Self::Text(column) => text(column)?.map_or(Value::Missing, Value::Text),
            Self::Hash(column) => text(column)?.map_or(Value::Missing, |hash| {
                Value::Text(hash.get(..SHOWN_DIGITS).unwrap_or(&hash).to_owned())
            }),
            Self::Count(column) => {
                count(column)?.map_or(Value::Missing, |count| Value::Number(count.to_string()))
            }
            Self::Number { column, decimals } => {
                let decimals = decimals.of_row(row);
                number(column)?
                    .map_or(Value::Missing, |number| Value::Number(decimals.shown(number)))
            }
            Self::Estimate { mean, std, interval, n, decimals } => {
                let decimals = decimals.of_row(row);
                let shown = |column: &str| {
                    PolarsResult::Ok(number(column)?.map(|number| decimals.shown(number)))
                };
                let interval = match interval {
                    Some([low, high]) => shown(low)?.zip(shown(high)?),
                    None => None,
                };
                let n = match n {
                    Some([own, all]) if count(own)? != count(all)? => {
                        count(own)?.map(|count| count.to_string())
                    }
                    _ => None,
                };
                match (shown(mean)?, shown(std)?, n) {
                    (None, ..) => Value::Missing,
                    (Some(mean), None, None) => Value::Number(mean),
                    (Some(mean), std, n) => Value::Estimate { mean, std, interval, n },
                }
            }
        })
    }
}
