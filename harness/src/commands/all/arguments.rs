//! The options that training commands share, as words of a command line again.

use std::ffi::OsString;

use bench_metrics::Device;
use clap::{Args as _, FromArgMatches as _};

use super::CommonArgs;
use crate::evaluation::ExtractorChoice;

impl CommonArgs {
    /// What lets `bench work` carry out a run on `device` with `threads` threads, as these options say: with the extractor
    /// called `extractor`, and fetching nothing.
    pub(super) fn words(
        &self,
        device: Device,
        threads: usize,
        extractor: &ExtractorChoice,
    ) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["--log", "json", "work"].map(Into::into).into();
        words.extend(self.shared_words(device, threads, extractor));
        words
    }

    /// The options alone.
    pub fn shared_words(
        &self,
        device: Device,
        threads: usize,
        extractor: &ExtractorChoice,
    ) -> Vec<OsString> {
        let minutes = self.checkpoint_minutes.as_secs_f64() / 60.0;
        let mut words: Vec<OsString> = vec!["--offline".into()];
        let mut option = |name: &str, value: OsString| words.extend([name.into(), value]);
        option("--out", self.out.clone().into());
        option("--data", self.data.clone().into());
        if let Some([red, green, blue]) = self.background.background {
            option("--background", format!("#{red:02x}{green:02x}{blue:02x}").into());
        }
        option("--extractor", extractor.to_string().into());
        if let Some(weights) = self.extractor.weights() {
            option("--weights", weights.into());
        }
        option("--convolutions", self.extractor.convolutions().to_string().into());
        option("--device", device.to_string().into());
        option("--threads", threads.to_string().into());
        option("--checkpoint-minutes", minutes.to_string().into());
        if self.fast {
            words.push("--fast".into());
        }
        if self.no_cache {
            words.push("--no-cache".into());
        }
        words
    }

    /// The options that [`Self::shared_words`] gave.
    ///
    /// # Errors
    /// If there are others.
    pub fn from_words(words: &[String]) -> Result<Self, clap::Error> {
        let command = Self::augment_args(clap::Command::new("bench").no_binary_name(true));
        Self::from_arg_matches(&command.try_get_matches_from(words)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceChoice;

    #[test]
    fn the_words_say_the_same_again() {
        let given = [
            "--out",
            "o",
            "--data",
            "d",
            "--background",
            "#0a10ff",
            "--extractor",
            "auto",
            "--weights",
            "w.pth",
            "--convolutions",
            "onnxruntime",
            "--checkpoint-minutes",
            "0.1",
            "--fast",
            "--no-cache",
        ];
        let given = CommonArgs::from_words(&given.map(str::to_owned)).unwrap();
        let words = given.words(Device::Cuda(1), 3, &ExtractorChoice::Inception);
        assert_eq!(words[..3], ["--log", "json", "work"]);
        let texts = words[3..].iter().map(|word| word.clone().into_string().unwrap());
        let again = CommonArgs::from_words(&texts.collect::<Vec<_>>()).unwrap();
        assert_eq!(again.words(Device::Cuda(1), 3, &ExtractorChoice::Inception), words);
        assert_eq!(again.checkpoint_minutes, given.checkpoint_minutes);
        assert_eq!(again.background.background, Some([10, 16, 255]));
        assert_eq!(again.devices, [DeviceChoice::On(Device::Cuda(1))]);
        assert!(again.offline && again.fast && again.no_cache);
    }
}
