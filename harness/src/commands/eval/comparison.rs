//! Models in a table, ranked where there are several.

use bench_metrics::{Direction, Measure};
use serde::Serialize;

use super::report::Report;
use super::{Evaluated, Format};

/// Models in the order of their rank, by the leading measure of the first extractor.
pub(super) struct Comparison {
    columns: Vec<Columns>,
    rows: Vec<Row>,
}

/// What one extractor gives of every model.
struct Columns {
    /// Its place among the extractors that were asked for.
    place: usize,
    extractor: String,
    /// Every model has the same measures, unless there are too few images for some.
    measures: Vec<&'static Measure>,
}

/// A model's values, by the place of their extractor.
struct Row {
    name: String,
    reports: Vec<(usize, Report)>,
}

/// The object of `--json`.
#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    model: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

impl Row {
    fn report(&self, columns: &Columns) -> Option<&Report> {
        let own = self.reports.iter().find(|(place, _)| *place == columns.place);
        own.map(|(_, report)| report)
    }
}

impl Report {
    fn value(&self, key: &str) -> Option<f64> {
        self.metrics.get(key).copied()
    }

    /// The value of a measure and what is known of its uncertainty: the interval, its standard error or its spread.
    fn cell(&self, value: f64, measure: &Measure, plus_minus: &str) -> String {
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

impl Columns {
    /// Best first, by the leading measure; models without a value come last.
    fn rank(&self, rows: &mut [&Row]) {
        let Some(measure) = self.measures.first() else { return };
        let worth = |row: &&Row| {
            let value = row.report(self).and_then(|own| own.value(measure.key));
            match measure.direction {
                Direction::LowerIsBetter => value.unwrap_or(f64::NAN),
                Direction::HigherIsBetter => -value.unwrap_or(f64::NAN),
            }
        };
        rows.sort_by(|one, other| worth(one).total_cmp(&worth(other)));
    }

    /// Whether a row has the best value of a measure.
    fn is_best(&self, rows: &[Row], own: f64, measure: &Measure) -> bool {
        let values = rows.iter().filter_map(|row| row.report(self)?.value(measure.key));
        let no_better = |other: f64| match measure.direction {
            Direction::LowerIsBetter => own <= other,
            Direction::HigherIsBetter => own >= other,
        };
        rows.len() > 1 && values.into_iter().all(no_better)
    }
}

impl Comparison {
    /// The table of `found`: models with their evaluations, one for each extractor.
    pub(super) fn of(found: Vec<(String, Vec<Evaluated>)>) -> Self {
        let (mut columns, mut rows): (Vec<Columns>, _) = (Vec::new(), Vec::new());
        for (name, evaluated) in found {
            for Evaluated { place, report, panel, .. } in &evaluated {
                let extractor = report.provenance.extractor_name();
                let unknown = || "unknown".to_owned();
                match columns.iter_mut().find(|own| own.place == *place) {
                    Some(own) if own.extractor == unknown() => {
                        own.extractor = extractor.map_or_else(unknown, str::to_owned);
                    }
                    Some(_) => {}
                    None => columns.push(Columns {
                        place: *place,
                        extractor: extractor.map_or_else(unknown, str::to_owned),
                        measures: panel.measures(),
                    }),
                }
            }
            let reports = evaluated.into_iter().map(|own| (own.place, own.report)).collect();
            rows.push(Row { name, reports });
        }
        columns.sort_by_key(|own| own.place);
        Self { columns, rows }
    }

    /// The rows, best first by the first extractor.
    fn ranked(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        if let Some(first) = self.columns.first() {
            first.rank(&mut rows);
        }
        rows
    }

    pub(super) fn shown(&self, format: Format) -> serde_json::Result<String> {
        Ok(match format {
            Format::Json => self.json()?,
            Format::Md => self.markdown(),
            Format::Latex => self.latex(),
            Format::Text => self.text(),
        })
    }

    /// What each extractor alone would give, one after the other: its models by their rank.
    fn json(&self) -> serde_json::Result<String> {
        let mut all = Vec::new();
        for columns in &self.columns {
            let mut rows: Vec<&Row> = self.rows.iter().collect();
            rows.retain(|row| row.report(columns).is_some());
            columns.rank(&mut rows);
            let reports = rows.into_iter().filter_map(|row| Some((row, row.report(columns)?)));
            let ranked = (1..).zip(reports);
            all.extend(ranked.map(|(rank, (row, report))| Ranked {
                rank,
                model: &row.name,
                report,
            }));
        }
        serde_json::to_string_pretty(&all)
    }

    /// Every measure of every extractor, in the order of the columns.
    fn measures(&self) -> impl Iterator<Item = (&Columns, &'static Measure)> {
        self.columns.iter().flat_map(|own| own.measures.iter().map(move |measure| (own, *measure)))
    }

    /// Titles of the measures with their directions.
    fn titles(&self, arrows: [&str; 2]) -> Vec<String> {
        let title = |(columns, measure): (&Columns, &Measure)| {
            let title = match self.columns.len() {
                1 => measure.title_for(&columns.extractor),
                _ => measure.title_among(&columns.extractor),
            };
            format!("{title} {}", arrow(measure, arrows))
        };
        self.measures().map(title).collect()
    }

    /// Rank, name and cells of every row; `strong` marks the best.
    fn lines(&self, plus_minus: &str, strong: impl Fn(String) -> String) -> Vec<Vec<String>> {
        let cell = |row: &Row, (columns, measure): (&Columns, &'static Measure)| {
            let report = row.report(columns);
            let Some(value) = report.and_then(|own| own.value(measure.key)) else {
                return "–".to_owned();
            };
            let cell = report.map_or_else(String::new, |own| own.cell(value, measure, plus_minus));
            if columns.is_best(&self.rows, value, measure) { strong(cell) } else { cell }
        };
        let line = |(rank, row): (usize, &Row)| {
            let cells = self.measures().map(|measure| cell(row, measure));
            [rank.to_string(), row.name.clone()].into_iter().chain(cells).collect()
        };
        (1..).zip(self.ranked()).map(line).collect()
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

    /// Several extractors stand above their columns.
    fn latex(&self) -> String {
        let arrows = ["$\\downarrow$", "$\\uparrow$"];
        let (titles, groups) = match self.columns.len() {
            1 => (self.titles(arrows), String::new()),
            _ => (self.titles_in_groups(arrows), self.groups()),
        };
        let titles: Vec<String> =
            titles.iter().map(|title| title.replace('∞', "$_\\infty$")).collect();
        let columns = "r".repeat(titles.len());
        let mut text = format!("\\begin{{tabular}}{{rl{columns}}}\n\\toprule\n{groups}");
        text += &format!(" & Model & {} \\\\\n\\midrule\n", titles.join(" & "));
        for mut line in self.lines("$\\pm$", |cell| format!("\\textbf{{{cell}}}")) {
            line[1] = escaped(&line[1]);
            text += &format!("{} \\\\\n", line.join(" & "));
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }

    /// Titles that stand below the name of their extractor.
    fn titles_in_groups(&self, arrows: [&str; 2]) -> Vec<String> {
        let title = |(columns, measure): (&Columns, &Measure)| {
            format!("{} {}", measure.title_below(&columns.extractor), arrow(measure, arrows))
        };
        self.measures().map(title).collect()
    }

    /// A line of LaTeX with the extractors, each above its columns and a rule.
    fn groups(&self) -> String {
        let (mut names, mut rules, mut start) = (String::new(), String::new(), 3);
        for Columns { extractor, measures, .. } in &self.columns {
            let (n, end) = (measures.len(), start + measures.len() - 1);
            names += &format!(" & \\multicolumn{{{n}}}{{c}}{{{}}}", escaped(extractor));
            rules += &format!("\\cmidrule(lr){{{start}-{end}}}");
            start = end + 1;
        }
        format!(" &{names} \\\\\n{rules}\n")
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

/// The one of `arrows`, down and up, that says which way a measure improves.
fn arrow<'a>(measure: &Measure, arrows: [&'a str; 2]) -> &'a str {
    match measure.direction {
        Direction::LowerIsBetter => arrows[0],
        Direction::HigherIsBetter => arrows[1],
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
