//! `tables/published-<suite>-<table>.*`: the tables of the sources, with what was measured beside what was published.

mod layout;
mod notes;
mod sheet;

use super::Tabulation;
use crate::error::ReportError;
use crate::group::groups;
use crate::naming::{UniqueNames, file_stem};
use crate::results::Results;
use crate::table::Table;
use sheet::sheets;

/// One table for each table of a source that some run belongs to.
pub struct Published;

impl Tabulation for Published {
    fn name(&self) -> &'static str {
        "published"
    }

    fn doc(&self) -> &'static str {
        "the sources' own tables: published values, the values measured here, and those of the untrained generators"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let groups = groups(&results.runs);
        let sheets = sheets(results, &groups);
        let mut names = UniqueNames::default();
        sheets
            .iter()
            .map(|sheet| {
                let twins = sheets
                    .iter()
                    .filter(|s| s.suite == sheet.suite && s.table.id == sheet.table.id);
                let mut parts = vec![self.name(), sheet.suite, &sheet.table.id];
                if twins.count() > 1 {
                    parts.push(sheet.setting[0]);
                }
                let name = names.claim(file_stem(&parts));
                layout::laid_out(sheet, name)
            })
            .collect()
    }
}
