//! `bench weights fetch`.

use std::path::PathBuf;

use bench_data::download::Outcome;
use bench_data::files;
use bench_metrics::networks::Network;

use super::print_stored;
use crate::commands::patience::PatienceArgs;
use crate::console;
use crate::inception::{self, FetchRequest};
use crate::network_weights;
use crate::output::outln;

/// Download the published weights of a network into the cache.
///
/// A download that broke off goes on where it did when the command is given again. `HTTPS_PROXY` names a proxy.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench weights fetch\n  \
    bench weights fetch dinov2-vit-l-14\n  \
    bench weights fetch --url https://mirror.example/pt_inception-2015-12-05-6726825d.pth\n  \
    bench weights fetch --out pt_inception-2015-12-05-6726825d.pth")]
pub struct FetchArgs {
    /// Network: inception, or one of `bench list extractors`.
    #[arg(default_value = "inception", value_parser = target)]
    name: Target,
    /// Where to download from, instead of where its authors or pytorch-fid publish it; several are tried in order.
    #[arg(long = "url", value_name = "URL")]
    urls: Vec<String>,
    /// The SHA-256 that the file must have, or its first digits, at least 8.
    #[arg(long, value_name = "DIGITS", value_parser = digits)]
    sha256: Option<String>,
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
        if let Some(sha256) = &self.sha256 {
            request.sha256.clone_from(sha256);
        }
        if !self.urls.is_empty() {
            request.urls.clone_from(&self.urls);
        }
        request
    }
}

/// What to fetch the weights of.
#[derive(Clone, Copy, Debug)]
enum Target {
    Inception,
    Network(Network),
}

fn target(name: &str) -> Result<Target, String> {
    match name {
        "inception" => Ok(Target::Inception),
        name => Network::parse(name).map(Target::Network).map_err(|error| error.to_string()),
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
    if let Target::Network(network) = args.name {
        return fetch_network(args, &network);
    }
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

fn fetch_network(args: &FetchArgs, network: &Network) -> anyhow::Result<()> {
    let patience = args.patience.patience();
    let sha256 = args.sha256.as_deref();
    let weights = network_weights::fetch(network, args.urls.clone(), sha256, patience)?;
    match &args.out {
        Some(out) => {
            files::write_atomically(out, weights.bytes())?;
            outln!("{}", out.display())?;
        }
        None => outln!("{}", network_weights::path_of(network)?.display())?,
    }
    outln!("SHA-256    {}", weights.sha256())?;
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
