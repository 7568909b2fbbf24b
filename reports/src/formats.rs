//! Report formats: one file each, one line each in [`FORMATS`].

pub mod csv;
pub mod html;
pub mod latex;
pub mod markdown;

use crate::error::ReportError;
use crate::table::Table;

/// A file format that any [`Table`] can be written in.
pub trait Format: Sync {
    /// Its name, such as `latex`.
    fn name(&self) -> &'static str;

    /// The extension of its files, without dot.
    fn extension(&self) -> &'static str;

    /// One line on what it is good for.
    fn doc(&self) -> &'static str;

    /// The whole file.
    ///
    /// # Errors
    /// [`ReportError::Table`] when the table's layout and its frame do not agree.
    fn render(&self, table: &Table) -> Result<String, ReportError>;
}

/// The formats every table is written in. HTML is not among them: it only appears inside `report.html`.
pub const FORMATS: &[&dyn Format] = &[&csv::Csv, &markdown::Markdown, &latex::Latex];

/// The format of these, or the HTML of `report.html`, whose files have this extension.
pub fn find(extension: &str) -> Option<&'static dyn Format> {
    let all = FORMATS.iter().copied().chain([&html::Html as &dyn Format]);
    all.into_iter().find(|format| format.extension() == extension)
}
