//! `bench weights fetch`.

use std::path::PathBuf;

use bench_data::download::Outcome;
use bench_metrics::inception::published;

use super::print_stored;
use crate::commands::patience::PatienceArgs;
use crate::console;
use crate::inception::{self, FetchRequest};
use crate::output::outln;

/// Download the published weights of InceptionV3 into the cache.
///
/// A download that broke off goes on where it did when the command is given again. `HTTPS_PROXY` names a proxy.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench weights fetch\n  \
    bench weights fetch --url https://mirror.example/pt_inception-2015-12-05-6726825d.pth\n  \
    bench weights fetch --out pt_inception-2015-12-05-6726825d.pth")]
pub struct FetchArgs {
    /// Where to download from, instead of the releases of pytorch-fid and torch-fidelity; several are tried in order.
    #[arg(long = "url", value_name = "URL")]
    urls: Vec<String>,
    /// The SHA-256 that the file must have, or its first digits, at least 8.
    #[arg(long, value_name = "DIGITS", default_value = published::SHA256_PREFIX, value_parser = digits)]
    sha256: String,
    /// File to write instead of the cache; its contents are not looked at.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How long to wait and how often to try.
    #[command(flatten)]
    patience: PatienceArgs,
}

impl FetchArgs {
    fn request(&self) -> FetchRequest {
        let mut request = FetchRequest::published(self.patience.patience());
        request.sha256.clone_from(&self.sha256);
        if !self.urls.is_empty() {
            request.urls.clone_from(&self.urls);
        }
        request
    }
}

/// At least eight hexadecimal digits.
fn digits(text: &str) -> Result<String, String> {
    let sound = (8..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_hexdigit());
    match sound {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("8 to 64 hexadecimal digits are expected".to_owned()),
    }
}

/// Runs the command.
pub(super) fn run(args: &FetchArgs) -> anyhow::Result<()> {
    let request = args.request();
    if let Some(out) = &args.out {
        say(request.download(out)?);
        outln!("{}", out.display())?;
        return Ok(());
    }
    let (stored, outcome) = inception::fetch(&request)?;
    say(outcome);
    print_stored(&stored)?;
    Ok(())
}

fn say(outcome: Outcome) {
    match outcome {
        Outcome::Kept => console::line("the weights are there already"),
        Outcome::Fetched => {
            console::line("the weights are complete, their SHA-256 is the expected one");
        }
    }
}
