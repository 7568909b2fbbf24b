//! `tables/by_variant.*`: mean and standard deviation over seeds.

use polars::prelude::{ChunkAgg, ChunkVar, Column, DataFrame, PolarsResult, SortMultipleOptions};

use super::{
    Tabulation, count_column, counts, frame, numbers, setting_columns, setting_sentences,
    text_column, texts,
};
use crate::error::ReportError;
use crate::measure::{Measure, union};
use crate::naming::name_runs;
use crate::results::Results;
use crate::run::Run;
use crate::table::{Content, Footnote, HumanColumn, Table};

/// One row a variant, over its seeds; made when some variant has several.
pub struct ByVariant;

/// Runs that agree in these columns differ in their seed only.
const KEYS: [&str; 6] = ["suite", "dataset", "budget", "protocol", "extractor", "variant"];

impl Tabulation for ByVariant {
    fn name(&self) -> &'static str {
        "by_variant"
    }

    fn doc(&self) -> &'static str {
        "mean and standard deviation of each metric over the seeds of a variant"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let runs = results.runs.as_slice();
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<&Run> = runs.iter().collect();
        let measures = union(runs.iter().map(|run| run.record.measures.as_slice()));
        let by_run = frame(self.name(), run_columns(runs, &measures))?;
        let by_variant = over_seeds(&by_run, &measures)
            .map_err(|error| ReportError::table(self.name(), error))?;
        if by_variant.height() == by_run.height() {
            return Ok(Vec::new());
        }
        let mut columns = vec![text_column("Variant", "variant")];
        columns.extend(setting_columns(&all));
        columns.push(count_column("Seeds", "seeds"));
        columns.extend(measures.iter().map(|measure| human_column(measure)));
        Ok(vec![Table {
            name: self.name().to_owned(),
            caption: format!("Mean and standard deviation over seeds. {}", setting_sentences(&all)),
            frame: by_variant,
            columns,
            contest: KEYS[..5].to_vec(),
            footnotes: vec![Footnote {
                rows: Vec::new(),
                text: "Standard deviations are over seeds (divisor n − 1); runs without a value are left out of both."
                    .to_owned(),
            }],
        }])
    }
}

fn run_columns(runs: &[Run], measures: &[&Measure]) -> Vec<Column> {
    let named = name_runs(runs);
    let record = || runs.iter().map(|run| &run.record);
    let mut columns = vec![
        texts("suite", record().map(|record| record.suite.as_str())),
        texts("dataset", record().map(|record| record.dataset.as_str())),
        texts("budget", record().map(|record| record.budget.as_str())),
        texts("protocol", record().map(|record| record.protocol.as_str())),
        texts("extractor", record().map(|record| record.extractor.as_str())),
        texts("variant", named.iter().map(|named| named.label.as_str())),
    ];
    columns.extend(
        measures.iter().map(|measure| {
            numbers(&measure.key, record().map(|record| record.metric(&measure.key)))
        }),
    );
    columns
}

/// One row a group of [`KEYS`], sorted by them, with `seeds`, and `<key>_over_seeds` and `<key>_std_over_seeds` of
/// every measure.
fn over_seeds(by_run: &DataFrame, measures: &[&Measure]) -> PolarsResult<DataFrame> {
    by_run
        .group_by_stable(KEYS)?
        .apply(|group| {
            let mut columns: Vec<Column> = group.head(Some(1)).select_to_vec(KEYS)?;
            let seeds = u64::try_from(group.height()).ok();
            columns.push(counts("seeds", std::iter::once(seeds)));
            for measure in measures {
                let values = group.column(&measure.key)?.f64()?;
                columns.push(numbers(&mean_name(measure), std::iter::once(values.mean())));
                columns.push(numbers(&std_name(measure), std::iter::once(values.std(1))));
            }
            DataFrame::new_infer_height(columns)
        })?
        .sort(KEYS, SortMultipleOptions::default())
}

fn human_column(measure: &Measure) -> HumanColumn {
    HumanColumn {
        title: measure.title.clone(),
        unit: None,
        direction: Some(measure.direction),
        content: Content::MeanStd {
            mean: mean_name(measure),
            std: std_name(measure),
            decimals: measure.decimals,
        },
    }
}

fn mean_name(measure: &Measure) -> String {
    format!("{}_over_seeds", measure.key)
}

fn std_name(measure: &Measure) -> String {
    format!("{}_std_over_seeds", measure.key)
}
