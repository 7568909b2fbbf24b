//! What a reader needs to make a run again, folded away: hashes, counts, devices, and every setting.

use super::labels::LabelledRun;
use crate::formats::html::{LONG, escape};
use crate::group::{Group, groups};
use crate::record::Record;
use crate::results::Results;
use crate::run::Run;

/// A fact on a run: its heading, whether it is a hash, and what it is; `None` for what is not known.
type Fact = (&'static str, bool, fn(&Run) -> Option<String>);

const FACTS: &[Fact] = &[
    ("Suite", false, |run| Some(run.record.suite.clone())),
    ("Variant", false, |run| Some(run.record.variant.clone())),
    ("Seed", false, |run| Some(run.record.seed.to_string())),
    ("Budget", false, |run| Some(run.record.budget.clone())),
    ("Status", false, |run| Some(run.record.status.to_string())),
    ("Steps", false, |run| Some(run.record.steps.to_string())),
    ("Real images seen", false, |run| Some(run.record.images_seen.to_string())),
    ("Experiment (SHA-256 of its configuration)", true, |run| Some(run.record.experiment.clone())),
    ("config.toml (SHA-256)", true, |run| run.origin.config_sha256.clone()),
    ("Dataset", false, |run| Some(run.record.dataset.clone())),
    ("Dataset (SHA-256)", true, |run| told(&run.record.dataset_sha256)),
    ("Dataset from", false, |run| run.origin.dataset_provenance.clone()),
    ("Split", false, |run| told(&run.record.split)),
    ("Image size", false, |run| {
        (run.record.image_size > 0).then(|| run.record.image_size.to_string())
    }),
    ("Protocol", false, |run| Some(run.record.protocol.clone())),
    ("Generated images", false, |run| Some(run.record.n_generated?.to_string())),
    ("Generated images (SHA-256)", true, |run| run.record.generated_sha256.clone()),
    ("Reference images", false, |run| Some(run.record.n_reference?.to_string())),
    ("Extractor", false, |run| Some(run.record.extractor.clone())),
    ("Extractor (SHA-256)", true, |run| told(&run.record.extractor_sha256)),
    ("Convolutions", false, |run| run.origin.convolutions.clone()),
    ("Program", false, |run| Some(format!("bench {}", run.origin.version.as_ref()?))),
    ("Program (SHA-256)", true, |run| run.origin.binary_sha256.clone()),
    ("Device", false, |run| Some(run.record.device.clone())),
    ("Threads", false, |run| Some(run.record.threads.to_string())),
    ("Wall time (s)", false, |run| Some(format!("{:.1}", run.record.wall_seconds))),
];

fn told(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The facts of every run, and the settings of every experiment.
pub(super) fn html(results: &Results, runs: &[LabelledRun<'_>]) -> String {
    let groups = groups(&results.runs);
    let mut html =
        String::from("<details class=\"fold\">\n<summary>What each run was made of</summary>\n");
    html.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Provenance of each run\">\
         <table id=\"facts\">\n<thead><tr><th scope=\"col\">Run</th>",
    );
    for (heading, ..) in FACTS {
        html.push_str(&format!("<th scope=\"col\">{heading}</th>"));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for (place, labelled) in runs.iter().enumerate() {
        html.push_str(&row(place, labelled, experiment_of(&groups, labelled.run)));
    }
    html.push_str("</tbody></table></div>\n</details>\n");
    html.push_str("<details class=\"fold\">\n<summary>The settings of each experiment</summary>\n");
    for (number, group) in groups.iter().enumerate() {
        html.push_str(&settings(number, &group.label, group.record()));
    }
    html.push_str("</details>\n");
    html
}

/// A row of facts. Its heading leads to the settings of its experiment.
fn row(place: usize, labelled: &LabelledRun<'_>, experiment: usize) -> String {
    let mut html = format!(
        "<tr data-run=\"{place}\" data-settings=\"settings-{experiment}\"><th scope=\"row\"{}>{}</th>",
        if labelled.label.chars().count() > LONG { " class=\"long\"" } else { "" },
        escape(&labelled.label)
    );
    for (_, is_hash, fact) in FACTS {
        let cell = match fact(labelled.run) {
            Some(hash) if *is_hash => format!("<code class=\"hash\">{}</code>", escape(&hash)),
            Some(fact) => escape(&fact),
            None => "–".to_owned(),
        };
        html.push_str(&format!("<td>{cell}</td>"));
    }
    html.push_str("</tr>\n");
    html
}

/// The number of the group that a run belongs to.
fn experiment_of(groups: &[Group<'_>], run: &Run) -> usize {
    let belongs = |group: &Group<'_>| group.runs.iter().any(|member| std::ptr::eq(*member, run));
    groups.iter().position(belongs).unwrap_or_default()
}

fn settings(number: usize, label: &str, record: &Record) -> String {
    let mut html = format!(
        "<details id=\"settings-{number}\">\n<summary>{}/{} on {}: {} settings, experiment <code>{}</code></summary>\n\
         <table>\n<thead><tr><th scope=\"col\">Setting</th><th scope=\"col\">Value</th></tr></thead>\n<tbody>\n",
        escape(&record.suite),
        escape(label),
        escape(&record.dataset),
        record.settings.len(),
        escape(record.short_experiment()),
    );
    for (key, value) in &record.settings {
        html.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
            escape(key),
            escape(value)
        ));
    }
    html.push_str("</tbody></table>\n</details>\n");
    html
}
