//! What runs changed against their source: thirteen lists that say nearly the same, as one.

use std::collections::BTreeSet;

/// How a departure tells the new value from the source's.
const INSTEAD: &str = " instead of ";
/// More values than this are told by their range.
const MOST_VALUES: usize = 3;

/// The departures of several runs, joined as they come.
#[derive(Default)]
pub(super) struct Departures {
    /// What stands before the list, such as `departures from the source under budget `smoke``.
    head: String,
    changes: Vec<Change>,
    rows: BTreeSet<usize>,
}

/// One setting's new values and those of the sources, in the order in which they were met.
struct Change {
    key: String,
    ours: Vec<String>,
    theirs: Vec<String>,
    rows: BTreeSet<usize>,
}

impl Departures {
    /// Takes a reason in, if it is a list of departures under the head of those before.
    pub(super) fn take(&mut self, row: usize, reason: &str) -> bool {
        let Some((head, list)) = reason.split_once(": ") else { return false };
        let parsed: Option<Vec<[&str; 3]>> = list.split(", ").map(parse).collect();
        let Some(changes) = parsed.filter(|_| self.head.is_empty() || self.head == head) else {
            return false;
        };
        self.head = head.to_owned();
        self.rows.insert(row);
        for [key, ours, theirs] in changes {
            let index = self.changes.iter().position(|change| change.key == key);
            let index = index.unwrap_or_else(|| {
                self.changes.push(Change {
                    key: key.to_owned(),
                    ours: Vec::new(),
                    theirs: Vec::new(),
                    rows: BTreeSet::new(),
                });
                self.changes.len() - 1
            });
            let change = &mut self.changes[index];
            change.rows.insert(row);
            for (list, value) in [(&mut change.ours, ours), (&mut change.theirs, theirs)] {
                if !list.iter().any(|known| known == value) {
                    list.push(value.to_owned());
                }
            }
        }
        true
    }

    /// The rows that have departures, and all of them as one reason; nothing where there are none.
    pub(super) fn told(&self) -> Option<(Vec<usize>, String)> {
        if self.rows.is_empty() {
            return None;
        }
        let changes = self.changes.iter().map(|change| {
            let some = if change.rows.len() < self.rows.len() { " in some rows" } else { "" };
            let [ours, theirs] = [&change.ours, &change.theirs].map(|values| listed(values));
            format!("{} {ours}{INSTEAD}{theirs}{some}", change.key)
        });
        let changes: Vec<String> = changes.collect();
        Some((
            self.rows.iter().copied().collect(),
            format!("{}: {}", self.head, changes.join(", ")),
        ))
    }
}

/// Key, our value and the source's.
fn parse(departure: &str) -> Option<[&str; 3]> {
    let (ours, theirs) = departure.split_once(INSTEAD)?;
    let (key, ours) = ours.split_once(' ')?;
    Some([key, ours, theirs])
}

/// `8`, `8 or 16`, `8 to 128`.
fn listed(values: &[String]) -> String {
    if values.len() > MOST_VALUES {
        let numbers: Option<Vec<f64>> = values.iter().map(|value| value.parse().ok()).collect();
        if let Some(mut numbers) = numbers {
            numbers.sort_by(f64::total_cmp);
            return format!("{} to {}", numbers[0], numbers[numbers.len() - 1]);
        }
    }
    let shown = values.len().min(MOST_VALUES);
    let more = if values.len() > shown { " or others" } else { "" };
    format!("{}{more}", values[..shown].join(" or "))
}

#[cfg(test)]
mod tests {
    use super::Departures;

    #[test]
    fn lists_that_say_nearly_the_same_are_one() {
        let mut departures = Departures::default();
        for (row, steps) in [7820, 39100, 12000, 500].into_iter().enumerate() {
            let batch = if row == 0 { "batch_size 8 instead of 128, " } else { "" };
            let reason = format!("departures: {batch}steps 4 instead of {steps}");
            assert!(departures.take(row, &reason));
        }
        assert!(!departures.take(0, "features are of another extractor"));
        assert!(!departures.take(0, "the images: not all of them"));
        let (rows, told) = departures.told().expect("departures");
        assert_eq!(rows, [0, 1, 2, 3]);
        assert_eq!(
            told,
            "departures: batch_size 8 instead of 128 in some rows, steps 4 instead of 500 to 39100"
        );
    }
}
