//! The options that choose extractors.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use bench_metrics::{Convolutions, Device, FeatureLayer, Protocol};

use super::error::EvaluationError;
use super::extractor_choice::{ExtractorChoice, ExtractorRequest};

/// Options that choose an extractor.
#[derive(Clone, Debug, clap::Args)]
pub struct ExtractorArgs {
    /// Feature extractor: inception, embedded, a network such as dinov2-vit-l-14 (see `bench list extractors`), an ONNX
    /// file that describes itself, or auto, which is InceptionV3 if its weights are in the cache (see `bench weights`)
    /// and else the embedded one. `bench eval` takes several, separated by commas.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    extractor: ExtractorChoices,
    /// Weights of InceptionV3, or of the network that --extractor names (.pth or safetensors), to score with instead of
    /// those in the cache.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    convolutions: ConvolutionArgs,
}

/// Extractors that are named together, separated by commas: at least one, and none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ExtractorChoices(Vec<ExtractorChoice>);

impl FromStr for ExtractorChoices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A file's name may hold commas.
        let names = match Path::new(text).exists() {
            true => vec![text],
            false => text.split(',').map(str::trim).collect(),
        };
        let mut choices = Vec::new();
        for name in names {
            let choice = name.parse()?;
            if choices.contains(&choice) {
                return Err(format!("`{name}` is named twice"));
            }
            choices.push(choice);
        }
        Ok(Self(choices))
    }
}

/// The option that chooses whose convolutions a network is computed with.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ConvolutionArgs {
    /// Whose convolutions InceptionV3 is computed with: own, which are faster and need a processor with AVX-512 or AVX2;
    /// onnxruntime; or auto, which is own where they can be had. Features by the two differ by some 1e-6 of their size.
    #[arg(long, value_name = "NAME", default_value_t)]
    pub convolutions: Convolutions,
}

impl ExtractorArgs {
    /// The file of InceptionV3's weights that is asked for.
    #[must_use]
    pub fn weights(&self) -> Option<&Path> {
        self.weights.as_deref()
    }

    /// Whose convolutions are asked for.
    #[must_use]
    pub fn convolutions(&self) -> Convolutions {
        self.convolutions.convolutions
    }

    /// The extractor that is asked for, on the processor: if it is InceptionV3, fed as `protocol` does, with the features of `layer`.
    ///
    /// # Errors
    /// [`EvaluationError::SeveralExtractors`].
    pub fn request(
        &self,
        protocol: Protocol,
        layer: Option<FeatureLayer>,
    ) -> Result<ExtractorRequest, EvaluationError> {
        let [choice] = self.extractor.0.as_slice() else {
            return Err(EvaluationError::SeveralExtractors);
        };
        Ok(self.request_of(choice, protocol, layer))
    }

    /// Every extractor that is asked for, as [`Self::request`]; `layer` is of InceptionV3 among them.
    ///
    /// # Errors
    /// [`EvaluationError::WeightsOfSeveral`].
    pub fn requests(
        &self,
        protocol: Protocol,
        layer: Option<FeatureLayer>,
    ) -> Result<Vec<ExtractorRequest>, EvaluationError> {
        let choices = &self.extractor.0;
        if choices.len() > 1 && self.weights.is_some() {
            return Err(EvaluationError::WeightsOfSeveral);
        }
        let has_layers = |own: &ExtractorChoice| {
            matches!(own, ExtractorChoice::Auto | ExtractorChoice::Inception)
        };
        // Where there is none, it is refused for whichever there is.
        let any = choices.iter().any(has_layers);
        let layer_of = |choice| layer.filter(|_| !any || has_layers(choice));
        let request = |choice| self.request_of(choice, protocol, layer_of(choice));
        Ok(choices.iter().map(request).collect())
    }

    fn request_of(
        &self,
        choice: &ExtractorChoice,
        protocol: Protocol,
        layer: Option<FeatureLayer>,
    ) -> ExtractorRequest {
        let Self { weights, convolutions, .. } = self.clone();
        let convolutions = convolutions.convolutions;
        let (choice, device) = (choice.clone(), Device::Cpu);
        ExtractorRequest { choice, weights, protocol, layer, convolutions, device }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_extractors_are_named_in_one_text() {
        let names = |text: &str| -> Result<Vec<String>, String> {
            Ok(text.parse::<ExtractorChoices>()?.0.iter().map(ToString::to_string).collect())
        };
        assert_eq!(names("embedded"), Ok(vec!["embedded".to_owned()]));
        let two = names("inception, dinov2-vit-l-14:torch-fidelity");
        assert_eq!(two, Ok(["inception", "dinov2-vit-l-14:torch-fidelity"].map(Into::into).into()));
        assert_eq!(names("embedded,embedded"), Err("`embedded` is named twice".to_owned()));
        assert!(names("embedded,").is_err_and(|error| error.contains("``")));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a,b.onnx");
        std::fs::write(&file, "").unwrap();
        assert_eq!(names(&file.display().to_string()).unwrap().len(), 1);
    }
}
