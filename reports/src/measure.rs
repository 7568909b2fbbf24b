//! How the metrics that records hold are presented: title, direction of improvement and decimals.

/// Which way a metric improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// A metric as tables show it: one human column, made of one or two machine columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The record's key for the value, such as `kid_mean`.
    pub key: &'static str,
    /// The record's key for its standard deviation over splits or subsets, such as `kid_std`.
    pub std_key: Option<&'static str>,
    /// The heading, such as `KID`.
    pub title: &'static str,
    /// Which way it improves.
    pub direction: Direction,
    /// Decimals where people read it; CSV keeps full precision.
    pub decimals: usize,
    /// One line on what it is.
    pub doc: &'static str,
}

/// The metrics every table shows, in order.
pub const MEASURES: &[Measure] = &[
    Measure {
        key: "is_mean",
        std_key: Some("is_std"),
        title: "IS",
        direction: Direction::HigherIsBetter,
        decimals: 2,
        doc: "Inception Score, mean and standard deviation over splits",
    },
    Measure {
        key: "fid",
        std_key: None,
        title: "FID",
        direction: Direction::LowerIsBetter,
        decimals: 2,
        doc: "Fréchet distance between Gaussians fitted to the extractor's features",
    },
    Measure {
        key: "kid_mean",
        std_key: Some("kid_std"),
        title: "KID",
        direction: Direction::LowerIsBetter,
        decimals: 4,
        doc: "Kernel distance (unbiased MMD), mean and standard deviation over subsets",
    },
];
