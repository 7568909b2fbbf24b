//! The reports that the variants come from: what each states, what is done here, and why where the
//! two differ. A report is one file in `sources/` and one line in [`SOURCES`].

mod bhope;
mod enishetty;
mod kumar;
mod oh;
mod toh;

use crate::variants::Variant;

/// A report.
pub struct Source {
    /// Author and year, as [`Variant::source`] cites it.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The suite that holds its runs and tables.
    pub suite: &'static str,
    /// What it says of how its models are made, trained and scored, in its own order.
    pub stated: &'static [Stated],
}

/// One thing that a report states, or leaves open.
pub struct Stated {
    /// What it is about.
    pub what: &'static str,
    /// What the report says, and where.
    pub says: &'static str,
    /// What is done here.
    pub done: &'static str,
    /// Why, where that is not what the report says.
    pub why: Option<&'static str>,
}

/// All reports, in the order of the suites.
pub static SOURCES: &[&Source] =
    &[&enishetty::SOURCE, &toh::SOURCE, &oh::SOURCE, &kumar::SOURCE, &bhope::SOURCE];

impl Variant {
    /// The reports that [`Variant::source`] cites; none for what is beyond them.
    pub fn reports(&self) -> impl Iterator<Item = &'static Source> {
        SOURCES.iter().copied().filter(|report| self.source.contains(report.name))
    }
}

/// What is done as it is stated.
const fn followed(what: &'static str, says: &'static str, done: &'static str) -> Stated {
    Stated { what, says, done, why: None }
}

/// What is done otherwise than stated, or chosen where nothing is.
const fn chosen(
    what: &'static str,
    says: &'static str,
    done: &'static str,
    why: &'static str,
) -> Stated {
    Stated { what, says, done, why: Some(why) }
}
