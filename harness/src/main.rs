//! `bench`: see `bench --help`.

use std::process::ExitCode;

use bench_harness::{cli, process};

fn main() -> ExitCode {
    process::prepare();
    process::leave(cli::main())
}
