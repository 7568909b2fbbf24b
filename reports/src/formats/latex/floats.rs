//! How many rows of a table a float holds, so that it fits a page with its caption and its notes.

use super::escape::plain_length;
use super::layout::Layout;
use crate::table::{Grid, Table};

/// Lines of small type on a page of the usual classes.
const MOST_LINES: usize = 60;
/// Lines that the rules of a tabular and the space below it take.
const RULES: usize = 2;
/// Lines of small type that the space around a caption takes.
const AROUND_CAPTION: usize = 2;

/// Characters of a line of a caption and of a note, in a float over both columns of a paper and in one of a single column.
const WIDE: (usize, usize) = (90, 125);
const NARROW: (usize, usize) = (45, 58);

/// The rows of each float, the last of which bears the notes; one float at least.
pub(super) fn floats(table: &Table, grid: &Grid, layout: &Layout) -> Vec<Vec<usize>> {
    let (of_caption, of_note) = if layout.is_wide() { WIDE } else { NARROW };
    let notes: usize = table
        .numbered_footnotes()
        .iter()
        .map(|(_, note)| plain_length(note).div_ceil(of_note).max(1))
        .sum();
    // Captions are set in larger type.
    let caption = (plain_length(&table.caption).div_ceil(of_caption) * 4).div_ceil(3);
    let heads: usize = layout.blocks.iter().map(|block| layout.head_lines(grid, block)).sum();
    let fixed = AROUND_CAPTION + caption + heads + RULES * layout.blocks.len();
    let rows: Vec<usize> = (0..grid.rows.len()).map(|row| layout.row_lines(grid, row)).collect();
    split(&rows, MOST_LINES.saturating_sub(fixed), notes)
}

/// Runs of rows of so many lines each: none takes more than `room`, the last not even with `notes`, but that each has one row.
fn split(rows: &[usize], room: usize, notes: usize) -> Vec<Vec<usize>> {
    let mut floats: Vec<Vec<usize>> = vec![Vec::new()];
    let mut lines = 0;
    for (row, &own) in rows.iter().enumerate() {
        if lines + own > room && lines > 0 {
            floats.push(Vec::new());
            lines = 0;
        }
        if let Some(float) = floats.last_mut() {
            float.push(row);
        }
        lines += own;
    }
    // Halves, so that no float has a single row without need.
    while let Some(last) = floats.last_mut() {
        let lines: usize = last.iter().map(|&row| rows[row]).sum();
        if lines + notes <= room || last.len() < 2 {
            break;
        }
        let half = last.split_off(last.len() / 2);
        floats.push(half);
    }
    floats
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn floats_fill_pages_and_leave_room_for_notes() {
        let lengths = |floats: Vec<Vec<usize>>| floats.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(split(&[1; 10], 10, 0)), [10]);
        assert_eq!(lengths(split(&[1; 11], 10, 0)), [10, 1]);
        assert_eq!(lengths(split(&[1; 10], 10, 3)), [5, 5]);
        assert_eq!(lengths(split(&[1; 18], 10, 3)), [10, 4, 4]);
        assert_eq!(lengths(split(&[3; 4], 7, 0)), [2, 2]);
        // What fits nowhere stands alone.
        assert_eq!(lengths(split(&[9, 9], 4, 20)), [1, 1]);
        assert_eq!(lengths(split(&[], 4, 20)), [0]);
        let all: Vec<usize> = split(&[2; 30], 9, 4).concat();
        assert_eq!(all, (0..30).collect::<Vec<_>>());
    }
}
