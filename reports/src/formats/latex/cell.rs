//! The cells of a line of a tabular.

use super::escape::escape;
use super::layout::Setting;
use super::superscript;
use crate::table::{Cell, Head, Value};

/// A heading, over all cells that its column takes.
pub(super) fn head_cells(head: &Head, setting: Setting) -> String {
    let text = format!("{}{}", escape(&head.title), marks(&head.marks));
    match setting {
        Setting::Words | Setting::Lines => text,
        Setting::Numbers { .. } | Setting::Estimates { .. } => {
            format!("\\multicolumn{{{}}}{{c}}{{{text}}}", setting.cells())
        }
    }
}

/// A cell, in as many cells as its column takes.
pub(super) fn cells(cell: &Cell, setting: Setting) -> String {
    let tail = tail(cell);
    match (setting, &cell.value) {
        (Setting::Words | Setting::Lines, value) => format!("{}{tail}", words(value, cell.best)),
        (_, Value::Missing) => blank("{--}", setting),
        (_, Value::Text(text)) => {
            format!("\\multicolumn{{{}}}{{c}}{{{}{tail}}}", setting.cells(), escape(text))
        }
        (_, Value::Number(number)) => {
            blank(&format!("{}{tail}", weighted(number, cell.best)), setting)
        }
        (Setting::Numbers { .. }, Value::Estimate { mean, .. }) => {
            format!("{}{tail}", weighted(mean, cell.best))
        }
        (Setting::Estimates { intervals, .. }, Value::Estimate { mean, std, interval, n }) => {
            let mut deviation =
                std.as_ref().map_or_else(String::new, |std| format!("$\\pm$ {}", math(std)));
            if let Some(n) = n {
                deviation.push_str(&format!(" ($n = {n}$)"));
            }
            let mut text = format!("{} & {deviation}{tail}", weighted(mean, cell.best));
            if intervals {
                let interval = interval.as_ref();
                let shown =
                    interval.map(|(low, high)| format!(" {{[}}{}, {}{{]}}", math(low), math(high)));
                text.push_str(&format!(" &{}", shown.unwrap_or_default()));
            }
            text
        }
    }
}

fn words(value: &Value, best: bool) -> String {
    let text = match value {
        Value::Missing => "--".to_owned(),
        Value::Text(text) => escape(text),
        Value::Number(number) | Value::Estimate { mean: number, .. } => math(number),
    };
    if best { format!("\\textbf{{{text}}}") } else { text }
}

/// A first cell, and nothing in those behind it.
fn blank(first: &str, setting: Setting) -> String {
    format!("{first}{}", " &".repeat(setting.cells() - 1))
}

/// Dagger and footnote marks.
fn tail(cell: &Cell) -> String {
    let dagger = if cell.dagger { superscript("\\dag") } else { String::new() };
    format!("{dagger}{}", marks(&cell.marks))
}

fn marks(marks: &[usize]) -> String {
    let marks: Vec<String> = marks.iter().map(usize::to_string).collect();
    if marks.is_empty() { String::new() } else { superscript(marks.join(",")) }
}

/// A number that siunitx sets, with its own minus sign.
fn weighted(number: &str, best: bool) -> String {
    if best { format!("\\bfseries {number}") } else { number.to_owned() }
}

/// A number in text, with a true minus sign.
fn math(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(digits) => format!("$-${digits}"),
        None => number.to_owned(),
    }
}
