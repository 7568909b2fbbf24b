//! Which files of a report are written.

use crate::formats::{FORMATS, Format};

/// Formats beside those of tables.
const PAGE: &str = "html";
const RECORDS: &str = "jsonl";

/// The formats of a report that were asked for.
#[derive(Clone)]
pub struct Choice {
    pub(crate) tables: Vec<&'static dyn Format>,
    pub(crate) page: bool,
    pub(crate) records: bool,
}

impl Default for Choice {
    /// All of them.
    fn default() -> Self {
        Self { tables: FORMATS.to_vec(), page: true, records: true }
    }
}

impl Choice {
    /// The names of all formats.
    pub fn names() -> Vec<&'static str> {
        FORMATS.iter().map(|format| format.extension()).chain([PAGE, RECORDS]).collect()
    }

    /// Those of these names; names of none are passed over.
    pub fn of(names: &[String]) -> Self {
        let asked = |format: &str| names.iter().any(|name| name == format);
        let tables = FORMATS.iter().filter(|format| asked(format.extension())).copied().collect();
        Self { tables, page: asked(PAGE), records: asked(RECORDS) }
    }

    /// Whether files of this extension are among those asked for; pictures always are.
    pub fn covers(&self, extension: &str) -> bool {
        match extension {
            PAGE => self.page,
            RECORDS => self.records,
            other => match FORMATS.iter().any(|format| format.extension() == other) {
                true => self.tables.iter().any(|format| format.extension() == other),
                false => true,
            },
        }
    }
}
