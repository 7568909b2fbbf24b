//! The document around the parts: head, navigation, style, data and script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Part;
use crate::formats::html::escape;

const STYLE: &str = include_str!("../../assets/report/report.css");

/// The script, a subject a file; what starts it all stands last.
const SCRIPT: &[&str] = &[
    include_str!("../../assets/report/element.js"),
    include_str!("../../assets/report/download.js"),
    include_str!("../../assets/report/theme.js"),
    include_str!("../../assets/report/tables.js"),
    include_str!("../../assets/report/zoom.js"),
    include_str!("../../assets/report/scale.js"),
    include_str!("../../assets/report/chart.js"),
    include_str!("../../assets/report/cursor.js"),
    include_str!("../../assets/report/series.js"),
    include_str!("../../assets/report/curves.js"),
    include_str!("../../assets/report/pair.js"),
    include_str!("../../assets/report/start.js"),
];

/// The whole page. `data` is JSON in which no `<` occurs.
pub(super) fn document(title: &str, parts: &[Part], data: &str) -> String {
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPT.concat());
    let title = escape(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n\
         <header>\n<h1>{title}</h1>\n</header>\n",
        policy(&script)
    );
    push_navigation(&mut html, parts);
    html.push_str("<main>\n");
    for part in parts.iter().filter(|part| !part.html.is_empty()) {
        push_part(&mut html, part);
    }
    html.push_str(&format!(
        "</main>\n<script type=\"application/json\" id=\"data\">{data}</script>\n<script>{script}</script>\n</body>\n</html>\n"
    ));
    html
}

/// Only this script runs, and nothing is fetched: a name that slipped through unescaped could do nothing.
fn policy(script: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(script));
    format!(
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; \
         form-action 'none'"
    )
}

fn push_navigation(html: &mut String, parts: &[Part]) {
    html.push_str("<nav aria-label=\"Parts of this page\">\n<ul>\n");
    for part in parts.iter().filter(|part| !part.html.is_empty()) {
        let hidden = if part.scripted { " data-scripted hidden" } else { "" };
        html.push_str(&format!("<li{hidden}><a href=\"#{}\">{}</a></li>\n", part.id, part.title));
    }
    html.push_str(
        "</ul>\n<label class=\"theme\" data-scripted hidden>Colours <select id=\"theme\"><option value=\"\">auto\
         </option><option value=\"light\">light</option><option value=\"dark\">dark</option></select></label>\n</nav>\n",
    );
}

fn push_part(html: &mut String, part: &Part) {
    let Part { id, title, html: content, scripted } = part;
    let hidden = if *scripted { " data-scripted hidden" } else { "" };
    html.push_str(&format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\"{hidden}>\n<h2 id=\"{id}-title\">{title}</h2>\n{content}</section>\n"
    ));
}
