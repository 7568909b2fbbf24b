//! Suites: the runs of one source, its evaluation, its tables, and budgets; read from TOML.

mod plan;
mod shown;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use bench_data::datasets;
use bench_data::nearest::{nearest, nearest_field};
use bench_reports::published::SuiteFigure;
use serde::Deserialize;
use toml::Table;

use super::config::find_variant;
use super::error::ConfigError;
use crate::evaluation::EvaluationConfig;

pub use plan::PlannedRun;
pub use table::{SuiteRow, SuiteTable};

/// The suites inside the program, in the order in which they are run: name and TOML text.
pub const SUITES: &[(&str, &str)] = &[
    ("dcgan-wgan", include_str!("../../suites/dcgan-wgan.toml")),
    ("architectures", include_str!("../../suites/architectures.toml")),
    ("sngan", include_str!("../../suites/sngan.toml")),
    ("sagan", include_str!("../../suites/sagan.toml")),
    ("basics", include_str!("../../suites/basics.toml")),
];

/// The budgets of runs that belong to no suite, as the TOML text of a suite without runs.
const SINGLE: &str = include_str!("../../suites/single.toml");

/// What every suite's file has.
const NEEDED: &str = "; a suite has `name`, `title`, [evaluation] and [[runs]]";

/// The runs of one source, and how long they may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name of the folder below the results folder.
    pub name: String,
    /// Title in listings.
    pub title: String,
    /// How the source scored its models, with its protocol; a budget may score on fewer images.
    pub evaluation: EvaluationConfig,
    /// What its numbers hang on and the source does not say, such as the numbers of images: no value measured here may
    /// stand beside a published one then.
    #[serde(default)]
    pub unstated: Vec<String>,
    /// The runs, in the order in which they are carried out.
    #[serde(default)]
    pub runs: Vec<SuiteRun>,
    /// Measurements of real images against real images.
    #[serde(default)]
    pub ground_truths: Vec<SuiteGroundTruth>,
    /// The source's tables.
    #[serde(default)]
    pub tables: Vec<SuiteTable>,
    /// The source's figures.
    #[serde(default)]
    pub figures: Vec<SuiteFigure>,
    /// Budgets by name; one called `paper`, which changes nothing, unless others are given.
    #[serde(default = "paper_alone")]
    pub budgets: BTreeMap<String, Budget>,
}

/// One run of a suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteRun {
    /// What tables and budgets call it; the variant's name unless given.
    name: Option<String>,
    /// Registry name of the variant.
    pub variant: String,
    /// Registry name of the dataset, or the path of a folder or `.zip` of images.
    pub dataset: String,
    /// Side that the images are trained at; the variant's own unless given.
    pub image_size: Option<u32>,
    /// What the source's experiment changes in the variant's recipe, or in the evaluation.
    #[serde(default)]
    pub set: Table,
}

impl SuiteRun {
    /// What tables and budgets call it.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.variant)
    }
}

/// One measurement of train images against the evaluation's reference images.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteGroundTruth {
    /// What tables call it.
    pub name: String,
    /// Registry name of the dataset, or the path of a folder or `.zip` of images.
    pub dataset: String,
    /// Side of the images.
    pub image_size: u32,
    /// What the source changes in the evaluation.
    #[serde(default)]
    pub evaluation: Table,
}

/// Which runs a budget carries out, how long they train, and on how many images they are scored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Names of the runs; all, if not given.
    runs: Option<Vec<String>>,
    /// Overrides of the suite's evaluation.
    #[serde(default)]
    evaluation: Table,
    /// Overrides of every recipe.
    #[serde(default)]
    set: Table,
    /// Overrides of one variant's recipe, after `set`.
    #[serde(default)]
    set_variant: BTreeMap<String, Table>,
}

fn paper_alone() -> BTreeMap<String, Budget> {
    [("paper".to_owned(), Budget::default())].into()
}

impl Suite {
    /// A suite of the program by name, or one from a `.toml` file.
    ///
    /// # Errors
    /// If there is no such suite or its text is wrong.
    pub fn find(name: &str) -> Result<Self, ConfigError> {
        let suite = if let Some((_, text)) = SUITES.iter().find(|(known, _)| *known == name) {
            Self::parse(text, name)?
        } else if name.ends_with(".toml") {
            let path = Path::new(name);
            let text = std::fs::read_to_string(path).map_err(|e| {
                ConfigError::unusable(path, e, "give a suite's file or one of `bench list suites`")
            })?;
            Self::parse(&text, name)?
        } else {
            return Err(ConfigError::Invalid(format!(
                "unknown suite `{name}`{}; see `bench list suites`, or name a .toml file",
                nearest(name, SUITES.iter().map(|(known, _)| *known))
            )));
        };
        if suite.runs.is_empty() {
            return Err(ConfigError::Invalid(format!("suite {name} has no runs; add [[runs]]")));
        }
        Ok(suite)
    }

    /// A suite of one run that belongs to no source.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if there is no such variant or dataset.
    pub fn single(
        variant: &str,
        dataset: &str,
        image_size: Option<u32>,
    ) -> Result<Self, ConfigError> {
        let mut suite = Self::parse(SINGLE, "single")?;
        suite.runs.push(SuiteRun {
            name: None,
            variant: variant.to_owned(),
            dataset: dataset.to_owned(),
            image_size,
            set: Table::new(),
        });
        suite.check().map_err(ConfigError::Invalid)?;
        Ok(suite)
    }

    fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        let suite: Self = toml::from_str(text).map_err(|e: toml::de::Error| {
            // What the whole file lacks stands at no line of it.
            let missing =
                e.message().starts_with("missing field") && e.span().is_none_or(|s| s.start == 0);
            let told = if missing { e.message().to_owned() + NEEDED } else { e.to_string() };
            ConfigError::Invalid(format!("suite {path}: {told}{}", nearest_field(e.message())))
        })?;
        suite.check().map_err(|reason| ConfigError::Invalid(format!("suite {path}: {reason}")))?;
        Ok(suite)
    }

    /// Refuses names that nothing bears, with the nearest that something does, and names twice
    /// given.
    fn check(&self) -> Result<(), String> {
        let of_tables = self.tables.iter().map(|table| &table.id);
        let of_truths = self.ground_truths.iter().map(|truth| &truth.name);
        let of_figures = self.figures.iter().map(|figure| &figure.id);
        for name in [&self.name].into_iter().chain(of_tables).chain(of_figures).chain(of_truths) {
            if !is_file_name(name) {
                return Err(not_plain(name));
            }
        }
        for run in &self.runs {
            find_variant(&run.variant).map_err(|e| e.to_string())?;
            if !is_file_name(run.name()) {
                return Err(not_plain(run.name()));
            }
        }
        let of_runs = self.runs.iter().map(|run| &run.dataset);
        for dataset in of_runs.chain(self.ground_truths.iter().map(|truth| &truth.dataset)) {
            datasets::check_name(dataset).map_err(|e| e.to_string())?;
        }
        let names: Vec<&str> = self.names().collect();
        if let Some(i) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            let name = names[i];
            return Err(format!("two runs are called `{name}`; give one another `name`"));
        }
        for (i, table) in self.tables.iter().enumerate() {
            if self.tables[..i].iter().any(|other| other.id == table.id) {
                return Err(format!("two tables have the id `{}`; give one another", table.id));
            }
            for name in table.runs() {
                self.expect(name)?;
            }
            let of_table = |reason: String| format!("table `{}`: {reason}", table.id);
            shown::check_scores(&table.metrics).map_err(of_table)?;
        }
        for (i, figure) in self.figures.iter().enumerate() {
            if self.figures[..i].iter().any(|other| other.id == figure.id) {
                return Err(format!("two figures have the id `{}`; give one another", figure.id));
            }
            let of_figure = |reason: String| format!("figure `{}`: {reason}", figure.id);
            shown::check_figure(figure).map_err(of_figure)?;
            for row in &figure.rows {
                self.expect(&row.run).map_err(of_figure)?;
            }
        }
        for budget in self.budgets.values() {
            for name in budget.runs.iter().flatten() {
                self.expect(name)?;
            }
            for name in budget.set_variant.keys() {
                find_variant(name).map_err(|e| e.to_string())?;
            }
        }
        Ok(())
    }

    /// What tables can show: runs and ground truths.
    fn names(&self) -> impl Iterator<Item = &str> {
        let of_truths = self.ground_truths.iter().map(|truth| truth.name.as_str());
        self.runs.iter().map(SuiteRun::name).chain(of_truths)
    }

    /// Refuses the name of no run.
    fn expect(&self, name: &str) -> Result<(), String> {
        if self.names().any(|known| known == name) {
            return Ok(());
        }
        Err(format!("there is no run `{name}`{}", nearest(name, self.names())))
    }
}

/// Whether files and folders can be called so.
fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && !name.starts_with('.')
}

fn not_plain(name: &str) -> String {
    format!("the name `{name}` must be made of letters, digits, -, _ and ., without a . in front")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::config::evaluation_departures;

    const SMALL: &str = r#"
        name = "small"
        title = "Two runs"
        [evaluation]
        generated = 50
        reference = 60
        every = 7
        parameters.kid = { subsets = 5, subset_size = 20 }
        [[runs]]
        variant = "dcgan"
        dataset = "mnist"
        [[runs]]
        name = "sgd"
        variant = "dcgan"
        dataset = "cifar10"
        set = { generator_optimizer = { kind = "sgd", lr = 0.1, momentum = 0.0, weight_decay = 0.0 } }
        [[ground_truths]]
        name = "real"
        dataset = "cifar10"
        image_size = 32
        evaluation = { split = "test" }
        [[tables]]
        id = "table-1"
        title = "Scores"
        source = "Nobody 2020"
        metrics = ["fid"]
        rows = [
            { title = "Adam", run = "dcgan", published = { fid = 3 } },
            { title = "SGD", run = "sgd" },
            { title = "Neither" },
            { title = "Real", run = "real", published = { fid = 1 } },
        ]
        [budgets.short]
        runs = ["sgd"]
        evaluation = { generated = 30 }
        set = { steps = 3 }
        set_variant.dcgan = { batch_size = 8 }
        [budgets.paper]
    "#;

    #[test]
    fn every_suite_is_valid_under_every_budget() {
        for (name, _) in SUITES {
            let suite = Suite::find(name).unwrap();
            assert_eq!(suite.name, *name);
            for budget in ["smoke", "quick", "paper"] {
                let plans = suite.plans(budget, 0).unwrap();
                assert!(!plans.is_empty(), "{name} {budget}");
                let placed = plans.iter().all(|plan| !plan.placements.is_empty());
                assert!(placed, "{name} {budget}: a run is in no table");
            }
            assert_eq!(suite.plans("smoke", 0).unwrap().len(), suite.runs.len(), "{name}");
        }
    }

    #[test]
    fn every_variant_is_in_some_suite_or_says_why_not() {
        let suites: Vec<Suite> =
            SUITES.iter().map(|(name, _)| Suite::find(name).unwrap()).collect();
        for variant in bench_models::variants::VARIANTS {
            let mut runs = suites.iter().flat_map(|suite| &suite.runs);
            let says_why = variant.notes.iter().any(|note| note.starts_with("in no suite: "));
            assert!(says_why || runs.any(|run| run.variant == variant.name), "{}", variant.name);
        }
    }

    #[test]
    fn the_paper_budget_departs_from_no_source() {
        for (name, _) in SUITES {
            for plan in Suite::find(name).unwrap().plans("paper", 0).unwrap() {
                assert_eq!(plan.departures(), [""; 0], "{name} {}", plan.config.variant);
            }
        }
    }

    #[test]
    fn a_budget_selects_runs_and_its_changes_are_departures_but_the_experiments_are_not() {
        let plans = Suite::parse(SMALL, "small").unwrap().plans("short", 4).unwrap();
        let [plan] = plans.as_slice() else { panic!("one run is selected, not {}", plans.len()) };
        assert_eq!((plan.config.seed, plan.config.budget.as_str()), (4, "short"));
        assert!(format!("{:?}", plan.config.recipe.generator_optimizer).starts_with("Sgd"));
        assert_eq!(
            plan.departures(),
            [
                "batch_size 8 instead of 128",
                "steps 3 instead of 39100",
                "evaluation.generated 30 instead of 50"
            ]
        );
    }

    #[test]
    fn runs_know_their_rows_and_the_rows_that_have_no_run() {
        let plans = Suite::parse(SMALL, "small").unwrap().plans("paper", 0).unwrap();
        let rows: Vec<usize> = plans.iter().flat_map(|p| &p.placements).map(|p| p.row).collect();
        assert_eq!(rows, [0, 1]);
        assert_eq!(plans[1].placements[0].table, "table-1");
        let tables = Suite::parse(SMALL, "small").unwrap().published().unwrap().tables;
        let [table] = tables.as_slice() else { panic!("one, not {}", tables.len()) };
        let titles: Vec<&str> = table.rows.iter().map(|row| row.title.as_str()).collect();
        assert_eq!(titles, ["Adam", "SGD", "Neither", "Real"]);
        assert_eq!(table.rows[0].published["fid"], 3.0);
        assert!(table.rows[2].published.is_empty());
    }

    #[test]
    fn ground_truths_are_planned_once_and_know_their_row() {
        let suite = Suite::parse(SMALL, "small").unwrap();
        let truths = suite.planned_ground_truths("short").unwrap();
        let [truth] = truths.as_slice() else { panic!("one, not {}", truths.len()) };
        assert_eq!(truth.placements[0].row, 3);
        assert_eq!(truth.evaluation.generated(), 30);
        assert_eq!(truth.evaluation.split(), bench_data::datasets::Split::Test);
        assert_eq!(
            evaluation_departures(&truth.evaluation, &truth.stated),
            ["evaluation.generated 30 instead of 50"]
        );
    }

    #[test]
    fn wrong_suites_are_refused_with_the_reason() {
        let message = |old: &str, new: &str| {
            assert!(SMALL.contains(old), "{old}");
            Suite::parse(&SMALL.replace(old, new), "x.toml").unwrap_err().to_string()
        };
        for (old, new, reason) in [
            ("title = \"Two", "titel = \"Two", "did you mean `title`"),
            ("{ subsets = 5", "{ subset = 5", "known are subsets"),
            ("every = 7", "evry = 7", "did you mean `every`"),
            ("variant = \"dcgan\"", "variant = \"dcgn\"", "did you mean `dcgan`"),
            ("\"mnist\"", "\"mnst\"", "mnst"),
            ("\"small\"", "\"../small\"", "letters"),
            ("name = \"real\"", "name = \"sgd\"", "two runs are called `sgd`"),
            ("\"table-1\"", "\"table 1\"", "letters"),
            ("name = \"sgd\"", "", "two runs are called `dcgan`"),
            ("run = \"sgd\"", "run = \"sgdd\"", "did you mean `sgd`"),
            ("runs = [\"sgd\"]", "runs = [\"dcgn\"]", "did you mean `dcgan`"),
            ("set_variant.dcgan", "set_variant.dcgn", "did you mean `dcgan`"),
        ] {
            let message = message(old, new);
            assert!(message.contains(reason), "{new}: {message}");
        }
    }

    #[test]
    fn wrong_overrides_and_budgets_are_refused_when_planned() {
        let suite = Suite::parse(SMALL, "x").unwrap();
        assert!(suite.plans("huge", 0).unwrap_err().to_string().contains("short"));
        for (old, new, reason) in [
            ("steps = 3", "stesp = 3", "did you mean `steps`"),
            ("{ generated = 30 }", "{ generatd = 30 }", "did you mean `generated`"),
            ("{ generated = 30 }", "{ generated = 1 }", "evaluation.generated"),
        ] {
            let suite = Suite::parse(&SMALL.replace(old, new), "x").unwrap();
            let message = suite.plans("short", 0).unwrap_err().to_string();
            assert!(message.contains(reason), "{new}: {message}");
        }
    }
}
