//! `bench`: see `bench --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench_harness::cli::main()
}
