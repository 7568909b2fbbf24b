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
    /// Its title beside the features of `extractor`: distances are called after Inception for the features of
    /// InceptionV3 alone, and else FD and KD, with the extractor's name.
    pub fn title_for(&self, extractor: &str) -> String {
        let general = self.title.replace("FID", "FD").replace("KID", "KD");
        if general == self.title || extractor.starts_with(crate::inception::NAME) {
            self.title.to_owned()
        } else {
            format!("{general} ({extractor})")
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
    }
}
