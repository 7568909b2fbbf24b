//! GitHub-flavoured Markdown.

use super::Format;
use crate::error::ReportError;
use crate::table::{Cell, DAGGER, Table, Value};

/// A table for READMEs and pull requests.
pub struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn doc(&self) -> &'static str {
        "a table for READMEs, issues and notebooks"
    }

    fn render(&self, table: &Table) -> Result<String, ReportError> {
        let mut text = format!("{}\n\n", escape(&table.caption));
        let grid = table.grid()?;
        text.push_str(&line(grid.heads.iter().map(|head| marked(escape(&head.line), &head.marks))));
        let rules = grid.heads.iter().map(|head| match head.numeric {
            true => "---:".to_owned(),
            false => ":---".to_owned(),
        });
        text.push_str(&line(rules));
        for row in &grid.rows {
            text.push_str(&line(row.iter().map(cell)));
        }
        let footnotes = table.numbered_footnotes();
        if !footnotes.is_empty() {
            text.push('\n');
        }
        for (number, note) in footnotes {
            let mark = number.map_or_else(String::new, |number| format!("<sup>{number}</sup> "));
            text.push_str(&format!("- {mark}{}\n", escape(note)));
        }
        Ok(text)
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn cell(cell: &Cell) -> String {
    let text = match &cell.value {
        Value::Missing => "–".to_owned(),
        Value::Text(text) => escape(text),
        Value::Number(number) => number.clone(),
        Value::Estimate { mean, std, interval, n } => {
            let mut text = mean.clone();
            if let Some(std) = std {
                text.push_str(&format!(" ± {std}"));
            }
            if let Some((low, high)) = interval {
                text.push_str(&format!(" \\[{low}, {high}]"));
            }
            if let Some(n) = n {
                text.push_str(&format!(" (n = {n})"));
            }
            text
        }
    };
    let mut text = if cell.best { format!("**{text}**") } else { text };
    if cell.dagger {
        text.push(DAGGER);
    }
    marked(text, &cell.marks)
}

fn marked(text: String, marks: &[usize]) -> String {
    let marks: Vec<String> = marks.iter().map(usize::to_string).collect();
    if marks.is_empty() { text } else { format!("{text} <sup>{}</sup>", marks.join(",")) }
}

/// Escapes what Markdown would read as markup; line breaks would end the row and become spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '|' | '*' | '_' | '`' | '<' | '[' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}
