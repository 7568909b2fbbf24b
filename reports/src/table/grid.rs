//! A table laid out for people: headings in two levels, and cells row by row.

use super::{Cell, HumanColumn, Table, Value, with_unit};
use crate::error::ReportError;

/// What every format for people renders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// One heading a column.
    pub heads: Vec<Head>,
    /// The rows, top to bottom, with one cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// The heading of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What it shares with its neighbours, with unit and arrow, such as `FID ↓`; empty for a column of its own.
    pub group: String,
    /// Its own heading below the group's, such as `measured`, or alone.
    pub title: String,
    /// Both in one line, such as `FID measured ↓`.
    pub line: String,
    /// Whether the column is of numbers.
    pub numeric: bool,
    /// Numbers of the footnotes on the whole column, from 1.
    pub marks: Vec<usize>,
}

impl Head {
    fn of(column: &HumanColumn, columns: &[HumanColumn]) -> Self {
        let numeric = column.content.is_numeric();
        let line = column.heading();
        if column.group.is_empty() {
            return Self {
                group: String::new(),
                title: line.clone(),
                line,
                numeric,
                marks: vec![],
            };
        }
        let kin = || columns.iter().filter(|other| other.group == column.group);
        let unit = kin().map(|other| other.unit.as_str()).find(|unit| !unit.is_empty());
        let direction = kin().find_map(|other| other.direction);
        let group = with_unit(&column.group, unit.unwrap_or_default(), direction);
        Self { group, title: column.title.clone(), line, numeric, marks: Vec::new() }
    }
}

impl Table {
    /// The table as people see it.
    ///
    /// # Errors
    /// [`ReportError::Table`] as [`Self::rows`].
    pub fn grid(&self) -> Result<Grid, ReportError> {
        let heads: Vec<Head> =
            self.columns.iter().map(|column| Head::of(column, &self.columns)).collect();
        let rows = self.rows()?;
        let grid = Grid { heads, rows };
        Ok(if self.across { grid.across() } else { grid })
    }
}

impl Grid {
    /// Neighbouring `columns` under the heading that they share; a column without one is alone, under an empty heading.
    pub fn groups(&self, columns: &[usize]) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for &column in columns {
            let group = self.heads[column].group.as_str();
            match groups.last_mut() {
                Some((last, columns)) if *last == group && !group.is_empty() => {
                    columns.push(column)
                }
                _ => groups.push((group, vec![column])),
            }
        }
        groups
    }

    /// Rows and columns exchanged: the first column becomes the headings.
    fn across(self) -> Self {
        let plain = |value: Value| Cell { value, best: false, dagger: false, marks: Vec::new() };
        let mut heads = self.heads.into_iter();
        let mut columns: Vec<_> = self.rows.into_iter().map(Vec::into_iter).collect();
        let corner = heads.next().map(|_| Head {
            group: String::new(),
            title: String::new(),
            line: String::new(),
            numeric: false,
            marks: Vec::new(),
        });
        let names = columns.iter_mut().filter_map(Iterator::next).map(|cell| {
            let Value::Text(name) = cell.value else { return (String::new(), cell.marks) };
            (name, cell.marks)
        });
        let names = names.map(|(name, marks)| Head {
            group: String::new(),
            title: name.clone(),
            line: name,
            numeric: true,
            marks,
        });
        let heads_across: Vec<Head> = corner.into_iter().chain(names).collect();
        let rows = heads.map(|head| {
            let cells = columns.iter_mut().filter_map(Iterator::next);
            std::iter::once(plain(Value::Text(head.line))).chain(cells).collect()
        });
        let rows = rows.collect();
        Self { heads: heads_across, rows }
    }
}
