//! A comparison as a table, in every format that tables have.

use polars::prelude::Column;

use super::{Comparison, Difference, Estimate, Evaluation, Side};
use crate::error::ReportError;
use crate::formats::Format;
use crate::record::SHOWN_DIGITS;
use crate::table::{Content, Decimals, Footnote, HumanColumn, Table};
use crate::tables::columns::{
    count_column, counts, frame, numbers, optional_texts, text_column, texts,
};
use crate::tables::sentence;

/// The columns of one side: mean, deviation, seeds that have a value, seeds.
const A: [&str; 4] = ["a_mean", "a_std", "a_n", "a_seeds"];
const B: [&str; 4] = ["b_mean", "b_std", "b_n", "b_seeds"];

impl Comparison {
    /// The comparison in a format.
    ///
    /// # Errors
    /// [`ReportError::Table`] when the data frame cannot be built.
    pub fn render(&self, format: &dyn Format) -> Result<String, ReportError> {
        format.render(&self.table()?)
    }

    fn table(&self) -> Result<Table, ReportError> {
        let name = "compare";
        let rows = || self.measures.iter();
        let shown = |text: fn(&Difference) -> Option<String>| -> Vec<Option<String>> {
            rows().map(text).collect()
        };
        let title = shown(|row| Some(title(row)));
        let interval = shown(interval);
        let p = shown(p);
        let mut columns = vec![
            texts("measure", rows().map(|row| row.key.as_str())),
            texts(
                "evaluation",
                rows().map(|row| match row.evaluation {
                    Evaluation::Last => "last",
                    Evaluation::Best => "best",
                }),
            ),
        ];
        columns.extend(side_columns(A, rows().map(|row| row.a), &self.a));
        columns.extend(side_columns(B, rows().map(|row| row.b), &self.b));
        columns.extend([
            numbers("difference", rows().map(|row| Some(row.difference))),
            numbers("ci_low", rows().map(|row| Some(row.interval?.0))),
            numbers("ci_high", rows().map(|row| Some(row.interval?.1))),
            numbers("p", rows().map(|row| row.p)),
            counts("seeds_needed", rows().map(|row| row.seeds_needed)),
            optional_texts("title", title.iter().map(Option::as_deref)),
            optional_texts("interval", interval.iter().map(Option::as_deref)),
            optional_texts("p_shown", p.iter().map(Option::as_deref)),
        ]);
        let frame = frame(name, columns)?;
        let decimals = Decimals::ByRow(rows().map(|row| row.decimals).collect());
        let estimate = |title: &str, [mean, std, n, seeds]: [&str; 4]| {
            let content = Content::Estimate {
                mean: mean.to_owned(),
                std: std.to_owned(),
                interval: None,
                n: Some([n, seeds].map(str::to_owned)),
                decimals: decimals.clone(),
            };
            HumanColumn::new(title, content)
        };
        let difference =
            Content::Number { column: "difference".to_owned(), decimals: decimals.clone() };
        Ok(Table {
            name: name.to_owned(),
            caption: format!("A: {} B: {}", told(&self.a), told(&self.b)),
            frame,
            columns: vec![
                text_column("Measure", "title"),
                estimate("A", A),
                estimate("B", B),
                HumanColumn::new("A − B", difference),
                text_column("95 % interval", "interval"),
                text_column("p", "p_shown"),
                count_column("Seeds needed", "seeds_needed"),
            ],
            across: false,
            footnotes: self.notes.iter().map(|note| Footnote::general(sentence(note))).collect(),
        })
    }
}

fn side_columns(
    [mean, std, n, seeds]: [&str; 4],
    estimates: impl Iterator<Item = Estimate> + Clone,
    side: &Side,
) -> [Column; 4] {
    let all = side.seeds.len() as u64;
    [
        numbers(mean, estimates.clone().map(|estimate| Some(estimate.mean))),
        numbers(std, estimates.clone().map(|estimate| estimate.std)),
        counts(n, estimates.clone().map(|estimate| Some(estimate.n as u64))),
        counts(seeds, estimates.map(|_| Some(all))),
    ]
}

/// One side in words.
fn told(side: &Side) -> String {
    let seeds: Vec<String> = side.seeds.iter().map(u64::to_string).collect();
    let plural = if seeds.len() == 1 { "seed" } else { "seeds" };
    format!(
        "{}/{}, experiment {}, budget {}, {plural} {}.",
        side.suite,
        side.name,
        side.experiment.get(..SHOWN_DIGITS).unwrap_or(&side.experiment),
        side.budget,
        seeds.join(", ")
    )
}

fn title(row: &Difference) -> String {
    let evaluation = match row.evaluation {
        Evaluation::Last => "",
        Evaluation::Best => " best",
    };
    format!("{}{evaluation} {}", row.title, row.direction.arrow())
}

fn interval(row: &Difference) -> Option<String> {
    let decimals = Decimals::Fixed(row.decimals);
    let [low, high] = <[f64; 2]>::from(row.interval?).map(|end| decimals.shown(end));
    Some(format!("{low} to {high}").replace('-', "−"))
}

fn p(row: &Difference) -> Option<String> {
    let p = row.p?;
    Some(if p < 1e-3 { "< 0.001".to_owned() } else { format!("{p:.3}") })
}
