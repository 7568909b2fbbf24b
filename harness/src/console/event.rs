//! Lines of standard error as JSON: one object each.

use serde::{Deserialize, Serialize};

use crate::clock;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Event {
    /// What is going on.
    Line {
        /// The words.
        text: String,
    },
    /// What is good to know.
    Note {
        /// The words.
        text: String,
    },
    /// What a reader of the results must know.
    Warning {
        /// The words.
        text: String,
    },
    /// What ended the command, or one of its runs.
    Error {
        /// The words.
        text: String,
    },
    /// How far a piece of work is.
    Progress(Advance),
}

/// How far a piece of work is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advance {
    /// What it is called.
    pub label: String,
    /// Units that are done.
    pub done: u64,
    /// Units in all, if that is known.
    pub total: Option<u64>,
    /// What a unit is, such as `steps`; empty where it has no name.
    pub unit: String,
    /// Units a second, once that is known.
    pub per_second: Option<f64>,
    /// Seconds that the rest takes at that pace.
    pub seconds_left: Option<f64>,
    /// More about it, such as losses.
    pub text: String,
    /// Whether it has ended, and is not told of again.
    pub ended: bool,
}

/// An event and its time.
#[derive(Serialize)]
struct Stamped<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl Event {
    /// The event as one line, without its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers is always JSON.
        serde_json::to_string(&Stamped { time: clock::now(), event: self }).unwrap_or_default()
    }

    /// The event of a line that [`Self::to_json`] wrote.
    #[must_use]
    pub fn from_json(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_back_and_stand_on_one_line() {
        let advance = Advance {
            label: "gan on mnist".to_owned(),
            done: 3,
            total: Some(10),
            unit: "steps".to_owned(),
            per_second: Some(1.5),
            seconds_left: None,
            text: "D 0.1".to_owned(),
            ended: false,
        };
        let text = "two\nlines \"quoted\" \u{1b}[31m".to_owned();
        for event in [Event::Progress(advance), Event::Warning { text }] {
            let json = event.to_json();
            assert!(!json.contains('\n') && !json.contains('\u{1b}'), "{json}");
            assert!(json.starts_with("{\"time\":\"20"), "{json}");
            assert_eq!(Event::from_json(&json), Some(event));
        }
        assert_eq!(Event::from_json("bench: error: no JSON"), None);
    }
}
