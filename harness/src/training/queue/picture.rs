//! A picture of a run that needs what the run is scored by.

use bench_reports::picture::{AskedPicture, Picture as Drawn};

use super::{Fitted, Queue};
use crate::pictures::{Lab, Picture, Subject};
use crate::training::error::{ConfigError, RunError};
use crate::training::folder::RunFolder;

impl Queue {
    /// Draws a picture of `subject`, a run in `folder`, with the dataset and the extractor at hand.
    ///
    /// # Errors
    /// If they are not those of the run, or cannot be used.
    pub fn draw(
        &mut self,
        subject: Subject<'_>,
        folder: &RunFolder,
        picture: &dyn Picture,
        asked: &AskedPicture,
    ) -> Result<Option<Drawn>, RunError> {
        let config = subject.config;
        let mut reference = self.reference(&config.dataset, config.image_size)?;
        let inputs = self.inputs(&reference, &config.evaluation)?;
        if inputs != config.inputs {
            let reason = "the dataset or the extractor at hand is not that of the run";
            let hint = "name them by --data and --extractor";
            return Err(ConfigError::unusable(&folder.config(), reason, hint).into());
        }
        let Self { bench, cache, data, .. } = self;
        let extractors = &mut bench.extractors;
        let measured = reference.measure(&config.evaluation, data, extractors, cache)?;
        let Fitted { panel, .. } = self.fitted(&config.evaluation.plan, &measured);
        let lab = Lab {
            extractors: &mut self.bench.extractors,
            cache: &self.cache,
            panel: &panel,
            measured: &measured,
        };
        let mut subject = Subject { reference: Some(&reference), lab: Some(lab), ..subject };
        match picture.refusal(&subject, asked) {
            Some(reason) => Err(ConfigError::Invalid(format!("{}: {reason}", asked.name)).into()),
            None => picture.draw(&mut subject, asked),
        }
    }
}
