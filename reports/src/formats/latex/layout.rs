//! How wide columns are, and which of them stand beside each other.

use super::escape::plain_length;
use crate::table::{Grid, Value};

/// Widest table of one column of a two-column paper, in points.
const ONE_COLUMN: f64 = 240.0;
/// Widest table, in points: the text of the usual classes of one column; those of two have room for more.
const TEXT: f64 = 397.0;
/// Width of a character in small type, in points.
const CHARACTER: f64 = 4.3;
/// Space between two columns, in points.
const GAP: f64 = 8.0;
/// Longest text that is not broken into lines, in characters.
const LONGEST: usize = 26;
/// A broken text's width, in points.
const BROKEN: f64 = 100.0;
/// Characters of its lines, which end with whole words.
const BROKEN_CHARACTERS: usize = 19;

/// How one column is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Setting {
    /// Words.
    Words,
    /// Words in lines of [`BROKEN`] points.
    Lines,
    /// Numbers at their decimal points: digits before and after it, whether any is negative, and whether any is followed by
    /// a mark.
    Numbers { whole: usize, decimals: usize, negative: bool, mark: bool },
    /// Numbers, each with a deviation behind it, and an interval behind that where there are some.
    Estimates { whole: usize, decimals: usize, negative: bool, intervals: bool },
}

impl Setting {
    /// The cells of a line that it takes.
    pub(super) fn cells(self) -> usize {
        match self {
            Self::Words | Self::Lines | Self::Numbers { .. } => 1,
            Self::Estimates { intervals, .. } => 2 + usize::from(intervals),
        }
    }

    /// The columns of a tabular.
    pub(super) fn specification(self) -> String {
        let sign = |negative: bool| if negative { "-" } else { "" };
        match self {
            Self::Words => "l".to_owned(),
            Self::Lines => format!(">{{\\raggedright\\arraybackslash}}p{{{BROKEN}pt}}"),
            Self::Numbers { whole, decimals, negative, mark } => {
                let room = match mark {
                    true => ", table-space-text-post={\\textsuperscript{\\dag}}",
                    false => "",
                };
                format!("S[table-format={}{whole}.{decimals}{room}]", sign(negative))
            }
            Self::Estimates { whole, decimals, negative, intervals } => {
                let interval = if intervals { "@{\\ }l" } else { "" };
                format!("S[table-format={}{whole}.{decimals}]@{{\\,}}l{interval}", sign(negative))
            }
        }
    }
}

/// Columns that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) columns: Vec<usize>,
}

/// A grid's columns, and the tables that they are split into, one below the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) columns: Vec<Setting>,
    pub(super) blocks: Vec<Block>,
    widest: f64,
}

impl Layout {
    pub(super) fn of(grid: &Grid) -> Self {
        let columns: Vec<Setting> = (0..grid.heads.len()).map(|c| setting(grid, c)).collect();
        let widths: Vec<f64> =
            columns.iter().enumerate().map(|(c, setting)| width(grid, c, *setting)).collect();
        let blocks = blocks(grid, &widths);
        let sum = |block: &Block| block.columns.iter().map(|&column| widths[column]).sum::<f64>();
        let widest = blocks.iter().map(sum).fold(0.0, f64::max);
        Self { columns, blocks, widest }
    }

    /// Whether one column of a paper is too narrow.
    pub(super) fn is_wide(&self) -> bool {
        self.widest > ONE_COLUMN
    }

    /// The environment: over both columns of a paper where one is too narrow.
    pub(super) fn float(&self) -> &'static str {
        if self.is_wide() { "table*" } else { "table" }
    }

    /// Lines of a block's headings.
    pub(super) fn head_lines(&self, grid: &Grid, block: &Block) -> usize {
        let grouped = block.columns.iter().any(|&column| !grid.heads[column].group.is_empty());
        1 + usize::from(grouped)
    }

    /// Lines of a row, in all blocks together.
    pub(super) fn row_lines(&self, grid: &Grid, row: usize) -> usize {
        let lines = |&column: &usize| match self.columns[column] {
            Setting::Lines => {
                length(&grid.rows[row][column].value).div_ceil(BROKEN_CHARACTERS).max(1)
            }
            _ => 1,
        };
        self.blocks.iter().map(|block| block.columns.iter().map(lines).max().unwrap_or(1)).sum()
    }
}

fn setting(grid: &Grid, column: usize) -> Setting {
    let cells = || grid.rows.iter().map(|row| &row[column]);
    if !grid.heads[column].numeric {
        let longest = cells().map(|cell| length(&cell.value)).max().unwrap_or(0);
        return if longest > LONGEST { Setting::Lines } else { Setting::Words };
    }
    let (mut whole, mut decimals, mut negative) = (1, 0, false);
    for number in cells().filter_map(|cell| number(&cell.value)) {
        negative |= number.starts_with('-');
        let digits = number.trim_start_matches('-');
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        (whole, decimals) = (whole.max(before.len()), decimals.max(after.len()));
    }
    let intervals =
        cells().any(|cell| matches!(cell.value, Value::Estimate { interval: Some(_), .. }));
    match cells().any(|cell| matches!(cell.value, Value::Estimate { .. })) {
        true => Setting::Estimates { whole, decimals, negative, intervals },
        false => {
            let mark = cells().any(|cell| cell.dagger);
            Setting::Numbers { whole, decimals, negative, mark }
        }
    }
}

/// The number at whose point a cell is aligned.
fn number(value: &Value) -> Option<&str> {
    match value {
        Value::Number(number) | Value::Estimate { mean: number, .. } => Some(number),
        Value::Missing | Value::Text(_) => None,
    }
}

/// Characters of a cell on the page.
fn length(value: &Value) -> usize {
    match value {
        Value::Missing => 1,
        Value::Text(text) => plain_length(text),
        Value::Number(number) => number.len(),
        Value::Estimate { mean, std, interval, n } => {
            let std = std.as_ref().map_or(0, |std| std.len() + 3);
            let interval = interval.as_ref().map_or(0, |(low, high)| low.len() + high.len() + 5);
            mean.len() + std + interval + n.as_ref().map_or(0, |n| n.len() + 7)
        }
    }
}

fn width(grid: &Grid, column: usize, setting: Setting) -> f64 {
    let head = &grid.heads[column];
    // A group's heading may lie over all its columns.
    let kin = grid.heads.iter().filter(|other| other.group == head.group).count();
    let group = if head.group.is_empty() { 0 } else { plain_length(&head.group).div_ceil(kin) };
    let head = plain_length(&head.title).max(group);
    let cells = grid.rows.iter().map(|row| {
        let cell = &row[column];
        length(&cell.value) + cell.marks.len() + usize::from(cell.dagger)
    });
    let characters = cells.fold(head, usize::max) as f64 * CHARACTER;
    GAP + if setting == Setting::Lines { BROKEN } else { characters }
}

/// Splits the columns so that each block fits the page; each begins with the columns that say what its rows are. Columns of
/// one group stay together as far as they fit.
fn blocks(grid: &Grid, widths: &[f64]) -> Vec<Block> {
    let total = |columns: &[usize]| columns.iter().map(|&column| widths[column]).sum::<f64>();
    let all: Vec<usize> = (0..grid.heads.len()).collect();
    if total(&all) <= TEXT {
        return vec![Block { columns: all }];
    }
    let words = grid.heads.iter().take_while(|head| !head.numeric).count().max(1).min(all.len());
    let repeated = if total(&all[..words]) <= TEXT / 2.0 { words } else { 1 };
    let names = &all[..repeated];
    let mut blocks: Vec<Vec<usize>> = vec![names.to_vec()];
    for group in groups(grid, &all[repeated..]) {
        let fits = |block: &[usize], more: &[usize]| total(block) + total(more) <= TEXT;
        let pieces = if fits(names, &group) { vec![group] } else { singles(&group) };
        for piece in pieces {
            match blocks.last_mut() {
                Some(block) if block.len() == repeated || fits(block, &piece) => {
                    block.extend(piece);
                }
                _ => blocks.push([names, &piece].concat()),
            }
        }
    }
    blocks.into_iter().map(|columns| Block { columns }).collect()
}

/// Runs of columns that share a group.
fn groups(grid: &Grid, columns: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &column in columns {
        let group = &grid.heads[column].group;
        match groups.last_mut() {
            Some(last) if !group.is_empty() && grid.heads[last[0]].group == *group => {
                last.push(column);
            }
            _ => groups.push(vec![column]),
        }
    }
    groups
}

fn singles(columns: &[usize]) -> Vec<Vec<usize>> {
    columns.iter().map(|&column| vec![column]).collect()
}
