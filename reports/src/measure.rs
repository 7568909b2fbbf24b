//! How a measure is presented: title, unit, direction of improvement and decimals. Records bring their own.

use serde::{Deserialize, Serialize};

/// Which way a measure improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Higher values are better, as for the Inception Score.
    HigherIsBetter,
    /// Lower values are better, as for the Fréchet distance.
    LowerIsBetter,
}

impl Direction {
    /// The arrow a heading bears.
    pub fn arrow(self) -> char {
        match self {
            Self::HigherIsBetter => '↑',
            Self::LowerIsBetter => '↓',
        }
    }

    /// Whether `a` is better than `b`.
    pub fn prefers(self, a: f64, b: f64) -> bool {
        match self {
            Self::HigherIsBetter => a > b,
            Self::LowerIsBetter => a < b,
        }
    }

    /// Better values first; equal for values that cannot be compared.
    pub(crate) fn order(self, a: f64, b: f64) -> std::cmp::Ordering {
        match self {
            Self::HigherIsBetter => b.total_cmp(&a),
            Self::LowerIsBetter => a.total_cmp(&b),
        }
    }
}

/// One measure as a record brings it: one column where people read it, made of one or two values of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Key of the value in the record, and name of the column for machines, such as `kid_mean`.
    pub key: String,
    /// The heading, such as `KID`, or `KD (embedded)` for the features of another extractor than InceptionV3.
    pub title: String,
    /// The heading of published values, where that is another: they are of InceptionV3's features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_title: Option<String>,
    /// The unit; empty for a bare number.
    pub unit: String,
    /// Which way it improves.
    pub direction: Direction,
    /// Decimals where people read it; CSV keeps full precision.
    pub decimals: usize,
    /// Key of its standard deviation over subsets or splits, such as `kid_std`.
    pub spread: Option<String>,
    /// Keys that qualify it and are no measures of their own, such as `kid_se`.
    pub further: Vec<String>,
}

impl Measure {
    /// Every key it brings: its own, its spread's and the further ones, in that order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let more = self.spread.iter().chain(&self.further);
        std::iter::once(&self.key).chain(more).map(String::as_str)
    }

    /// The heading of published values.
    pub(crate) fn published_title(&self) -> &str {
        self.published_title.as_deref().unwrap_or(&self.title)
    }

    /// What one of its keys is called, such as `KID standard error` for `kid_se`; `None` for a key of another measure.
    pub(crate) fn title_of(&self, key: &str) -> Option<String> {
        if key == self.key {
            return Some(self.title.clone());
        }
        self.keys().find(|own| *own == key)?;
        let ending = ENDINGS.iter().find(|(ending, _)| key.ends_with(ending));
        let words = ending.map_or_else(|| key.replace('_', " "), |(_, words)| (*words).to_owned());
        Some(format!("{} {words}", self.title))
    }

    /// Title, unit and the arrow of the direction, such as `FID ↓`.
    #[must_use]
    pub fn label(&self) -> String {
        let arrow = self.direction.arrow();
        match self.unit.as_str() {
            "" => format!("{} {arrow}", self.title),
            unit => format!("{} ({unit}) {arrow}", self.title),
        }
    }
}

/// How keys end that qualify a measure, and in words.
const ENDINGS: &[(&str, &str)] = &[
    ("_std", "standard deviation"),
    ("_se", "standard error"),
    ("_ci_low", "lower end"),
    ("_ci_high", "upper end"),
];

/// The measures of several records in one order that agrees with each record's as far as they agree with each other;
/// of a key that two records present differently, the first one's presentation.
pub fn union<'a>(lists: impl IntoIterator<Item = &'a [Measure]>) -> Vec<&'a Measure> {
    let mut union: Vec<&Measure> = Vec::new();
    for list in lists {
        for (index, measure) in list.iter().enumerate() {
            if union.iter().any(|known| known.key == measure.key) {
                continue;
            }
            // Before the next one that is known, so that what leads a list does not follow it.
            let place = list[index + 1..]
                .iter()
                .find_map(|next| union.iter().position(|known| known.key == next.key));
            union.insert(place.unwrap_or(union.len()), measure);
        }
    }
    union
}

/// Between the titles of one measure by several extractors.
const OR: &str = " / ";

/// The [`union`] of records that may be of several extractors: a measure that they call differently bears all its titles.
pub fn union_over_extractors<'a>(lists: impl IntoIterator<Item = &'a [Measure]>) -> Vec<Measure> {
    let lists: Vec<&[Measure]> = lists.into_iter().collect();
    let mut union: Vec<Measure> = union(lists.iter().copied()).into_iter().cloned().collect();
    for measure in &mut union {
        let mut titles: Vec<&str> = Vec::new();
        for other in lists.iter().copied().flatten().filter(|other| other.key == measure.key) {
            if !titles.contains(&other.title.as_str()) {
                titles.push(&other.title);
            }
        }
        measure.title = titles.join(OR);
    }
    union
}

/// `title` without the names of `extractors`, where there is little room.
pub(crate) fn short_title(title: &str, extractors: &[&str]) -> String {
    let mut short: Vec<&str> = Vec::new();
    for title in title.split(OR) {
        let bare = extractors
            .iter()
            .find_map(|name| title.strip_suffix(')')?.strip_suffix(name)?.strip_suffix(" ("));
        let bare = bare.unwrap_or(title);
        if !short.contains(&bare) {
            short.push(bare);
        }
    }
    short.join("/")
}

#[cfg(test)]
mod tests {
    use super::{Direction, Measure, short_title, union, union_over_extractors};

    fn measures(keys: &[&str]) -> Vec<Measure> {
        let measure = |key: &&str| Measure {
            key: (*key).to_owned(),
            title: key.to_uppercase(),
            published_title: None,
            unit: String::new(),
            direction: Direction::LowerIsBetter,
            decimals: 2,
            spread: None,
            further: Vec::new(),
        };
        keys.iter().map(measure).collect()
    }

    #[test]
    fn the_union_keeps_what_leads_in_front() {
        let lists = [measures(&["kid"]), measures(&["fid", "kid", "is"]), measures(&["is", "p"])];
        let union = union(lists.iter().map(Vec::as_slice));
        let keys: Vec<&str> = union.iter().map(|measure| measure.key.as_str()).collect();
        assert_eq!(keys, ["fid", "kid", "is", "p"]);
    }

    #[test]
    fn measures_of_several_extractors_bear_all_their_titles() {
        let mut embedded = measures(&["fid", "is"]);
        embedded[0].title = "FD (embedded)".to_owned();
        let of_inception = measures(&["fid", "is"]);
        let lists = [&embedded, &of_inception, &embedded];
        let union = union_over_extractors(lists.map(Vec::as_slice));
        let titles: Vec<&str> = union.iter().map(|measure| measure.title.as_str()).collect();
        assert_eq!(titles, ["FD (embedded) / FID", "IS"]);
        assert_eq!(short_title(titles[0], &["other", "embedded"]), "FD/FID");
        assert_eq!(short_title("FD (a) / FD (b)", &["a", "b"]), "FD");
        assert_eq!(short_title("Precision (k=3)", &["embedded"]), "Precision (k=3)");
    }
}
