//! What a metric's values are called and how they are read.

/// Which way a measure improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smaller values are better.
    LowerIsBetter,
    /// Larger values are better.
    HigherIsBetter,
}

/// One value of a metric that is shown and compared: a column of tables, a curve of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Key of the value in JSON, records and CSV: lower-case letters and underscores.
    pub key: &'static str,
    /// Name in tables and figures.
    pub title: &'static str,
    /// Unit of the value; empty for a bare number.
    pub unit: &'static str,
    /// Which way it improves.
    pub direction: Direction,
    /// Decimals where people read it.
    pub decimals: usize,
    /// Key of its standard deviation over subsets or splits, if it has one.
    pub spread: Option<&'static str>,
    /// Keys of further values that qualify it and are compared with nothing, such as the ends of an interval. They may
    /// be missing, where the parameters do not ask for them or there are too few images.
    pub further: &'static [&'static str],
}

impl Measure {
    /// Its title below the name of `extractor`, whose features it is of: distances are called after Inception for the
    /// features of InceptionV3 alone, and else FD and KD.
    pub fn title_below(&self, extractor: &str) -> String {
        match extractor.starts_with(crate::inception::NAME) {
            true => self.title.to_owned(),
            false => self.title.replace("FID", "FD").replace("KID", "KD"),
        }
    }

    /// Its title beside the features of `extractor`, whose name a distance bears that is not called after Inception.
    pub fn title_for(&self, extractor: &str) -> String {
        let title = self.title_below(extractor);
        if title == self.title { title } else { format!("{title} ({extractor})") }
    }

    /// Its title among the same measures by other extractors: with the extractor's name, unless it is called after
    /// Inception.
    pub fn title_among(&self, extractor: &str) -> String {
        let is_distance = self.title.contains("FID") || self.title.contains("KID");
        match is_distance && extractor.starts_with(crate::inception::NAME) {
            true => self.title.to_owned(),
            false => format!("{} ({extractor})", self.title_below(extractor)),
        }
    }

    /// All keys, the value's own first.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        std::iter::once(self.key).chain(self.spread).chain(self.further.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use crate::metrics::find;

    #[test]
    fn distances_are_called_after_inception_for_its_features_alone() {
        let title =
            |metric, extractor| find(metric).expect("a metric").measures()[0].title_for(extractor);
        assert_eq!(title("fid", "inception-v3-fid-64"), "FID");
        assert_eq!(title("fid", "dinov2-vit-l-14"), "FD (dinov2-vit-l-14)");
        assert_eq!(title("kid", "embedded"), "KD (embedded)");
        assert_eq!(title("fid-infinity", "embedded"), "FD∞ (embedded)");
        assert_eq!(title("is", "embedded"), "IS");
        let below = |metric, extractor| {
            find(metric).expect("a metric").measures()[0].title_below(extractor)
        };
        assert_eq!(below("kid", "inception-v3-fid"), "KID");
        assert_eq!(below("mifid", "embedded"), "MiFD");
        let among = |metric, extractor| {
            find(metric).expect("a metric").measures()[0].title_among(extractor)
        };
        assert_eq!(among("fid", "inception-v3-fid"), "FID");
        assert_eq!(among("fid", "embedded"), "FD (embedded)");
        assert_eq!(among("is", "inception-v3-fid"), "IS (inception-v3-fid)");
    }
}
