//! A card a run: its last samples, its scores, and small charts of how it trained.

use super::labels::LabelledRun;
use super::pictures::{self, Picture};
use super::sparkline::{self, Line};
use crate::error::ReportError;
use crate::figures::Animation;
use crate::formats::html::escape;
use crate::measure::Measure;
use crate::picture;
use crate::record::Record;
use crate::run::{Run, SampleGrid};
use crate::table::Decimals;

/// Bytes of all sample grids of the page together, before they are written as text.
const ROOM: usize = 2_500_000;

/// Bytes of all animations of the page together, before they are written as text.
const ROOM_OF_ANIMATIONS: usize = 1_500_000;

/// With more runs than this, the cards of each experiment are folded away.
const MOST_OPEN: usize = 24;

/// The cards, in the order of the report.
///
/// # Errors
/// [`ReportError::Samples`] for a sample grid that is no image.
pub(super) fn html(
    runs: &[LabelledRun<'_>],
    animations: &[Animation<'_>],
) -> Result<String, ReportError> {
    let grids = runs.iter().filter(|run| run.run.samples.is_some()).count();
    let pictures = Pictures {
        room: ROOM / grids.max(1),
        room_of_animation: ROOM_OF_ANIMATIONS / animations.len().max(1),
        animations,
    };
    let mut html = String::new();
    if grids > 0 {
        html.push_str(
            "<p>The last samples of each run, its scores, and how both came about. The files in <code>samples/</code> of its \
             folder show them whole, and those before them.</p>\n",
        );
    }
    if runs.len() <= MOST_OPEN {
        html.push_str(&cards(0, runs, &pictures)?);
        return Ok(html);
    }
    let mut place = 0;
    for seeds in runs.chunk_by(|a, b| a.group == b.group) {
        html.push_str(&format!(
            "<details class=\"fold\"{}>\n<summary>{}: {} {}</summary>\n{}</details>\n",
            if place == 0 { " open" } else { "" },
            escape(&seeds[0].group),
            seeds.len(),
            if seeds.len() == 1 { "run" } else { "runs" },
            cards(place, seeds, &pictures)?,
        ));
        place += seeds.len();
    }
    Ok(html)
}

/// The cards of neighbours, the first of which stands at `first` among all.
fn cards(
    first: usize,
    runs: &[LabelledRun<'_>],
    pictures: &Pictures<'_>,
) -> Result<String, ReportError> {
    let cards = runs.iter().zip(first..).map(|(run, place)| card(place, run, pictures));
    let cards = cards.collect::<Result<Vec<_>, _>>()?;
    Ok(format!("<div class=\"cards\">\n{}</div>\n", cards.concat()))
}

fn card(
    place: usize,
    labelled: &LabelledRun<'_>,
    pictures: &Pictures<'_>,
) -> Result<String, ReportError> {
    let Run { record, samples, .. } = labelled.run;
    let label = escape(&labelled.label);
    let mut html = format!("<article class=\"card\" id=\"run-{place}\">\n<h3>{label}</h3>\n");
    if let Some(ending) = record.ending() {
        html.push_str(&format!("<p class=\"ending\">{}</p>\n", escape(&ending)));
    }
    if let Some(grid) = samples {
        html.push_str(&picture(&label, labelled, grid, pictures.room)?);
    }
    html.push_str(&pictures.animation(labelled));
    html.push_str(&links(labelled.run));
    html.push_str(&scores(record));
    html.push_str(&charts(labelled));
    html.push_str("</article>\n");
    Ok(html)
}

/// Links to the pictures in the run's folder, which are files of their own; nothing where there are none.
fn links(run: &Run) -> String {
    let link = |stem: &String| {
        let file = escape(&format!("{}/{}/{stem}.png", run.folder, picture::FOLDER));
        format!("<a href=\"{file}\">{}</a>", escape(stem))
    };
    let links: Vec<String> = run.pictures.keys().map(link).collect();
    if links.is_empty() {
        return String::new();
    }
    format!("<p class=\"downloads\">Pictures in its folder: {}</p>\n", links.join(" "))
}

fn picture(
    label: &str,
    labelled: &LabelledRun<'_>,
    grid: &SampleGrid,
    room: usize,
) -> Result<String, ReportError> {
    let record = &labelled.run.record;
    let picture = pictures::samples(&grid.png, record.image_size, room).ok_or_else(|| {
        ReportError::Samples { path: grid.path.clone(), reason: "it does not decode".to_owned() }
    })?;
    let Picture { uri, size, reduced } = picture;
    let (width, height) = size.unwrap_or_default();
    let step = grid.step;
    let part = if reduced { "some of the samples" } else { "samples" };
    let name = grid.path.file_name().unwrap_or_default().to_string_lossy();
    let file = escape(&format!("{}/samples/{name}", labelled.run.folder));
    Ok(format!(
        "<a class=\"zoom\" href=\"{file}\"><img class=\"samples\" loading=\"lazy\" width=\"{width}\" height=\"{height}\" \
         alt=\"Grid of images: {part} of {label} after step {step}\" src=\"{uri}\"></a>\n"
    ))
}

/// What the cards show of samples, and the room of one card for each.
struct Pictures<'a> {
    room: usize,
    room_of_animation: usize,
    animations: &'a [Animation<'a>],
}

impl Pictures<'_> {
    /// How the samples came about, folded away, or a link to where it is shown; nothing where few grids were drawn.
    fn animation(&self, labelled: &LabelledRun<'_>) -> String {
        let is_its = |animation: &&Animation<'_>| std::ptr::eq(animation.run, labelled.run);
        let Some(Animation { artifact, .. }) = self.animations.iter().find(is_its) else {
            return String::new();
        };
        let file = escape(&artifact.path.to_string_lossy());
        if artifact.bytes.len() > self.room_of_animation {
            return format!("<p><a href=\"{file}\">As training goes on (GIF)</a></p>\n");
        }
        let uri = Picture::whole("gif", &artifact.bytes).uri;
        format!(
            "<details><summary>As training goes on</summary>\n<a href=\"{file}\"><img class=\"samples\" loading=\"lazy\" \
             alt=\"The samples of {} as training goes on\" src=\"{uri}\"></a></details>\n",
            escape(&labelled.label)
        )
    }
}

/// What the run scored last, at its best and before training.
fn scores(record: &Record) -> String {
    let shown = |measure: &Measure, value: Option<f64>| {
        let number = value.map(|value| Decimals::Fixed(measure.decimals).shown(value));
        number.map_or_else(|| "–".to_owned(), |number| number.replace('-', "−"))
    };
    let mut rows = String::new();
    for measure in &record.measures {
        let key = &measure.key;
        let values = [record.untrained_metric(key), record.best_metric(key), record.metric(key)];
        if values.iter().all(Option::is_none) {
            continue;
        }
        rows.push_str(&format!("<tr><th scope=\"row\">{}</th>", escape(&measure.label())));
        for value in values {
            rows.push_str(&format!("<td class=\"number\">{}</td>", shown(measure, value)));
        }
        rows.push_str("</tr>\n");
    }
    if rows.is_empty() {
        return "<p>Nothing was scored.</p>\n".to_owned();
    }
    format!(
        "<div class=\"scroll\"><table class=\"scores\">\n<thead><tr><th scope=\"col\">Measure</th>\
         <th scope=\"col\" class=\"number\">untrained</th><th scope=\"col\" class=\"number\">best</th>\
         <th scope=\"col\" class=\"number\">last</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// The leading measure and the losses over steps.
fn charts(labelled: &LabelledRun<'_>) -> String {
    let Run { record, losses, metrics, .. } = labelled.run;
    let mut html = String::new();
    if let Some(measure) = record.measures.first() {
        let points = metrics.iter().map(|p| (p.step as f64, p.values.get(&measure.key).copied()));
        let line = Line { name: "", points: points.collect() };
        html.push_str(&chart(&measure.title, measure.decimals, &[line]));
    }
    let line = |name, value: fn(&crate::history::LossPoint) -> Option<f64>| Line {
        name,
        points: losses.iter().map(|point| (point.step as f64, value(point))).collect(),
    };
    let lines = [
        line("discriminator", |point| point.discriminator),
        line("generator", |point| point.generator),
    ];
    html.push_str(&chart("Losses", 2, &lines));
    html
}

/// A small chart with its title; nothing where there is nothing to draw.
fn chart(title: &str, decimals: usize, lines: &[Line]) -> String {
    let described: Vec<String> =
        lines.iter().filter_map(|line| described(line, decimals)).collect();
    let (title, described) = (escape(title), escape(&described.join("; ")));
    let Some(svg) = sparkline::svg(&format!("{title} over steps: {described}"), lines) else {
        return String::new();
    };
    let legend: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.name.is_empty())
        .map(|(index, line)| format!("<span class=\"key-{index}\">{}</span>", line.name))
        .collect();
    format!(
        "<figure class=\"small\"><figcaption>{title} over steps {}</figcaption>{svg}<p class=\"ends\">{described}</p></figure>\n",
        legend.join(" ")
    )
}

/// From which value to which a line goes, in words.
fn described(line: &Line, decimals: usize) -> Option<String> {
    let mut values = line.points.iter().filter_map(|point| point.1);
    let (first, last) = (values.next()?, values.next_back()?);
    let number = |value: f64| Decimals::Fixed(decimals).shown(value).replace('-', "−");
    let name = if line.name.is_empty() { String::new() } else { format!("{} ", line.name) };
    Some(format!("{name}{} to {}", number(first), number(last)))
}
