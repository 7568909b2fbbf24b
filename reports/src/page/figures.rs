//! The figures of the report, embedded as far as there is room.

mod caption;
mod drawn;

use super::Section;
use super::pictures::{self, Picture};
use crate::cohort::cohorts;
use crate::formats::html::escape;
use crate::results::Results;
use caption::alternative;
use drawn::{Drawn, drawn};

/// What the cards of the runs show themselves.
const ON_CARDS: &[&str] = &["samples"];
/// Bytes of all figures of the page together, before they are written as text.
const ROOM: usize = 3_000_000;
/// A figure is not embedded as it is beyond this size: it would slow the page down.
const LARGEST: usize = 300_000;

/// More figures of a kind than this are folded away.
const MOST_OPEN: usize = 24;

/// The figures, a heading a kind. Of a kind that would not fit, a sentence says where its files lie.
pub(super) fn html(results: &Results, sections: &[Section<'_>]) -> String {
    let cohorts = cohorts(&results.runs);
    let mut room = ROOM;
    let mut html = String::new();
    for section in sections.iter().filter(|section| !ON_CARDS.contains(&section.figure.name())) {
        let all = drawn(section.artifacts);
        if all.is_empty() {
            continue;
        }
        html.push_str(&format!("<h3>{}</h3>\n", capitalised(section.figure.doc())));
        let Some(pictures) = pictures(&all, &mut room) else {
            html.push_str(&format!(
                "<p>{} files, too many for this page: they are in <code>figures/</code>, from <code>{}</code> on.</p>\n",
                all.len(),
                escape(&all[0].path("").to_string_lossy()),
            ));
            continue;
        };
        let folded = all.len() > MOST_OPEN;
        if folded {
            html.push_str(&format!(
                "<details class=\"fold\">\n<summary>{} figures</summary>\n",
                all.len()
            ));
        }
        html.push_str("<div class=\"figures\">\n");
        for (drawn, picture) in all.iter().zip(pictures) {
            let Some(drawing) = section.drawings.iter().find(|d| d.stem() == drawn.name()) else {
                continue;
            };
            let alternative = alternative(drawing, &cohorts);
            html.push_str(&figure(drawn, &picture, drawing.title(), &alternative));
        }
        html.push_str(if folded { "</div>\n</details>\n" } else { "</div>\n" });
    }
    html
}

/// Every figure of a kind as it is, or every one smaller, or none: whichever there is room for.
fn pictures(all: &[Drawn<'_>], room: &mut usize) -> Option<Vec<Picture>> {
    let whole = || all.iter().map(Drawn::whole);
    let size: usize = whole().map(|(_, bytes)| bytes.len()).sum();
    if size <= *room && whole().all(|(_, bytes)| bytes.len() <= LARGEST) {
        *room -= size;
        return Some(whole().map(|(kind, bytes)| Picture::whole(kind, bytes)).collect());
    }
    // A small figure takes about 15 kB: where that is too much, none is made.
    if all.len() * 15_000 > *room {
        return None;
    }
    let small: Option<Vec<Picture>> =
        all.iter().map(|drawn| pictures::small_figure(drawn.bytes("png")?)).collect();
    let small = small?;
    let size = small.iter().map(|picture| picture.uri.len() * 3 / 4).sum();
    *room = room.checked_sub(size)?;
    Some(small)
}

fn figure(drawn: &Drawn<'_>, picture: &Picture, title: &str, alternative: &str) -> String {
    let [title, alternative] = [title, alternative].map(escape);
    let files = drawn.extensions().map(|extension| {
        let path = escape(&drawn.path(extension).to_string_lossy());
        format!("<a href=\"{path}\">{}</a>", extension.to_uppercase())
    });
    let files: Vec<String> = files.collect();
    let shown = escape(&drawn.path(drawn.shown()).to_string_lossy());
    let size = picture.size.map_or_else(String::new, |(width, height)| {
        format!(" width=\"{width}\" height=\"{height}\"")
    });
    format!(
        "<figure class=\"drawn\" data-name=\"{}\">\n<a class=\"zoom\" href=\"{shown}\"><img loading=\"lazy\"{size} alt=\"{alternative}\" \
         src=\"{}\"></a>\n<figcaption>{title}. <span class=\"downloads\">Files: {}</span></figcaption>\n</figure>\n",
        escape(&drawn.name()),
        picture.uri,
        files.join(" ")
    )
}

fn capitalised(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{}", first.to_uppercase(), escape(rest))
}
