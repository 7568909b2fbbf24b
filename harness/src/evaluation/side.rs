//! One of the two sides of an evaluation: images, or statistics made from them before.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bench_data::source::{Origin, Source, SourceOptions, is_npz};
use bench_formats::npz::NpzFile;
use bench_metrics::{Extractor, ExtractorIdentity, Sample, StatisticsFile};
use ndarray::ArrayView2;

use super::{EvaluationError, Measured, SideOrigin};

/// What the user names as a side.
#[derive(Clone)]
pub enum Side {
    /// Images, whose features are to be extracted.
    Images(Rc<Source>),
    /// Statistics of features.
    Statistics(Rc<Statistics>),
    /// Images and the statistics of more of them, in one file: a reference batch of ADM.
    Both(Rc<Source>, Rc<Statistics>),
}

/// A file of statistics and where it lies.
pub struct Statistics {
    path: PathBuf,
    file: StatisticsFile,
}

/// What is known of a side when its images have been scored by one extractor.
#[derive(Clone)]
pub enum Known {
    /// Features of every image.
    Images(Rc<ScoredImages>),
    /// Statistics alone.
    Statistics(Rc<Statistics>),
}

/// Images with their features.
pub struct ScoredImages {
    source: Rc<Source>,
    origin: SideOrigin,
    measured: Measured,
    /// Places in the source of the images that have features; all of them where there is none.
    places: Option<Vec<usize>>,
}

impl ScoredImages {
    /// The images of `source` but those at the paths `skipped`, with their features.
    #[must_use]
    pub fn new(
        source: Rc<Source>,
        origin: Origin,
        measured: Measured,
        skipped: &[PathBuf],
    ) -> Self {
        let origin = SideOrigin { origin, skipped: skipped.len() };
        let places = (!skipped.is_empty()).then(|| {
            let skipped: HashSet<&PathBuf> = skipped.iter().collect();
            let is_skipped =
                |index: &usize| source.path_of(*index).is_some_and(|path| skipped.contains(&path));
            (0..source.len()).filter(|index| !is_skipped(index)).collect()
        });
        Self { source, origin, measured, places }
    }

    /// These images with the mean and covariance of `statistics` in the place of their own.
    #[must_use]
    pub fn with_statistics(mut self, statistics: &Statistics) -> Self {
        self.measured.gaussian = statistics.file.gaussian.clone();
        if statistics.file.spatial.is_some() {
            self.measured.spatial.clone_from(&statistics.file.spatial);
        }
        self
    }

    /// What the images are.
    #[must_use]
    pub fn origin(&self) -> &SideOrigin {
        &self.origin
    }

    /// Where the images come from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Features, statistics and inventory.
    #[must_use]
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// Features of the images, `[n, d]`.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.measured.activations.features.view()
    }

    /// The place in the source of the image that row `row` of the features belongs to.
    #[must_use]
    pub fn place_of(&self, row: usize) -> usize {
        self.places.as_ref().and_then(|places| places.get(row).copied()).unwrap_or(row)
    }
}

impl Side {
    /// Opens the side that `text` names: a safetensors file, or an .npz file with `mu` and `sigma`, is statistics or
    /// features, everything else a [`Source`].
    ///
    /// # Errors
    /// As [`Source::open`], and if statistics are damaged.
    pub fn parse(text: &OsStr, options: &SourceOptions<'_>) -> Result<Self, EvaluationError> {
        let path = Path::new(text);
        if StatisticsFile::is_of_tensors(path) && path.exists() {
            let file = StatisticsFile::read(path)?;
            return Ok(Self::Statistics(Rc::new(Statistics { path: path.to_owned(), file })));
        }
        if is_npz(path) && path.exists() {
            let mut archive = NpzFile::open(path)?;
            if StatisticsFile::is_in(&archive) || !archive.contains("arr_0") {
                let file = StatisticsFile::from_archive(&mut archive)?;
                let statistics = Rc::new(Statistics { path: path.to_owned(), file });
                if !archive.contains("arr_0") {
                    return Ok(Self::Statistics(statistics));
                }
                let mut images = text.to_owned();
                images.push(":arr_0");
                return Ok(Self::Both(Rc::new(Source::open(&images, options)?), statistics));
            }
        }
        Ok(Self::Images(Rc::new(Source::open(text, options)?)))
    }

    /// The images, if the side is some.
    pub fn images(&self) -> Option<&Source> {
        match self {
            Self::Images(source) | Self::Both(source, _) => Some(source),
            Self::Statistics(_) => None,
        }
    }

    /// This side without images that nothing needs beside its statistics.
    #[must_use]
    pub fn settled(self, needs_images: bool) -> Self {
        match self {
            Self::Both(_, statistics) if !needs_images => Self::Statistics(statistics),
            other => other,
        }
    }

    /// The statistics that the side holds, whether or not there are images beside them.
    pub fn held_statistics(&self) -> Option<&Statistics> {
        match self {
            Self::Images(_) => None,
            Self::Statistics(statistics) | Self::Both(_, statistics) => Some(statistics),
        }
    }

    /// The statistics, if the side is some and no more.
    pub fn statistics(&self) -> Option<&Statistics> {
        match self {
            Self::Images(_) | Self::Both(..) => None,
            Self::Statistics(statistics) => Some(statistics),
        }
    }
}

impl Statistics {
    /// Whether every image's features are there, too.
    pub fn has_activations(&self) -> bool {
        self.file.activations.is_some()
    }

    /// Whether there are statistics of spatial features, too.
    pub fn has_spatial(&self) -> bool {
        self.file.spatial.is_some()
    }

    /// The extractor that made them, unless unknown.
    pub fn extractor(&self) -> Option<&ExtractorIdentity> {
        self.file.extractor.as_ref()
    }

    /// What the file says of the images behind it: its own path, and the texts that it was written with.
    pub fn origin(&self) -> BTreeMap<String, String> {
        let mut origin = self.file.about.clone();
        origin.insert("kind".to_owned(), "statistics".to_owned());
        origin.insert("file".to_owned(), self.path.display().to_string());
        origin
    }

    /// The protocol that the images were fed by, unless unknown.
    pub fn protocol(&self) -> Option<&str> {
        self.file.protocol.as_deref()
    }

    /// What is to be said where the file holds images too.
    pub fn beside_images(&self) -> String {
        let path = self.path.display();
        format!(
            "{path}: metrics of mean and covariance, such as FID, are of its statistics, mu and sigma, and others of its \
             images; `{path}:arr_0` names the images alone"
        )
    }

    /// Checks that these statistics are of the features of `extractor`; a warning if the file does not say so.
    ///
    /// # Errors
    /// If they are of another extractor's.
    pub fn check_extractor(
        &self,
        extractor: &dyn Extractor,
    ) -> Result<Option<String>, EvaluationError> {
        let ours = (extractor.name(), extractor.sha256());
        self.check(ours, extractor.feature_dim())
    }

    /// Checks that these statistics and others are of the same extractor's features; a warning if a file does not say.
    ///
    /// # Errors
    /// If they are not.
    pub fn check_against(&self, other: &Self) -> Result<Option<String>, EvaluationError> {
        let dim = other.file.gaussian.dim();
        match other.extractor() {
            Some(theirs) => self.check((&theirs.name, &theirs.sha256), dim),
            None => self.check_dim(dim).map(|()| Some(other.unknown())),
        }
    }

    fn check(
        &self,
        (name, sha256): (&str, &str),
        dim: usize,
    ) -> Result<Option<String>, EvaluationError> {
        self.check_dim(dim)?;
        match self.extractor() {
            None => Ok(Some(self.unknown())),
            Some(own) if own.sha256 == sha256 => Ok(None),
            Some(own) => Err(EvaluationError::OtherExtractor {
                path: self.path.clone(),
                own: Box::new(own.clone()),
                protocol: self.protocol().unwrap_or("unknown").to_owned(),
                other: Box::new(ExtractorIdentity {
                    name: name.to_owned(),
                    sha256: sha256.to_owned(),
                }),
            }),
        }
    }

    fn check_dim(&self, other: usize) -> Result<(), EvaluationError> {
        let own = self.file.gaussian.dim();
        if own == other {
            return Ok(());
        }
        Err(EvaluationError::OtherDimension { path: self.path.clone(), own, other })
    }

    fn unknown(&self) -> String {
        format!(
            "{} does not say which extractor made it: FID is meaningless unless it is the other side's, fed by the same \
             protocol",
            self.path.display()
        )
    }
}

impl Known {
    /// What metrics are computed from.
    pub fn sample(&self) -> Sample<'_> {
        match self {
            Self::Images(images) => images.measured.sample(),
            Self::Statistics(statistics) => Sample {
                activations: statistics.file.activations.as_ref(),
                gaussian: Some(&statistics.file.gaussian),
                spatial: statistics.file.spatial.as_ref(),
            },
        }
    }

    /// The images, unless the side is statistics.
    pub fn images(&self) -> Option<&ScoredImages> {
        match self {
            Self::Images(images) => Some(images),
            Self::Statistics(_) => None,
        }
    }

    /// Number of images, unless unknown.
    pub fn n(&self) -> Option<u64> {
        if let Self::Images(images) = self {
            return Some(images.measured.n());
        }
        self.sample().gaussian.and_then(|gaussian| gaussian.n())
    }
}
