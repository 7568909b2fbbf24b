//! What records say of themselves, as footnotes.

use super::capitalised;
use crate::cohort::caveat;
use crate::record::Record;
use crate::table::Footnote;

/// Every distinct warning and note, with the rows it holds for, and the runs that are not comparable where only
/// some are not. A remark on all rows that have a record is one on the whole table.
pub(super) fn remarks<'a>(
    records: impl Iterator<Item = (usize, &'a Record)> + Clone,
) -> Vec<Footnote> {
    let mut footnotes: Vec<Footnote> = Vec::new();
    let mut remark =
        |row: usize, text: String| match footnotes.iter_mut().find(|note| note.text == text) {
            Some(note) if note.rows.last() == Some(&row) => {}
            Some(note) => note.rows.push(row),
            None => footnotes.push(Footnote { rows: vec![row], text }),
        };
    let mixed = records.clone().any(|(_, record)| record.incomparable.is_empty());
    for (row, record) in records.clone() {
        if mixed && let Some(caveat) = caveat([record]) {
            remark(row, caveat.to_owned());
        }
        for warning in &record.warnings {
            remark(row, sentence(&format!("warning: {warning}")));
        }
        for note in &record.notes {
            remark(row, sentence(note));
        }
    }
    let mut rows: Vec<usize> = records.map(|(row, _)| row).collect();
    rows.dedup();
    for note in &mut footnotes {
        if note.rows.len() == rows.len() {
            note.rows.clear();
        }
    }
    footnotes
}

/// `text` with a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut text = capitalised(text.trim());
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
