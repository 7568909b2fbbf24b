//! Runs that are started over and over again and get no further: a time limit too short for a first checkpoint would let
//! them be requeued for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bench_data::files;
use serde::{Deserialize, Serialize};

use super::error::ClusterError;
use super::plan::Element;
use crate::training::folder::RunFolder;

/// So many starts without a checkpoint or an evaluation between them, and there are no more.
const MOST: u32 = 5;

/// How a run was started so far.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Starts {
    /// What marks how far the run had come.
    mark: String,
    /// Starts at that mark.
    count: u32,
}

/// Notes in the folder `starts` that `element` of the results folder is started.
///
/// # Errors
/// [`ClusterError::Stuck`] where it was so too often without getting further, and if that cannot be written.
pub(super) fn count(starts: &Path, element: &Element, results: &Path) -> Result<(), ClusterError> {
    let path: PathBuf = starts.join(format!("{}.json", element.folder.replace('/', "+")));
    let before = fs::read(&path).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let before: Starts = before.unwrap_or_default();
    let mark = mark(&RunFolder::at(&results.join(&element.folder)));
    let count = if before.mark == mark { before.count + 1 } else { 1 };
    if count > MOST {
        return Err(ClusterError::Stuck { run: element.folder.clone(), starts: MOST });
    }
    let json = serde_json::to_vec(&Starts { mark, count }).unwrap_or_default();
    Ok(files::write_atomically(&path, &json)?)
}

/// Changes whenever the run gets to another checkpoint or evaluation.
fn mark(folder: &RunFolder) -> String {
    let changed = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let nanoseconds = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_nanos().to_string()
    };
    let marks = [folder.checkpoint(), folder.metrics()];
    marks.map(|path| changed(path).map(nanoseconds).unwrap_or_default()).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::suite::Suite;

    #[test]
    fn a_run_that_gets_no_further_is_not_started_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let suite = Suite::single("dcgan", "shapes", None).unwrap();
        let run = suite.plans("smoke", 0).unwrap().remove(0);
        let element =
            Element { folder: "single/dcgan-s0-1".to_owned(), experiment: "1".to_owned(), run };
        let start = || count(&root.path().join("starts"), &element, root.path());
        (0..MOST).for_each(|_| start().unwrap());
        let message = start().unwrap_err().to_string();
        assert!(message.contains("more --time"), "{message}");
        // A checkpoint, and it may be started as often again.
        let folder = RunFolder::at(&root.path().join(&element.folder));
        files::write_atomically(&folder.checkpoint(), b"1").unwrap();
        (0..MOST).for_each(|_| start().unwrap());
        assert!(start().is_err());
    }
}
