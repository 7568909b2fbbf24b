//! Caption and footnotes of a published table.

use super::sheet::Sheet;
use crate::contest::Verdict;
use crate::published::{PublishedTable, Reports};
use crate::record::Record;
use crate::table::{DAGGER, Footnote};
use crate::tables::remarks::{Remarks, sentence, stopped};
use crate::tables::setting::sentence_of;

impl Sheet<'_> {
    pub(super) fn caption(&self, verdict: &Verdict) -> String {
        let groups = self.entries.iter().filter_map(|entry| entry.group);
        let records: Vec<&Record> =
            groups.flat_map(|group| &group.runs).map(|run| &run.record).collect();
        let PublishedTable { title, source, .. } = self.table;
        let title = title.trim().trim_end_matches('.');
        let mut caption = format!(
            "{} Measured: {}",
            sentence(&format!("{title} ({source})")),
            sentence_of(&records)
        );
        if let Some(bold) = verdict.sentence() {
            caption.push_str(&format!(" {bold}"));
        }
        caption
    }

    /// Where the published values come from, which scores are shown, and what the dashes and daggers are.
    pub(super) fn general_footnotes(&self) -> Vec<Footnote> {
        let mut texts = Vec::new();
        let PublishedTable { source, protocol, reports, rows, metrics, .. } = self.table;
        if rows.iter().any(|row| !row.published.is_empty()) {
            texts.push(match protocol {
                Some(protocol) => {
                    format!("Published values are those of {source}: {}", stopped(protocol))
                }
                None => format!(
                    "Published values are those of {source}, which does not say how they were computed."
                ),
            });
        }
        if self.entries.iter().any(|entry| self.shown(entry).is_some()) {
            let all = match self.shared_shown() {
                Some(shown) => format!(" ({shown})"),
                None => String::new(),
            };
            texts.push(match (reports, self.leading()) {
                (Reports::Best, Some(leading)) => format!(
                    "Measured values are those of each run's best evaluation by {}, as the source reports them{all}.",
                    leading.title
                ),
                (Reports::Best, None) | (Reports::Last, _) => {
                    format!("Measured values are those after the last step{all}.")
                }
            });
        }
        if self.entries.iter().any(|entry| entry.group.is_none()) {
            texts.push(format!(
                "Rows without measured values were not run under budget {}.",
                self.setting[0]
            ));
        }
        if self.entries.iter().any(|entry| entry.group.is_some_and(|g| g.seeds.len() > 1)) {
            let seeds = match self.shared_seeds() {
                Some(seeds) => format!("{seeds} seeds"),
                None => "seeds".to_owned(),
            };
            texts.push(format!("Mean ± standard deviation over {seeds} (divisor n − 1)."));
        }
        if metrics.iter().any(|key| !self.incomparable(key).is_empty()) {
            texts.push(format!("{DAGGER} Not comparable with the published value beside it."));
        }
        texts.into_iter().map(Footnote::general).collect()
    }

    /// What is said of the entries, by index.
    pub(super) fn remarks(&self) -> Vec<Footnote> {
        let mut remarks = Remarks::default();
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(group) = entry.group {
                remarks.group(index, group);
            }
            if let Some(mismatch) = self.mismatch(entry) {
                remarks.add(index, mismatch);
            }
        }
        remarks.footnotes()
    }
}
