//! One table: a typed data frame for machines, and columns, caption and footnotes for people.

mod cell;
mod grid;

use polars::prelude::DataFrame;

use crate::error::ReportError;
use crate::measure::Direction;

pub use cell::{Cell, Value};
pub use grid::{Grid, Head};

/// A table that every [`crate::formats::Format`] can render.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its file name without extension, such as `comparison`.
    pub name: String,
    /// What the table shows and how its numbers came about, as sentences.
    pub caption: String,
    /// Every value at full precision under its machine name; a null is a missing value.
    pub frame: DataFrame,
    /// What people see of a row of the frame.
    pub columns: Vec<HumanColumn>,
    /// Whether people see each row of the frame as a column, as some sources have it.
    pub across: bool,
    /// Remarks below the table.
    pub footnotes: Vec<Footnote>,
}

/// A column as people see it, made of one or more machine columns.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanColumn {
    /// What neighbouring columns have in common, such as `FID` of its published and its measured value; empty for a column
    /// of its own.
    pub group: String,
    /// The heading without arrow and unit, below that of the group; empty where the group says it all.
    pub title: String,
    /// The unit, such as `s`; empty for none.
    pub unit: String,
    /// Which way the values improve.
    pub direction: Option<Direction>,
    /// Where the values come from.
    pub content: Content,
    /// The rows set in bold.
    pub bold: Vec<usize>,
    /// The rows marked with [`DAGGER`].
    pub daggers: Vec<usize>,
}

/// The mark of a value that must not be read beside the published one; a footnote that begins with it says so.
pub const DAGGER: char = '†';

/// The machine columns behind a [`HumanColumn`].
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text as it is.
    Text(String),
    /// A long hash, of which people see the first digits.
    Hash(String),
    /// A whole number.
    Count(String),
    /// A number.
    Number {
        /// The machine column.
        column: String,
        /// Decimals shown.
        decimals: Decimals,
    },
    /// A number with its standard deviation, and the interval of a mean where there is one.
    Estimate {
        /// The machine column of the number.
        mean: String,
        /// The machine column of the standard deviation.
        std: String,
        /// The machine columns of the interval's ends.
        interval: Option<[String; 2]>,
        /// The machine columns of how many values the mean is of, and how many the row stands for: shown where they
        /// differ.
        n: Option<[String; 2]>,
        /// Decimals shown, of all numbers.
        decimals: Decimals,
    },
}

/// How many decimals people see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decimals {
    /// So many in every row.
    Fixed(usize),
    /// Those that the number was given with: the shortest that read back as the same number.
    AsGiven,
    /// Others in each row.
    ByRow(Vec<usize>),
}

impl Content {
    /// Whether the column is set flush right.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Hash(_))
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

impl Footnote {
    /// A remark on the whole table.
    pub(crate) fn general(text: String) -> Self {
        Self { rows: Vec::new(), text }
    }
}

impl HumanColumn {
    /// A column without unit, direction and marks.
    pub(crate) fn new(title: &str, content: Content) -> Self {
        Self {
            group: String::new(),
            title: title.to_owned(),
            unit: String::new(),
            direction: None,
            content,
            bold: Vec::new(),
            daggers: Vec::new(),
        }
    }

    /// The column in a group of neighbours.
    pub(crate) fn grouped(self, group: &str) -> Self {
        Self { group: group.to_owned(), ..self }
    }

    /// The heading with its group, its unit and the arrow of its direction, such as `FID measured ↓` or `Time (s)`.
    pub fn heading(&self) -> String {
        let named = [self.group.as_str(), &self.title].map(str::trim).join(" ");
        with_unit(named.trim(), &self.unit, self.direction)
    }
}

/// `FID ↓`, `Time (s)`.
fn with_unit(name: &str, unit: &str, direction: Option<Direction>) -> String {
    let mut heading = name.to_owned();
    if !unit.is_empty() {
        heading.push_str(&format!(" ({unit})"));
    }
    if let Some(direction) = direction {
        heading.push(' ');
        heading.push(direction.arrow());
    }
    heading
}

impl Table {
    /// One row of cells for each row of the frame, with one cell a column.
    ///
    /// # Errors
    /// [`ReportError::Table`] when a column of the layout is not in the frame or has another type.
    pub fn rows(&self) -> Result<Vec<Vec<Cell>>, ReportError> {
        let mut rows = vec![Vec::with_capacity(self.columns.len()); self.frame.height()];
        for column in &self.columns {
            for (index, row) in rows.iter_mut().enumerate() {
                let value = column
                    .content
                    .value(&self.frame, index)
                    .map_err(|error| ReportError::table(&self.name, error))?;
                row.push(Cell {
                    best: column.bold.contains(&index),
                    dagger: value != Value::Missing && column.daggers.contains(&index),
                    value,
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
}
