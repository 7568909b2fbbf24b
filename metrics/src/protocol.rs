//! The conventions under which numbers are computed, named after the programs that set them.

use crate::error::MetricsError;

/// Whose conventions to follow, so that numbers are comparable with published ones.
///
/// A protocol governs the preprocessing that InceptionV3 is fed with and the parameters of the metrics; an
/// extractor whose metadata say how to feed it is fed so under either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `pytorch-fid` 0.3.0, the usual choice for FID.
    #[default]
    PytorchFid,
    /// `torch-fidelity` 0.4.0, which follows the original TensorFlow code for IS, FID and KID.
    TorchFidelity,
}

/// Parameters of the metrics. The defaults of a protocol are [`Protocol::parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Number of random subset pairs that KID averages over.
    pub kid_subsets: usize,
    /// Images of either side in one subset of KID.
    pub kid_subset_size: usize,
    /// Number of parts that the Inception Score is averaged over.
    pub is_splits: usize,
    /// Which nearest neighbour's distance is the radius around an image, for precision, recall, density and coverage.
    pub nearest_neighbours: usize,
    /// Number of resamples from which FID's 95 % confidence interval is computed; no interval without. At d = 2048 and
    /// 10 000 images a resample takes seconds.
    pub bootstrap: Option<usize>,
    /// Seed of the [`RandomState`](crate::RandomState) that draws KID's subsets, and of those that shuffle the images
    /// for the Inception Score, draw FID's resamples and the subsets of FID-infinity.
    pub seed: u32,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Self; 2] = [Self::PytorchFid, Self::TorchFidelity];

    /// The name on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::PytorchFid => "pytorch-fid",
            Self::TorchFidelity => "torch-fidelity",
        }
    }

    /// The protocol called `name`.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] if there is none.
    pub fn parse(name: &str) -> Result<Self, MetricsError> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name).ok_or_else(|| {
            MetricsError::UnknownName {
                kind: "protocol",
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            }
        })
    }

    /// The protocol's parameters. `pytorch-fid` knows FID alone, which has none, and takes the rest from
    /// `torch-fidelity`.
    pub fn parameters(self) -> Parameters {
        match self {
            Self::PytorchFid | Self::TorchFidelity => Parameters {
                kid_subsets: 100,
                kid_subset_size: 1000,
                is_splits: 10,
                nearest_neighbours: 5,
                bootstrap: None,
                seed: 2020,
            },
        }
    }
}

impl std::str::FromStr for Protocol {
    type Err = MetricsError;

    fn from_str(name: &str) -> Result<Self, MetricsError> {
        Self::parse(name)
    }
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::parse(protocol.name()).ok(), Some(protocol));
        }
        let error = Protocol::parse("clean-fid").expect_err("an unknown name");
        assert!(error.to_string().contains("pytorch-fid, torch-fidelity"), "{error}");
    }
}
