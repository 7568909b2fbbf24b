//! Several models against one reference: a table that ranks them.

use std::ffi::OsString;

use bench_metrics::{Direction, Measure};
use serde::Serialize;

use super::report::Report;
use super::{EvalArgs, Evaluated, Format, evaluate};
use crate::exit::Failure;
use crate::output::outln;

/// A model's values.
struct Row {
    name: String,
    report: Report,
}

/// Models in the order of their rank, by the leading measure.
struct Comparison {
    measures: Vec<&'static Measure>,
    rows: Vec<Row>,
}

/// The object of `--json`.
#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    model: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

/// Scores every source of `args` against `against` and prints the table.
pub(super) fn run(args: &EvalArgs, against: &OsString) -> anyhow::Result<()> {
    if args.report.is_some() {
        let reason = "--report is of one model; leave it out, or name one model and its reference";
        return Err(Failure::usage(reason.to_owned()).into());
    }
    let models = [Some(&args.generated), args.reference.as_ref()].into_iter().flatten();
    let (mut rows, mut measures, mut refused) = (Vec::new(), Vec::new(), None);
    for model in models.chain(&args.more) {
        let own = EvalArgs {
            generated: model.clone(),
            reference: Some(against.clone()),
            more: Vec::new(),
            against: None,
            ..args.clone()
        };
        let found = evaluate(&own)?;
        // Every model has the same metrics, unless there are too few images for some.
        measures = if measures.is_empty() { found.panel.measures() } else { measures };
        refused = refused.or(found.refused);
        rows.push(Row { name: model.display().to_string(), report: found.report });
    }
    let mut comparison = Comparison { measures, rows };
    comparison.rank();
    outln!("{}", comparison.shown(args.shown_as())?.trim_end())?;
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// The table of one model.
pub(super) fn of_one(args: &EvalArgs, found: Evaluated) -> serde_json::Result<String> {
    let rows = vec![Row { name: args.generated.display().to_string(), report: found.report }];
    Comparison { measures: found.panel.measures(), rows }.shown(args.shown_as())
}

impl Row {
    fn value(&self, key: &str) -> Option<f64> {
        self.report.metrics.get(key).copied()
    }

    /// The value of a measure and what is known of its uncertainty: the interval, its standard error or its spread.
    fn cell(&self, measure: &Measure, plus_minus: &str) -> String {
        let Some(value) = self.value(measure.key) else { return "–".to_owned() };
        let decimals = measure.decimals;
        let further = |end: &str| {
            let key = measure.further.iter().find(|key| key.ends_with(end));
            key.and_then(|key| self.value(key))
        };
        let around = further("_se").or_else(|| measure.spread.and_then(|key| self.value(key)));
        match (further("_ci_low").zip(further("_ci_high")), around) {
            (Some((low, high)), _) => {
                let [value, low, high] = [value, low, high].map(|value| rounded(value, decimals));
                format!("{value} [{low}, {high}]")
            }
            (None, Some(around)) => {
                format!("{} {plus_minus} {around:.decimals$}", rounded(value, decimals))
            }
            (None, None) => rounded(value, decimals),
        }
    }
}

impl Comparison {
    /// Best first, by the leading measure; models without a value come last.
    fn rank(&mut self) {
        let Some(measure) = self.measures.first() else { return };
        let worth = |row: &Row| {
            let value = row.value(measure.key).unwrap_or(f64::NAN);
            match measure.direction {
                Direction::LowerIsBetter => value,
                Direction::HigherIsBetter => -value,
            }
        };
        self.rows.sort_by(|one, other| worth(one).total_cmp(&worth(other)));
    }

    /// Whether a row has the best value of a measure.
    fn is_best(&self, row: &Row, measure: &Measure) -> bool {
        let Some(own) = row.value(measure.key) else { return false };
        let mut others = self.rows.iter().filter_map(|row| row.value(measure.key));
        self.rows.len() > 1
            && match measure.direction {
                Direction::LowerIsBetter => others.all(|other| own <= other),
                Direction::HigherIsBetter => others.all(|other| own >= other),
            }
    }

    fn shown(&self, format: Format) -> serde_json::Result<String> {
        Ok(match format {
            Format::Json => {
                let ranked = (1..).zip(&self.rows);
                let ranked = ranked.map(|(rank, row)| Ranked {
                    rank,
                    model: &row.name,
                    report: &row.report,
                });
                serde_json::to_string_pretty(&ranked.collect::<Vec<_>>())?
            }
            Format::Md => self.markdown(),
            Format::Latex => self.latex(),
            Format::Text => self.text(),
        })
    }

    /// Titles of the measures with their directions.
    fn titles(&self, arrows: [&str; 2]) -> Vec<String> {
        let extractor = self.rows.iter().find_map(|row| row.report.provenance.extractor_name());
        let title = |measure: &&Measure| {
            let title = measure.title_for(extractor.unwrap_or("unknown"));
            let arrow = match measure.direction {
                Direction::LowerIsBetter => arrows[0],
                Direction::HigherIsBetter => arrows[1],
            };
            format!("{title} {arrow}")
        };
        self.measures.iter().map(title).collect()
    }

    /// Rank, name and cells of every row; `strong` marks the best.
    fn lines(&self, plus_minus: &str, strong: impl Fn(String) -> String) -> Vec<Vec<String>> {
        let cell = |row: &Row, measure: &&'static Measure| {
            let cell = row.cell(measure, plus_minus);
            if self.is_best(row, measure) { strong(cell) } else { cell }
        };
        let line = |(rank, row): (usize, &Row)| {
            let cells = self.measures.iter().map(|measure| cell(row, measure));
            [rank.to_string(), row.name.clone()].into_iter().chain(cells).collect()
        };
        (1..).zip(&self.rows).map(line).collect()
    }

    fn markdown(&self) -> String {
        let titles = self.titles(["↓", "↑"]);
        let mut text = format!("| | model | {} |\n", titles.join(" | "));
        text += &format!("| ---: | --- |{}\n", " ---: |".repeat(titles.len()));
        for line in self.lines("±", |cell| format!("**{cell}**")) {
            let cells: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
            text += &format!("| {} |\n", cells.join(" | "));
        }
        text
    }

    fn latex(&self) -> String {
        let titles = self.titles(["$\\downarrow$", "$\\uparrow$"]);
        let titles: Vec<String> =
            titles.iter().map(|title| title.replace('∞', "$_\\infty$")).collect();
        let mut text = format!("\\begin{{tabular}}{{rl{}}}\n\\toprule\n", "r".repeat(titles.len()));
        text += &format!(" & Model & {} \\\\\n\\midrule\n", titles.join(" & "));
        for mut line in self.lines("$\\pm$", |cell| format!("\\textbf{{{cell}}}")) {
            line[1] = escaped(&line[1]);
            text += &format!("{} \\\\\n", line.join(" & "));
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }

    fn text(&self) -> String {
        let mut lines = self.lines("±", |cell| format!("*{cell}"));
        let titles = self.titles(["↓", "↑"]).into_iter();
        lines.insert(0, [String::new(), "model".to_owned()].into_iter().chain(titles).collect());
        let columns = lines[0].len();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
        let widths: Vec<usize> =
            (0..columns).map(|column| width(column).unwrap_or_default()).collect();
        let shown = |line: &Vec<String>| {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        lines.iter().map(|line| shown(line) + "\n").collect()
    }
}

/// A value with so many decimals, in which nought has no sign.
fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.trim_start_matches(['-', '0', '.']).is_empty() {
        true => text.trim_start_matches('-').to_owned(),
        false => text,
    }
}

/// A text in which LaTeX sees no commands.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '\\' => escaped += "\\textbackslash{}",
            c => escaped.push(c),
        }
    }
    escaped
}
