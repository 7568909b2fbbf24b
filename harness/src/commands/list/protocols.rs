//! `bench list protocols`: all that each protocol owns; also as a part of docs/metrics.md.

use bench_data::files::FileError;
use bench_metrics::{METRICS, PROTOCOLS, Protocol};

use crate::output::outln;

/// Prints the list.
pub(super) fn run() -> Result<(), FileError> {
    for protocol in PROTOCOLS {
        let mut name = protocol.name();
        let facts = facts(*protocol).into_iter().map(|(what, text)| format!("{what}: {text}"));
        for line in std::iter::once(protocol.doc().to_owned()).chain(facts) {
            outln!("{name:<16} {line}")?;
            name = "";
        }
    }
    Ok(())
}

/// The part of docs/metrics.md.
pub(super) fn page() -> String {
    let mut text = String::from(
        "\n## Protocols\n\nWhat is taken from the named program, and which metrics are not, or not wholly, its own. What \
         gives another number than the program is warned of whenever the metric is computed.\n",
    );
    for protocol in PROTOCOLS {
        text += &format!("\n### `{}`\n\n{}.\n\n", protocol.name(), protocol.doc());
        for (what, fact) in facts(*protocol) {
            text += &format!("- {what}: {fact}\n");
        }
    }
    text
}

/// What a protocol says of itself, with headings.
fn facts(protocol: Protocol) -> Vec<(&'static str, String)> {
    let (mean, std) = protocol.scale();
    let mut facts = vec![
        ("files", files(protocol)),
        ("resizing to 299x299", protocol.resize().name().to_owned()),
        ("scale", format!("(x - {mean}) / {std}")),
        ("parameters", parameters(protocol)),
    ];
    for departure in protocol.departures() {
        let warned = if departure.changes_its_number { " (warned of)" } else { "" };
        facts.push((departure.metric, format!("{}{warned}", departure.text)));
    }
    facts
}

fn files(protocol: Protocol) -> String {
    let case = if protocol.takes_any_case() { " in any case" } else { ", in these letters alone" };
    let subfolders = if protocol.takes_subfolders() { "with" } else { "without" };
    format!(
        "{}{case}; {subfolders} subfolders; {}",
        protocol.extensions().join(", "),
        protocol.file_order().name()
    )
}

/// The parameters that differ from the metrics' defaults.
fn parameters(protocol: Protocol) -> String {
    let of_metric = |metric: &'static str| {
        protocol.settings(metric).map(move |(name, value)| format!("{metric}.{name} = {value}"))
    };
    let own: Vec<String> = METRICS.iter().flat_map(|metric| of_metric(metric.name())).collect();
    if own.is_empty() { "the metrics' defaults".to_owned() } else { own.join(", ") }
}
