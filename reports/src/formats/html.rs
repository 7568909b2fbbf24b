//! An HTML fragment, for `report.html`.

use super::Format;
use crate::error::ReportError;
use crate::table::{Cell, DAGGER, Grid, Head, Table, Value};

/// Texts with more characters than this are broken into lines.
pub(crate) const LONG: usize = 30;

/// A `<figure>` with caption, table and footnotes.
pub struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn doc(&self) -> &'static str {
        "a fragment of report.html"
    }

    fn render(&self, table: &Table) -> Result<String, ReportError> {
        let mut text = format!("<figure class=\"table\" id=\"{}\">\n", table.name);
        let id = format!("{}-caption", table.name);
        text.push_str(&format!(
            "<figcaption id=\"{id}\">{}</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
             aria-labelledby=\"{id}\"><table aria-labelledby=\"{id}\">\n<thead><tr>",
            escape(&table.caption)
        ));
        let grid = table.grid()?;
        text.push_str(&heads(&grid));
        text.push_str("</tr></thead>\n<tbody>\n");
        for row in &grid.rows {
            text.push_str("<tr>");
            for (index, (cell, head)) in row.iter().zip(&grid.heads).enumerate() {
                let class = match &cell.value {
                    _ if head.numeric => " class=\"number\"",
                    Value::Text(text) if text.chars().count() > LONG => " class=\"long\"",
                    _ => "",
                };
                text.push_str(&match index {
                    0 => format!("<th scope=\"row\"{class}>{}</th>", content(cell)),
                    _ => format!("<td{class}>{}</td>", content(cell)),
                });
            }
            text.push_str("</tr>\n");
        }
        text.push_str("</tbody></table></div>\n");
        for (number, note) in table.numbered_footnotes() {
            let mark = number.map_or_else(String::new, |number| format!("<sup>{number}</sup> "));
            text.push_str(&format!("<p class=\"footnote\">{mark}{}</p>\n", escape(note)));
        }
        text.push_str("</figure>\n");
        Ok(text)
    }
}

/// The cells of the head's line, or of its two lines where neighbours share a heading.
fn heads(grid: &Grid) -> String {
    let columns: Vec<usize> = (0..grid.heads.len()).collect();
    let groups = grid.groups(&columns);
    let are_shared = groups.iter().any(|(_, columns)| columns.len() > 1);
    let rows = if are_shared { " rowspan=\"2\"" } else { "" };
    let (mut upper, mut lower) = (String::new(), String::new());
    for (group, columns) in groups {
        if let [column] = columns[..] {
            let head = &grid.heads[column];
            upper.push_str(&heading(head, &head.line, rows));
        } else {
            let span = columns.len();
            let group = escape(group);
            upper.push_str(&format!("<th scope=\"colgroup\" colspan=\"{span}\">{group}</th>"));
            for head in columns.iter().map(|&column| &grid.heads[column]) {
                let line = format!(" data-line=\"{}\"", escape(&head.line));
                lower.push_str(&heading(head, &head.title, &line));
            }
        }
    }
    if are_shared { format!("{upper}</tr>\n<tr>{lower}") } else { upper }
}

fn heading(head: &Head, text: &str, attributes: &str) -> String {
    let class = if head.numeric { " class=\"number\"" } else { "" };
    match marked(escape(text), &head.marks).as_str() {
        // The corner of a table with experiments across is no heading.
        "" => format!("<td{attributes}></td>"),
        heading => format!("<th scope=\"col\"{class}{attributes}>{heading}</th>"),
    }
}

fn content(cell: &Cell) -> String {
    let text = match &cell.value {
        Value::Missing => "–".to_owned(),
        Value::Text(text) => escape(text),
        Value::Number(number) => number.replace('-', "−"),
        Value::Estimate { mean, std, interval, n } => {
            let mut text = mean.replace('-', "−");
            if let Some(std) = std {
                text.push_str(&format!("&nbsp;±&nbsp;{std}"));
            }
            if let Some((low, high)) = interval {
                text.push_str(&format!(" [{low}, {high}]").replace('-', "−"));
            }
            if let Some(n) = n {
                text.push_str(&format!(" (n&nbsp;=&nbsp;{n})"));
            }
            text
        }
    };
    let mut text = if cell.best { format!("<strong>{text}</strong>") } else { text };
    if cell.dagger {
        text.push(DAGGER);
    }
    marked(text, &cell.marks)
}

fn marked(text: String, marks: &[usize]) -> String {
    let marks: Vec<String> = marks.iter().map(usize::to_string).collect();
    if marks.is_empty() { text } else { format!("{text}<sup>{}</sup>", marks.join(",")) }
}

/// Escapes text for element content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Not allowed in HTML, not even as a reference.
            c if c.is_control() && !c.is_whitespace() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
