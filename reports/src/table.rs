//! One table: a typed data frame for machines, and columns, caption and footnotes for people.

use polars::prelude::{AnyValue, DataFrame, PolarsResult};

use crate::error::ReportError;
use crate::measure::Direction;

/// A table that every [`crate::formats::Format`] can render.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its file name without extension, such as `comparison`.
    pub name: String,
    /// What the table shows and how its numbers came about, as sentences.
    pub caption: String,
    /// Every value at full precision under its machine name; a null is a missing value.
    pub frame: DataFrame,
    /// What people see, left to right.
    pub columns: Vec<HumanColumn>,
    /// Machine columns that must be equal for two rows to compete for the best value.
    pub contest: Vec<&'static str>,
    /// Remarks below the table.
    pub footnotes: Vec<Footnote>,
}

/// A column as people see it, made of one or two machine columns.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanColumn {
    /// The heading without arrow and unit.
    pub title: String,
    /// The unit, such as `s`.
    pub unit: Option<&'static str>,
    /// Which way the values improve; the best ones are emphasised.
    pub direction: Option<Direction>,
    /// Where the values come from.
    pub content: Content,
}

/// The machine columns behind a [`HumanColumn`].
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text as it is.
    Text(String),
    /// A whole number.
    Count(String),
    /// A number with so many decimals.
    Number {
        /// The machine column.
        column: String,
        /// Decimals shown.
        decimals: usize,
    },
    /// A number of another kind in each row.
    NumberByRow {
        /// The machine column.
        column: String,
        /// Decimals shown, row by row.
        decimals: Vec<usize>,
    },
    /// A number and its standard deviation, joined.
    MeanStd {
        /// The machine column of the mean.
        mean: String,
        /// The machine column of the standard deviation.
        std: String,
        /// Decimals shown, of both.
        decimals: usize,
    },
}

impl Content {
    /// Whether the column is set flush right.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    fn leading_column(&self) -> &str {
        match self {
            Self::Text(column)
            | Self::Count(column)
            | Self::Number { column, .. }
            | Self::NumberByRow { column, .. }
            | Self::MeanStd { mean: column, .. } => column,
        }
    }
}

/// A remark on some rows or on all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footnote {
    /// The rows that bear its number; empty for a remark on the whole table.
    pub rows: Vec<usize>,
    /// The remark.
    pub text: String,
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
    /// A mean and its standard deviation, with the same decimals.
    MeanStd(String, String),
}

/// One cell of the human table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// Whether it is the best of the rows it competes with.
    pub best: bool,
    /// Numbers of the footnotes on this row, from 1; only on its first cell.
    pub marks: Vec<usize>,
}

impl HumanColumn {
    /// The heading with its unit and the arrow of its direction, such as `FID ↓` or `Time (s)`.
    pub fn heading(&self) -> String {
        let mut heading = self.title.clone();
        if let Some(unit) = self.unit {
            heading.push_str(&format!(" ({unit})"));
        }
        if let Some(direction) = self.direction {
            heading.push(' ');
            heading.push(direction.arrow());
        }
        heading
    }
}

impl Table {
    /// The human rows, top to bottom, with one cell a column.
    ///
    /// # Errors
    /// [`ReportError::Table`] when a column of the layout is not in the frame or has another type.
    pub fn rows(&self) -> Result<Vec<Vec<Cell>>, ReportError> {
        let mut rows = vec![Vec::with_capacity(self.columns.len()); self.frame.height()];
        for column in &self.columns {
            let best =
                self.best_rows(column).map_err(|error| ReportError::table(&self.name, error))?;
            for (index, row) in rows.iter_mut().enumerate() {
                let value = self
                    .value(&column.content, index)
                    .map_err(|error| ReportError::table(&self.name, error))?;
                row.push(Cell {
                    value,
                    best: best.contains(&index),
                    marks: if row.is_empty() { self.marks(index) } else { Vec::new() },
                });
            }
        }
        Ok(rows)
    }

    /// The footnotes with their numbers; remarks on the whole table have none and come first.
    pub fn numbered_footnotes(&self) -> Vec<(Option<usize>, &str)> {
        let general = self.footnotes.iter().filter(|note| note.rows.is_empty());
        let marked = self.footnotes.iter().filter(|note| !note.rows.is_empty());
        general
            .map(|note| (None, note.text.as_str()))
            .chain(marked.enumerate().map(|(index, note)| (Some(index + 1), note.text.as_str())))
            .collect()
    }

    fn marks(&self, row: usize) -> Vec<usize> {
        let marked = self.footnotes.iter().filter(|note| !note.rows.is_empty());
        marked
            .enumerate()
            .filter(|(_, note)| note.rows.contains(&row))
            .map(|(index, _)| index + 1)
            .collect()
    }

    fn value(&self, content: &Content, row: usize) -> PolarsResult<Value> {
        Ok(match content {
            Content::Text(column) => match self.frame.column(column)?.str()?.get(row) {
                Some(text) => Value::Text(text.to_owned()),
                None => Value::Missing,
            },
            Content::Count(column) => match self.frame.column(column)?.u64()?.get(row) {
                Some(count) => Value::Number(count.to_string()),
                None => Value::Missing,
            },
            Content::Number { column, decimals } => {
                match self.frame.column(column)?.f64()?.get(row) {
                    Some(number) => Value::Number(fixed(number, *decimals)),
                    None => Value::Missing,
                }
            }
            Content::NumberByRow { column, decimals } => {
                match (self.frame.column(column)?.f64()?.get(row), decimals.get(row)) {
                    (Some(number), Some(&decimals)) => Value::Number(fixed(number, decimals)),
                    _ => Value::Missing,
                }
            }
            Content::MeanStd { mean, std, decimals } => {
                let mean = self.frame.column(mean)?.f64()?.get(row);
                let std = self.frame.column(std)?.f64()?.get(row);
                match (mean, std) {
                    (Some(mean), Some(std)) => {
                        Value::MeanStd(fixed(mean, *decimals), fixed(std, *decimals))
                    }
                    (Some(mean), None) => Value::Number(fixed(mean, *decimals)),
                    (None, _) => Value::Missing,
                }
            }
        })
    }

    /// The rows that hold the best value among those they compete with; none where nothing competes or all tie.
    fn best_rows(&self, column: &HumanColumn) -> PolarsResult<Vec<usize>> {
        let Some(direction) = column.direction else {
            return Ok(Vec::new());
        };
        let values = self.frame.column(column.content.leading_column())?.f64()?;
        let groups = (0..self.frame.height())
            .map(|row| self.contest_of(row))
            .collect::<PolarsResult<Vec<_>>>()?;
        let rivals = |row: usize| {
            let groups = &groups;
            (0..groups.len()).filter(move |&other| other != row && groups[other] == groups[row])
        };
        Ok((0..self.frame.height())
            .filter(|&row| {
                let Some(value) = values.get(row) else {
                    return false;
                };
                let rival_values: Vec<f64> =
                    rivals(row).filter_map(|other| values.get(other)).collect();
                rival_values.iter().any(|&rival| direction.prefers(value, rival))
                    && !rival_values.iter().any(|&rival| direction.prefers(rival, value))
            })
            .collect())
    }

    fn contest_of(&self, row: usize) -> PolarsResult<Vec<AnyValue<'_>>> {
        self.contest.iter().map(|column| self.frame.column(column)?.get(row)).collect()
    }
}

/// A number with so many decimals; a value that rounds to zero bears no minus sign.
fn fixed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        _ => text,
    }
}
