//! `bench`: see `bench --help`.

use std::process::ExitCode;

use bench_harness::{cli, exit};
use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: error: {error:#}");
            exit::code(&error)
        }
    }
}
