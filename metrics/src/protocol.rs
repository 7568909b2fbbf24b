//! The conventions under which numbers are computed, named after the programs that set them.
//!
//! A protocol is a file in this folder and a line in [`PROTOCOLS`].

mod adm;
mod clean_fid;
mod pytorch_fid;
mod torch_fidelity;

use crate::error::MetricsError;
use crate::extractor::ResizeRule;

/// All protocols; the first is the one that every command follows unless another is named.
pub const PROTOCOLS: &[Protocol] = &[
    Protocol(&pytorch_fid::CONVENTIONS),
    Protocol(&torch_fidelity::CONVENTIONS),
    Protocol(&clean_fid::CONVENTIONS),
    Protocol(&adm::CONVENTIONS),
];

/// The order in which a program goes through the images of a folder, on which the splits of the Inception Score and
/// KID's subsets depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOrder {
    /// By the names in the folder, as bytes; files of subfolders by the whole path from the folder on.
    ByName,
    /// By the whole path that remains when symbolic links are followed, as bytes and not part by part: `/a-b/1.png`
    /// comes before `/a/1.png`.
    ByRealPath,
}

impl FileOrder {
    /// `by name`, `by real path`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByName => "by name",
            Self::ByRealPath => "by real path",
        }
    }
}

/// Which files of a folder a program takes for images.
#[derive(Debug)]
struct Files {
    /// What their names end in, without the dot.
    extensions: &'static [&'static str],
    /// Whether the extensions may be in other letters, small or capital, than they stand here.
    any_case: bool,
    /// Whether subfolders are searched, too.
    subfolders: bool,
    order: FileOrder,
}

/// What a program does with images before the network sees them, and how it sets the metrics' parameters.
#[derive(Debug)]
struct Conventions {
    name: &'static str,
    /// One line: which program, which version.
    doc: &'static str,
    files: Files,
    /// How images come to the network's size.
    resize: ResizeRule,
    /// What is taken off every pixel value, and what the rest is divided by.
    scale: (f32, f32),
    /// Parameters of metrics that differ from their defaults: metric, parameter, value.
    settings: &'static [(&'static str, &'static str, u64)],
    departures: &'static [Departure],
}

/// Where a metric computed under a protocol is not, or not wholly, what the program computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Name of the metric.
    pub metric: &'static str,
    /// What the program does, and what is done instead: a lower-case fragment.
    pub text: &'static str,
    /// Whether the program prints a number of the same name that is another one, of which a user is to be warned.
    pub changes_its_number: bool,
}

impl Departure {
    /// The program has no such metric, or prints more than is computed here.
    const fn listed(metric: &'static str, text: &'static str) -> Self {
        Self { metric, text, changes_its_number: false }
    }

    /// The program has it and gives another number.
    const fn warned_of(metric: &'static str, text: &'static str) -> Self {
        Self { metric, text, changes_its_number: true }
    }
}

/// The conventions of one program.
#[derive(Clone, Copy)]
pub struct Protocol(&'static Conventions);

impl Protocol {
    /// pytorch-fid 0.3.0.
    pub const PYTORCH_FID: Self = Self(&pytorch_fid::CONVENTIONS);
    /// torch-fidelity 0.4.0.
    pub const TORCH_FIDELITY: Self = Self(&torch_fidelity::CONVENTIONS);

    /// Whether InceptionV3 gives spatial features too, which only sFID needs.
    pub fn has_spatial_features(self) -> bool {
        self == Self(&adm::CONVENTIONS)
    }

    /// Name on the command line and in records.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// One line: which program, which version.
    pub fn doc(self) -> &'static str {
        self.0.doc
    }

    /// Extensions of the files of a folder that are taken for images, without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        self.0.files.extensions
    }

    /// Whether an extension may be in other letters, small or capital, than in [`Self::extensions`].
    pub fn takes_any_case(self) -> bool {
        self.0.files.any_case
    }

    /// Whether the subfolders of a folder are searched for images, too.
    pub fn takes_subfolders(self) -> bool {
        self.0.files.subfolders
    }

    /// The order of a folder's images.
    pub fn file_order(self) -> FileOrder {
        self.0.files.order
    }

    /// How images come to InceptionV3's size.
    pub fn resize(self) -> ResizeRule {
        self.0.resize
    }

    /// What is taken off every pixel value (0 to 255), and what the rest is divided by, before InceptionV3.
    pub fn scale(self) -> (f32, f32) {
        self.0.scale
    }

    /// The parameters of `metric` that it sets: name and value.
    pub fn settings(self, metric: &str) -> impl Iterator<Item = (&'static str, u64)> {
        let own = self.0.settings.iter().filter(move |(of, ..)| *of == metric);
        own.map(|&(_, name, value)| (name, value))
    }

    /// Where its metrics are not what the program computes.
    pub fn departures(self) -> &'static [Departure] {
        self.0.departures
    }

    /// The protocol called `name`.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] if there is none.
    pub fn parse(name: &str) -> Result<Self, MetricsError> {
        PROTOCOLS.iter().copied().find(|protocol| protocol.name() == name).ok_or_else(|| {
            MetricsError::UnknownName {
                kind: "protocol",
                name: name.to_owned(),
                known: PROTOCOLS.iter().map(|known| known.name()).collect::<Vec<_>>().join(", "),
            }
        })
    }
}

impl Default for Protocol {
    fn default() -> Self {
        PROTOCOLS[0]
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Protocol {}

impl std::fmt::Debug for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Protocol({})", self.name())
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
    use crate::metrics::{METRICS, Settings, find};

    #[test]
    fn names_are_unique_and_parse_back() {
        for (i, protocol) in PROTOCOLS.iter().enumerate() {
            assert_eq!(Protocol::parse(protocol.name()).ok(), Some(*protocol));
            assert!(!PROTOCOLS[..i].contains(protocol));
            assert!(protocol.doc().len() > 20 && !protocol.doc().contains('\n'));
        }
        let error = Protocol::parse("clean").expect_err("an unknown name");
        assert!(error.to_string().contains("pytorch-fid, torch-fidelity"), "{error}");
    }

    #[test]
    fn extensions_go_without_dot_and_stand_once() {
        for protocol in PROTOCOLS {
            let extensions = protocol.extensions();
            assert!(extensions.contains(&"png") && extensions.contains(&"jpg"), "{protocol}");
            for (i, extension) in extensions.iter().enumerate() {
                assert!(extension.chars().all(|c| c.is_ascii_alphanumeric()), "{extension:?}");
                assert!(!extensions[..i].contains(extension), "{protocol}: {extension}");
            }
            let small = |extension: &&str| extension.chars().all(|c| !c.is_ascii_uppercase());
            assert!(!protocol.takes_any_case() || extensions.iter().all(small), "{protocol}");
        }
    }

    #[test]
    fn departures_are_fragments_about_a_metric() {
        for protocol in PROTOCOLS {
            for Departure { metric, text, .. } in protocol.departures() {
                find(metric).expect("a metric");
                assert!(text.contains(protocol.name()), "{text}");
                assert!(text.len() > 20 && !text.ends_with('.') && !text.contains('\n'), "{text}");
            }
        }
    }

    #[test]
    fn every_parameter_that_a_protocol_sets_is_declared() {
        for protocol in PROTOCOLS {
            for &(metric, name, value) in protocol.0.settings {
                let metric = find(metric).expect("a metric");
                Settings::defaults(metric).with(name, value).expect("within its bounds");
            }
            let of_all = METRICS.iter().map(|metric| protocol.settings(metric.name()).count());
            assert_eq!(of_all.sum::<usize>(), protocol.0.settings.len());
        }
    }
}
