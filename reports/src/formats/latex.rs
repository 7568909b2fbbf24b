//! LaTeX with booktabs rules and siunitx columns, ready for `\input`.

mod cell;
pub(crate) mod escape;
mod floats;
mod layout;

use super::Format;
use crate::error::ReportError;
use crate::table::{Grid, Table};
use cell::{cells, head_cells};
use escape::escape;
use layout::{Block, Layout};

/// A floating table for papers.
pub struct Latex;

impl Format for Latex {
    fn name(&self) -> &'static str {
        "latex"
    }

    fn extension(&self) -> &'static str {
        "tex"
    }

    fn doc(&self) -> &'static str {
        "a floating table for papers; needs the packages booktabs and siunitx"
    }

    fn render(&self, table: &Table) -> Result<String, ReportError> {
        let grid = table.grid()?;
        let layout = Layout::of(&grid);
        let mut text = String::from("% needs \\usepackage{booktabs} and \\usepackage{siunitx}\n");
        let parts = floats::floats(table, &grid, &layout);
        for (index, rows) in parts.iter().enumerate() {
            let float = layout.float();
            text.push_str(&format!("\\begin{{{float}}}[htbp]\n\\centering\n"));
            match index {
                0 => {
                    let (caption, name) = (escape(&table.caption), table.name.replace('_', "-"));
                    text.push_str(&format!("\\caption{{{caption}}}\n\\label{{tab:{name}}}\n"));
                }
                _ => text.push_str("\\addtocounter{table}{-1}\n\\caption{(continued)}\n"),
            }
            text.push_str("\\smallskip\n\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n");
            text.push_str("\\sisetup{detect-weight=true, mode=text}\n");
            for (number, block) in layout.blocks.iter().enumerate() {
                text.push_str(if number > 0 { "\\par\\medskip\n" } else { "" });
                push_tabular(&mut text, &grid, &layout, block, rows);
            }
            if index + 1 == parts.len() {
                push_footnotes(&mut text, table);
            }
            text.push_str(&format!("\\end{{{float}}}\n"));
        }
        Ok(text)
    }
}

/// Some columns of some rows.
fn push_tabular(text: &mut String, grid: &Grid, layout: &Layout, block: &Block, rows: &[usize]) {
    let specification: String =
        block.columns.iter().map(|&column| layout.columns[column].specification()).collect();
    text.push_str(&format!("\\begin{{tabular}}{{@{{}}{specification}@{{}}}}\n\\toprule\n"));
    text.push_str(&group_line(grid, layout, block));
    let heads =
        block.columns.iter().map(|&column| head_cells(&grid.heads[column], layout.columns[column]));
    text.push_str(&line(heads));
    text.push_str("\\midrule\n");
    for &row in rows {
        let row = &grid.rows[row];
        let row = block.columns.iter().map(|&column| cells(&row[column], layout.columns[column]));
        text.push_str(&line(row));
    }
    text.push_str("\\bottomrule\n\\end{tabular}\n");
}

/// The headings that neighbours share, over rules as wide as they; nothing where no columns share one.
fn group_line(grid: &Grid, layout: &Layout, block: &Block) -> String {
    let width =
        |columns: &[usize]| columns.iter().map(|&column| layout.columns[column].cells()).sum();
    let groups = grid.groups(&block.columns);
    let groups: Vec<(&str, usize)> =
        groups.iter().map(|(group, columns)| (*group, width(columns))).collect();
    if groups.iter().all(|(group, _)| group.is_empty()) {
        return String::new();
    }
    let (mut first, mut rules) = (1, String::new());
    let heads: Vec<String> = groups
        .iter()
        .map(|&(group, cells)| {
            let last = first + cells - 1;
            if !group.is_empty() {
                rules.push_str(&format!("\\cmidrule(lr){{{first}-{last}}}"));
            }
            first = last + 1;
            match (group, cells) {
                ("", _) => " & ".repeat(cells - 1),
                _ => format!("\\multicolumn{{{cells}}}{{c}}{{{}}}", escape(group)),
            }
        })
        .collect();
    format!("{}{rules}\n", line(heads.into_iter()))
}

fn push_footnotes(text: &mut String, table: &Table) {
    let footnotes = table.numbered_footnotes();
    if footnotes.is_empty() {
        return;
    }
    text.push_str("\\par\\medskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
    for (number, note) in footnotes {
        let mark = number.map_or_else(String::new, |number| format!("{}\\,", superscript(number)));
        text.push_str(&format!("{mark}{}\\par\n", escape(note)));
    }
    text.push_str("\\end{minipage}\n");
}

fn superscript(mark: impl std::fmt::Display) -> String {
    format!("\\textsuperscript{{{mark}}}")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("{} \\\\\n", cells.collect::<Vec<_>>().join(" & "))
}
