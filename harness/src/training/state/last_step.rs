//! The last step in `losses.csv`, without reading all of it.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Bytes at the end of the file in which a whole row is sought.
const END: u64 = 4096;

/// The step of the last whole row of the file at `path`, whose first column it is; none where there is none.
pub(super) fn of(path: &Path) -> Option<u64> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END))).ok()?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end);
    // What stands behind the last line end is half a row.
    let (whole, _) = end.rsplit_once('\n')?;
    let row = whole.rsplit('\n').next()?;
    row.split(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_row_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("losses.csv");
        assert_eq!(of(&path), None);
        let header = "step,loss_d,loss_g\n";
        for (csv, step) in [
            (header.to_owned(), None),
            (format!("{header}1,0.5,0.25\n"), Some(1)),
            (format!("{header}1,0.5,0.25\n12,0."), Some(1)),
            (format!("{header}{}", "100,0.123456,0.25\n".repeat(1000)), Some(100)),
            (String::new(), None),
        ] {
            std::fs::write(&path, csv).unwrap();
            assert_eq!(of(&path), step);
        }
    }
}
