//! The options that training commands share, as words of a command line again.

use std::ffi::OsString;

use super::CommonArgs;

impl CommonArgs {
    /// What lets `bench work` carry out a run on `device` with `threads` threads, as these options say: with the extractor
    /// called `extractor`, and fetching nothing.
    pub(super) fn words(&self, device: &str, threads: usize, extractor: &str) -> Vec<OsString> {
        let minutes = self.checkpoint_minutes.as_secs_f64() / 60.0;
        let mut words: Vec<OsString> =
            ["--log", "json", "work", "--offline"].map(Into::into).into();
        let mut option = |name: &str, value: OsString| words.extend([name.into(), value]);
        option("--out", self.out.clone().into());
        option("--data", self.data.clone().into());
        if let Some([red, green, blue]) = self.background.background {
            option("--background", format!("#{red:02x}{green:02x}{blue:02x}").into());
        }
        option("--extractor", extractor.into());
        if let Some(weights) = self.extractor.weights() {
            option("--weights", weights.into());
        }
        option("--convolutions", self.extractor.convolutions().to_string().into());
        option("--device", device.into());
        option("--threads", threads.to_string().into());
        option("--checkpoint-minutes", minutes.to_string().into());
        if self.no_cache {
            words.push("--no-cache".into());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        common: CommonArgs,
    }

    #[test]
    fn the_words_say_the_same_again() {
        let given = [
            "bench",
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
            "--no-cache",
        ];
        let line = Line::try_parse_from(given).unwrap();
        let words = line.common.words("cpu", 3, "inception");
        assert_eq!(words[..3], ["--log", "json", "work"]);
        let again = [&["bench".into()], &words[3..]].concat();
        let again = Line::try_parse_from(again).unwrap().common;
        assert_eq!(again.words("cpu", 3, "inception"), words);
        assert_eq!(again.checkpoint_minutes, line.common.checkpoint_minutes);
        assert_eq!(again.background.background, Some([10, 16, 255]));
        assert!(again.offline && again.no_cache);
    }
}
