//! `bench`: see `bench --help`.

use std::process::ExitCode;

use bench_harness::{cli, console, exit};
use clap::Parser;

fn main() -> ExitCode {
    console::install();
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error:#}");
            exit::code(&error)
        }
    }
}
