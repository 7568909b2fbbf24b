//! The tables of the report, each with its files to take along.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::ReportError;
use crate::formats::html::{Html, escape};
use crate::formats::{FORMATS, Format};
use crate::table::Table;

/// A larger file is not embedded; its link leads to the folder of the results.
const LARGEST: usize = 400_000;

/// Every table, and a list of them where there are several.
///
/// # Errors
/// [`ReportError::Table`] when a table cannot be rendered.
pub(super) fn html(tables: &[Table]) -> Result<String, ReportError> {
    let mut html = String::new();
    if tables.len() > 1 {
        html.push_str("<ul class=\"contents\">\n");
        for table in tables {
            let name = escape(&table.name);
            html.push_str(&format!("<li><a href=\"#{name}\">{name}</a></li>\n"));
        }
        html.push_str("</ul>\n");
    }
    for table in tables {
        html.push_str(&Html.render(table)?);
        html.push_str(&files(table)?);
    }
    Ok(html)
}

/// Links to the table in every format, which work without the results folder.
fn files(table: &Table) -> Result<String, ReportError> {
    let mut links = Vec::new();
    for format in FORMATS {
        let extension = format.extension();
        let name = escape(&format!("{}.{extension}", table.name));
        let content = format.render(table)?;
        let target = match content.len() <= LARGEST {
            true => format!("data:text/plain;charset=utf-8;base64,{}", STANDARD.encode(&content)),
            false => format!("tables/{name}"),
        };
        links.push(format!(
            "<a download=\"{name}\" href=\"{target}\">{}</a>",
            extension.to_uppercase()
        ));
    }
    Ok(format!(
        "<p class=\"downloads\">Download {}: {}</p>\n",
        escape(&table.name),
        links.join(" ")
    ))
}
