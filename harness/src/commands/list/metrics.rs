//! `bench list metrics`: what is measured, with which parameters; also as a page of the documentation.

use bench_data::files::FileError;
use bench_metrics::metrics::Parameter;
use bench_metrics::{Direction, METRICS, Measure, Metric};

use super::protocols;
use crate::commands::metric_options::default_text;
use crate::output::outln;

/// Arguments of `bench list metrics`.
#[derive(Debug, clap::Args)]
pub struct MetricsArgs {
    /// Print docs/metrics.md.
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub(super) fn run(args: &MetricsArgs) -> Result<(), FileError> {
    if args.markdown {
        return outln!("{}", page().trim_end());
    }
    for metric in METRICS {
        let asked = if metric.by_default() { "" } else { "; on request" };
        outln!("{:<16} {}{asked}", metric.name(), metric.doc())?;
        for measure in metric.measures() {
            let keys: Vec<&str> = measure.keys().collect();
            let direction = direction(measure);
            outln!("{:<16} {} ({direction}): {}", "", measure.title, keys.join(", "))?;
        }
        for parameter in metric.parameters() {
            let option = parameter.option_of(*metric);
            outln!(
                "{:<16} --{option} N: {} [{}]",
                "",
                parameter.doc,
                default_text(*metric, parameter)
            )?;
        }
    }
    Ok(())
}

fn direction(measure: &Measure) -> &'static str {
    match measure.direction {
        Direction::LowerIsBetter => "lower is better",
        Direction::HigherIsBetter => "higher is better",
    }
}

/// The page that lists metrics with their parameters, and protocols.
fn page() -> String {
    let mut text = String::from(
        "# Metrics and protocols\n\nWritten by `make docs` from what metrics and protocols say of themselves. How the \
         numbers are defined and what they agree with: [protocols.md](protocols.md).\n\n## Metrics\n",
    );
    for metric in METRICS {
        text += &section(*metric);
    }
    text += &protocols::page();
    text
}

fn section(metric: &dyn Metric) -> String {
    let asked = match metric.by_default() {
        true => "",
        false => " Computed on request.",
    };
    let mut text = format!(
        "\n### {} (`{}`)\n\n{}.{asked}\n\n| measure | key | direction | with it |\n| --- | --- | --- | --- |\n",
        metric.title(),
        metric.name(),
        capitalised(metric.doc())
    );
    for measure in metric.measures() {
        let with: Vec<String> = measure.keys().skip(1).map(|key| format!("`{key}`")).collect();
        let (title, key, direction) = (measure.title, measure.key, direction(measure));
        text += &format!("| {title} | `{key}` | {direction} | {} |\n", with.join(", "));
    }
    if !metric.parameters().is_empty() {
        text += "\n| parameter | option | default | range | |\n| --- | --- | --- | --- | --- |\n";
    }
    for parameter in metric.parameters() {
        let Parameter { name, doc, least, most, .. } = parameter;
        let (option, default) = (parameter.option_of(metric), default_text(metric, parameter));
        text += &format!("| `{name}` | `--{option}` | {default} | {least} to {most} | {doc} |\n");
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documentation_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
        let written = std::fs::read_to_string(path).unwrap();
        assert!(written.trim_end() == page().trim_end(), "run `make docs`");
    }
}
