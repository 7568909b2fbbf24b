//! A results folder: the runs and the published tables of its suites.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ReportError;
use crate::origin::Origin;
use crate::published::{PublishedTable, SuiteTables};
use crate::record::Record;
use crate::run::{RECORD, Run, read_if_present};

/// All that a report is made of.
#[derive(Debug, Default)]
pub struct Results {
    /// The runs that ended, in the order of the report.
    pub runs: Vec<Run>,
    /// The published tables by suite.
    pub tables: BTreeMap<String, SuiteTables>,
    /// What could not be read and is left out, each with its path and reason.
    pub unreadable: Vec<ReportError>,
    /// Whether published tables leave out the rows that no run measures.
    pub measured_rows_only: bool,
}

/// Reads a results folder: of every suite its published tables (`<results>/<suite>/tables.json`) and every run that
/// ended (`<results>/<suite>/<run>/record.json`), ordered by suite, dataset, name, budget, experiment and seed. Folders
/// without a record, such as those of runs still in progress, are passed over; what cannot be read is kept in
/// [`Results::unreadable`].
///
/// # Errors
/// [`ReportError::Read`] when the folder itself, or one of its suites, cannot be listed.
pub fn load_all(results: &Path) -> Result<Results, ReportError> {
    let mut loaded = Results::default();
    for suite in subfolders(results)? {
        loaded.add_tables(&suite);
        for dir in subfolders(&suite)? {
            if dir.join(RECORD).is_file() {
                loaded.add_run(&dir);
            }
        }
    }
    loaded.runs.sort_by(|a, b| sort_key(&a.record).cmp(&sort_key(&b.record)));
    Ok(loaded)
}

impl Results {
    fn add_tables(&mut self, suite: &Path) {
        let path = suite.join(SuiteTables::FILE);
        let parsed = read_if_present(&path)
            .and_then(|json| json.map(|json| SuiteTables::from_json(&json, &path)).transpose());
        match (parsed, suite.file_name()) {
            (Ok(Some(tables)), Some(name)) => {
                self.tables.insert(name.to_string_lossy().into_owned(), tables);
            }
            (Ok(_), _) => {}
            (Err(error), _) => self.unreadable.push(error),
        }
    }

    fn add_run(&mut self, dir: &Path) {
        match Run::load_with_tables(dir) {
            Ok((mut run, tables)) => {
                // Tables inside a record of schema 1 stand beside its placements, in their order.
                for (placement, table) in run.record.placements.iter_mut().zip(tables) {
                    let suite = self.tables.entry(run.record.suite.clone()).or_default();
                    placement.table = suite.id_of(table);
                }
                match Origin::load(dir) {
                    Ok(origin) => run.origin = origin,
                    Err(error) => self.unreadable.push(error),
                }
                self.runs.push(run);
            }
            Err(error) => self.unreadable.push(error),
        }
    }
}

impl SuiteTables {
    /// The id of this table here; a new one is added, under a numbered id where another table has its own.
    fn id_of(&mut self, table: PublishedTable) -> String {
        let own = table.id.clone();
        let ids = std::iter::once(own.clone()).chain((2..).map(|number| format!("{own}-{number}")));
        for id in ids {
            match self.find(&id) {
                // Which score the source reports was not known yet.
                Some(known)
                    if *known
                        == (PublishedTable {
                            id: id.clone(),
                            reports: known.reports,
                            ..table.clone()
                        }) =>
                {
                    return id;
                }
                Some(_) => {}
                None => {
                    self.tables.push(PublishedTable { id: id.clone(), ..table });
                    return id;
                }
            }
        }
        own
    }
}

fn sort_key(record: &Record) -> (&str, &str, &str, &str, &str, u64, &str, u64) {
    let Record { suite, dataset, name, budget, experiment, seed, device, threads, .. } = record;
    (suite, dataset, name, budget, experiment, *seed, device, *threads)
}

/// The folders directly inside `dir`, sorted by path.
fn subfolders(dir: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| ReportError::read(dir, error))? {
        let path = entry.map_err(|error| ReportError::read(dir, error))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}
