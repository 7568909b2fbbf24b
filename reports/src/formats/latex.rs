//! LaTeX with booktabs rules, ready for `\input`.

use super::Format;
use crate::error::ReportError;
use crate::table::{Cell, DAGGER, Table, Value};

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
        "a floating table for papers; needs the packages booktabs and graphicx"
    }

    fn render(&self, table: &Table) -> Result<String, ReportError> {
        let alignment: String = table
            .columns
            .iter()
            .map(|column| if column.content.is_numeric() { 'r' } else { 'l' })
            .collect();
        let headings = table.columns.iter().map(|column| escape(&column.heading()));
        let mut text = String::from("% needs \\usepackage{booktabs} and \\usepackage{graphicx}\n");
        text.push_str("\\begin{table}[htbp]\n\\centering\n");
        text.push_str(&format!("\\caption{{{}}}\n", escape(&table.caption)));
        text.push_str(&format!("\\label{{tab:{}}}\n", table.name.replace('_', "-")));
        text.push_str("\\small\n\\setlength{\\tabcolsep}{4pt}\n");
        // Narrow tables keep their size; only a table wider than the line is scaled down to it.
        text.push_str("\\sbox0{%\n");
        text.push_str(&format!("\\begin{{tabular}}{{{alignment}}}\n\\toprule\n"));
        text.push_str(&line(headings));
        text.push_str("\\midrule\n");
        for row in table.rows()? {
            text.push_str(&line(row.iter().map(cell)));
        }
        text.push_str("\\bottomrule\n\\end{tabular}%\n}\n");
        text.push_str(
            "\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi\n",
        );
        let footnotes = table.numbered_footnotes();
        if !footnotes.is_empty() {
            text.push_str("\\par\\medskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
            for (number, note) in footnotes {
                let mark = number
                    .map_or_else(String::new, |number| format!("\\textsuperscript{{{number}}}\\,"));
                text.push_str(&format!("{mark}{}\\par\n", escape(note)));
            }
            text.push_str("\\end{minipage}\n");
        }
        text.push_str("\\end{table}\n");
        Ok(text)
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("{} \\\\\n", cells.collect::<Vec<_>>().join(" & "))
}

fn cell(cell: &Cell) -> String {
    let number = |number: &str| if cell.best { bold(number) } else { math(number) };
    let mut text = match &cell.value {
        Value::Missing => "--".to_owned(),
        Value::Text(text) if cell.best => format!("\\textbf{{{}}}", escape(text)),
        Value::Text(text) => escape(text),
        Value::Number(text) => number(text),
        Value::Estimate { mean, std, interval, n } => {
            let mut text = number(mean);
            if let Some(std) = std {
                text.push_str(&format!(" $\\pm$ {}", math(std)));
            }
            if let Some((low, high)) = interval {
                text.push_str(&format!(" [{}, {}]", math(low), math(high)));
            }
            if let Some(n) = n {
                text.push_str(&format!(" ($n = {n}$)"));
            }
            text
        }
    };
    if cell.dagger {
        text.push_str(&escape(&DAGGER.to_string()));
    }
    let marks: Vec<String> = cell.marks.iter().map(usize::to_string).collect();
    if marks.is_empty() { text } else { format!("{text}\\textsuperscript{{{}}}", marks.join(",")) }
}

/// A number with a true minus sign.
fn math(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(digits) => format!("$-${digits}"),
        None => number.to_owned(),
    }
}

fn bold(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(digits) => format!("$\\mathbf{{-}}$\\textbf{{{digits}}}"),
        None => format!("\\textbf{{{number}}}"),
    }
}

/// Escapes LaTeX's special characters and spells the signs that plain fonts lack.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '↑' => escaped.push_str("$\\uparrow$"),
            '↓' => escaped.push_str("$\\downarrow$"),
            '±' => escaped.push_str("$\\pm$"),
            '×' => escaped.push_str("$\\times$"),
            '–' => escaped.push_str("--"),
            '−' => escaped.push_str("$-$"),
            '†' => escaped.push_str("\\dag{}"),
            '∞' => escaped.push_str("$\\infty$"),
            '“' => escaped.push_str("``"),
            '”' => escaped.push_str("\'\'"),
            _ => escaped.push(c),
        }
    }
    escaped
}
