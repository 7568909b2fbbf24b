//! The feature extractor of the runs. InceptionV3 is fed as the protocol says, so that runs of another protocol need
//! another one.

use bench_metrics::{Extractor, OnnxExtractor, Protocol, inception};

use crate::evaluation::{EvaluationError, ExtractorChoice, ExtractorRequest};

/// Loads the extractor that was asked for, for one protocol at a time.
pub struct Extractors {
    request: ExtractorRequest,
    threads: usize,
    loaded: OnnxExtractor,
    /// The protocol that `loaded` follows.
    protocol: Protocol,
    /// Whether it is InceptionV3, built from its weights.
    built: bool,
}

impl Extractors {
    /// Loads what `request` comes to on this machine, to compute with `threads` threads; says which, if it was open.
    ///
    /// # Errors
    /// As [`ExtractorRequest::load`].
    pub fn load(request: &ExtractorRequest, threads: usize) -> Result<Self, EvaluationError> {
        // What was open is settled here, so that it is said once and stays what it is.
        let request = request.settled()?;
        Ok(Self {
            loaded: request.load(threads)?,
            protocol: request.protocol,
            built: request.is_built(),
            request,
            threads,
        })
    }

    /// The extractor under `protocol`.
    ///
    /// # Errors
    /// As [`ExtractorRequest::load`].
    pub fn under(&mut self, protocol: Protocol) -> Result<&mut OnnxExtractor, EvaluationError> {
        if self.built && self.protocol != protocol {
            let request = ExtractorRequest { protocol, ..self.request.clone() };
            self.loaded = request.load(self.threads)?;
        }
        self.protocol = protocol;
        Ok(&mut self.loaded)
    }

    /// Which one it is on this machine.
    pub fn choice(&self) -> &ExtractorChoice {
        &self.request.choice
    }

    /// The extractor that was used last.
    pub fn current(&self) -> &OnnxExtractor {
        &self.loaded
    }

    /// Why distances by it cannot stand beside published ones; `None` where they can: InceptionV3 with the published
    /// weights, whose name it bears only if they are.
    pub fn incomparable(&self) -> Option<String> {
        let name = self.loaded.name();
        (!self.built || name != inception::NAME).then(|| {
            format!("features are of {name} and not of InceptionV3 with the published weights")
        })
    }
}
