//! MATLAB files, plain and compressed.
#![no_main]

use bench_data::datasets::mat::parse_whole_numbers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["labels", "one", ""] {
        let _ = parse_whole_numbers(bytes, name);
    }
});
