//! Options of the command line that follow from the metrics: which ones, and their parameters.

use std::sync::LazyLock;

use bench_metrics::metrics::Parameter;
use bench_metrics::panel::{Changes, by_names};
use bench_metrics::{METRICS, Metric, MetricsError, PROTOCOLS};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

/// Heading of the parameters in `--help`.
const HEADING: &str = "Parameters of metrics";

/// The metrics and the parameters that the user names.
#[derive(Clone, Debug, Default)]
pub struct MetricOptions {
    /// Names; none if the user leaves the choice open.
    names: Vec<String>,
    changes: Changes,
}

/// One option a parameter.
struct ParameterOption {
    /// Without dashes.
    name: String,
    metric: &'static dyn Metric,
    parameter: &'static Parameter,
}

static OPTIONS: LazyLock<Vec<ParameterOption>> = LazyLock::new(|| {
    let of_metric = |metric: &&'static dyn Metric| {
        let metric = *metric;
        metric.parameters().iter().map(move |parameter| ParameterOption {
            name: parameter.option_of(metric),
            metric,
            parameter,
        })
    };
    METRICS.iter().flat_map(of_metric).collect()
});

impl MetricOptions {
    /// Whether metrics were named.
    pub fn are_named(&self) -> bool {
        !self.names.is_empty()
    }

    /// The metrics that were named.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`].
    pub fn metrics(&self) -> Result<Vec<&'static dyn Metric>, MetricsError> {
        by_names(&self.names)
    }

    /// Whether all metrics were asked for, and none by its own name.
    pub fn say_all(&self) -> bool {
        self.names.iter().all(|name| ["all", ""].contains(&name.trim()))
    }

    /// Whether `metric` was asked for by its own name.
    pub fn name(&self, metric: &dyn Metric) -> bool {
        self.names.iter().any(|name| name.trim() == metric.name())
    }

    /// The parameters that were given.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Refuses parameters of metrics other than `metrics`, which would have no effect.
    ///
    /// # Errors
    /// The reason.
    pub fn check_parameters(&self, metrics: &[&'static dyn Metric]) -> Result<(), String> {
        let computed = |name: &str| metrics.iter().any(|metric| metric.name() == name);
        let given = OPTIONS.iter().find(|o| self.gives(o) && !computed(o.metric.name()));
        given.map_or(Ok(()), |ParameterOption { name, metric, .. }| {
            Err(format!("--{name} is of {}; add {} to --metrics", metric.title(), metric.name()))
        })
    }

    /// The options given that need every image's features on both sides, where `metrics` go without.
    pub fn need_images(&self) -> impl Iterator<Item = String> + '_ {
        let needy =
            OPTIONS.iter().filter(|option| option.parameter.needs_images && self.gives(option));
        needy.map(|option| format!("--{}", option.name))
    }

    /// Refuses counts that the user gave and that `images`, those of the smaller side, do not suffice for.
    ///
    /// # Errors
    /// The reason.
    pub fn check_counts(&self, images: u64) -> Result<(), String> {
        for option in OPTIONS.iter().filter(|option| option.parameter.counts_images) {
            if let Some(value) = self.value(option)
                && value > images
            {
                return Err(format!(
                    "--{} is {value}, and one side has {images} images; lower it",
                    option.name
                ));
            }
        }
        Ok(())
    }

    fn gives(&self, option: &ParameterOption) -> bool {
        self.value(option).is_some()
    }

    fn value(&self, option: &ParameterOption) -> Option<u64> {
        self.changes.get(option.metric.name())?.get(option.parameter.name).copied()
    }
}

impl Args for MetricOptions {
    fn augment_args(command: Command) -> Command {
        let metrics = Arg::new("metrics")
            .long("metrics")
            .value_name("NAMES")
            .value_delimiter(',')
            .action(clap::ArgAction::Append)
            .help("Metrics, separated by commas, or all; see `bench list metrics`")
            .long_help(
                "Metrics, separated by commas, or all; see `bench list metrics`. Default: all that can be computed \
                 but those that the list calls on request",
            );
        let with_metrics = command.arg(metrics);
        OPTIONS.iter().fold(with_metrics, |command, option| command.arg(option.argument()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The value of a parameter unless a user sets another, and of which protocols it is another: `5; torch-fidelity: 3`.
pub fn default_text(metric: &dyn Metric, parameter: &Parameter) -> String {
    let mut text = parameter.default.map_or("off".to_owned(), |value| value.to_string());
    for protocol in PROTOCOLS {
        for (_, value) in
            protocol.settings(metric.name()).filter(|(name, _)| *name == parameter.name)
        {
            text += &format!("; {protocol}: {value}");
        }
    }
    text
}

impl ParameterOption {
    fn argument(&'static self) -> Arg {
        let Parameter { doc, least, most, .. } = *self.parameter;
        let default = default_text(self.metric, self.parameter);
        Arg::new(self.name.as_str())
            .long(self.name.as_str())
            .value_name("N")
            .value_parser(clap::value_parser!(u64).range(least..=most))
            .help(format!("{}: {doc} [default: {default}]", self.metric.title()))
            .help_heading(HEADING)
    }
}

impl FromArgMatches for MetricOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let names = matches.get_many::<String>("metrics").into_iter().flatten().cloned().collect();
        let mut changes = Changes::new();
        for option in OPTIONS.iter() {
            if let Some(&value) = matches.get_one::<u64>(&option.name) {
                let of_metric = changes.entry(option.metric.name().to_owned()).or_default();
                of_metric.insert(option.parameter.name.to_owned(), value);
            }
        }
        Ok(Self { names, changes })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
