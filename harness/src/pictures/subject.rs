//! What pictures are made from.

use std::sync::Arc;

use bench_data::datasets::{self, Dataset, Split};
use bench_metrics::Panel;
use bench_models::latents::Latent;
use bench_models::{ModelError, Sampler, TrainedGenerator};
use bench_reports::picture::{AskedPicture, PictureNote, SCHEMA};
use bench_reports::published::Reports;

use super::Needs;
use crate::evaluation::{FeatureCache, Measured};
use crate::training::config::RunConfig;
use crate::training::error::RunError;
use crate::training::extractors::Extractors;
use crate::training::reference::Reference;

/// Which images a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Those of the generator.
    Generated,
    /// Those that it was trained on.
    Training,
}

impl Origin {
    /// What a picture of them is made from.
    pub(super) fn needs(self) -> Needs {
        match self {
            Self::Generated => Needs::Generator,
            Self::Training => Needs::TrainingImages,
        }
    }
}

/// A trained generator and what is at hand beside it.
pub struct Subject<'a> {
    /// The configuration of its run.
    pub config: &'a RunConfig,
    /// The generator; none while only what is known without it is asked.
    pub trained: Option<&'a TrainedGenerator>,
    /// Which checkpoint it is from.
    pub checkpoint: Reports,
    /// Seed of the latents.
    pub seed: u64,
    /// The only class to be shown, if any.
    pub class: Option<u32>,
    /// What it was trained on, where that is at hand.
    pub reference: Option<&'a Reference>,
    /// What it is scored by, where that is at hand.
    pub lab: Option<Lab<'a>>,
}

/// What a generator is scored by.
pub struct Lab<'a> {
    /// The feature extractor.
    pub extractors: &'a mut Extractors,
    /// Where features of training images are kept.
    pub cache: &'a FeatureCache,
    /// The metrics, as far as extractor and images allow.
    pub panel: &'a Panel,
    /// What its images are compared with.
    pub measured: &'a Arc<Measured>,
}

/// Features of training images.
pub struct TrainingFeatures {
    /// What is known of them.
    pub measured: Arc<Measured>,
    /// Which image each row is of.
    pub places: Vec<usize>,
}

impl<'a> Subject<'a> {
    /// Whether its images are of classes.
    pub fn is_conditional(&self) -> bool {
        self.config.variant().is_ok_and(|variant| variant.conditional)
    }

    /// Whether images with this label are to be shown.
    pub fn shows(&self, label: u32) -> bool {
        self.class.is_none_or(|class| class == label)
    }

    /// Number of images that cost little beside an evaluation: a tenth of its own.
    pub fn modest(&self) -> u64 {
        (self.config.evaluation.generated() / 10).max(1)
    }

    /// The images that it was trained on.
    pub fn dataset(&self) -> Option<&'a Dataset> {
        self.reference.map(|reference| &reference.dataset)
    }

    /// The generator.
    ///
    /// # Errors
    /// If it has not been loaded, which is a defect.
    pub fn trained(&self) -> Result<&'a TrainedGenerator, RunError> {
        let missing = || ModelError::TrainingSet("the generator has not been loaded".into());
        Ok(self.trained.ok_or_else(missing)?)
    }

    /// Draws its images, as `asked` for.
    ///
    /// # Errors
    /// [`ModelError::Recipe`] where latents cannot be truncated, or there is no such class.
    pub fn sampler(&self, asked: &AskedPicture) -> Result<Sampler<'a>, RunError> {
        let sampler = self.whole_sampler(asked.truncation)?;
        Ok(match self.class {
            Some(class) => sampler.of_class(class)?,
            None => sampler,
        })
    }

    /// Draws images of all classes.
    ///
    /// # Errors
    /// [`ModelError::Recipe`] where latents cannot be truncated.
    pub fn whole_sampler(&self, truncation: Option<f64>) -> Result<Sampler<'a>, RunError> {
        let sampler = self.trained()?.sampler(self.seed);
        Ok(match truncation {
            Some(threshold) => sampler.truncated(threshold)?,
            None => sampler,
        })
    }

    /// Names of the classes, by label; empty where they are not known.
    pub fn classes(&self) -> Vec<String> {
        if let Some(dataset) = self.dataset() {
            return dataset.classes.clone();
        }
        let found = datasets::find(&self.config.dataset).ok();
        let classes = found.as_ref().map(|source| source.classes()).unwrap_or_default();
        classes.iter().map(|class| (*class).to_owned()).collect()
    }

    /// Why its latents cannot be truncated as `asked`, if they cannot.
    pub fn refuses_truncation(&self, asked: Option<f64>) -> Option<String> {
        let is_normal = self.config.recipe.latent == Latent::Normal;
        asked
            .filter(|_| !is_normal)
            .map(|_| "only normal latents can be truncated, and these are uniform".to_owned())
    }

    /// The features of the training images; nothing where those or an extractor are not at hand.
    ///
    /// # Errors
    /// If the extractor fails.
    pub fn training_features(&mut self) -> Result<Option<TrainingFeatures>, RunError> {
        let evaluation = &self.config.evaluation;
        let (Some(reference), Some(lab)) = (self.reference, self.lab.as_mut()) else {
            return Ok(None);
        };
        let measured = match evaluation.split() {
            Split::Train => Arc::clone(lab.measured),
            Split::Test => Arc::new(reference.measure_train(
                evaluation.reference(),
                evaluation.plan.protocol,
                lab.extractors,
                lab.cache,
            )?),
        };
        let places = crate::evaluation::drawn_places(reference.dataset.n, measured.n() as usize);
        Ok(Some(TrainingFeatures { measured, places }))
    }

    /// A note of what a picture of generated images shows.
    ///
    /// # Errors
    /// As [`Self::trained`].
    pub fn note(&self, asked: &AskedPicture, title: String) -> Result<PictureNote, RunError> {
        let trained = self.trained()?;
        let shape = trained.sampler(self.seed).shape();
        let checkpoint = match self.checkpoint {
            Reports::Last => "last",
            Reports::Best => "best",
        };
        Ok(PictureNote {
            schema: SCHEMA,
            picture: asked.name.clone(),
            title,
            checkpoint: Some(checkpoint.to_owned()),
            step: trained.step(),
            seed: Some(self.seed),
            truncation: asked.truncation,
            image: [shape.height, shape.width, shape.channels],
            ..Default::default()
        })
    }
}

/// A note of what a picture of training images shows.
pub(super) fn note_of_training(
    dataset: &Dataset,
    asked: &AskedPicture,
    title: String,
) -> PictureNote {
    PictureNote {
        schema: SCHEMA,
        picture: asked.name.clone(),
        title,
        image: [dataset.height, dataset.width, dataset.channels],
        ..Default::default()
    }
}
