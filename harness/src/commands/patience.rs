//! The options of every command that downloads what it was asked to.

use std::time::Duration;

use bench_data::download::Patience;

/// How long to wait for a server and how often to try.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct PatienceArgs {
    /// Seconds without a byte after which the server is asked again.
    #[arg(long, value_name = "SECONDS", default_value_t = Patience::LONG.stall.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..))]
    stall: u64,
    /// How often an attempt that gained nothing is followed by another.
    #[arg(long, value_name = "N", default_value_t = Patience::LONG.retries)]
    retries: u32,
}

impl PatienceArgs {
    /// What is asked for.
    pub(super) fn patience(self) -> Patience {
        let stall = Duration::from_secs(self.stall);
        Patience { stall, retries: self.retries, ..Patience::LONG }
    }
}
