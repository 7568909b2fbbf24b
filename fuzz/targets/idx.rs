//! IDX files, plain and gzipped.
#![no_main]

use std::path::Path;

use bench_data::datasets::idx;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = bench_fuzz::file("fuzz.idx", bytes);
    check::<1>(bytes, &path);
    check::<3>(bytes, &path);
});

fn check<const RANK: usize>(bytes: &[u8], path: &Path) {
    if let Ok(array) = idx::parse::<RANK>(bytes) {
        assert_eq!(array.extents.iter().product::<usize>(), array.bytes.len());
        assert!(bytes.ends_with(&array.bytes));
    }
    let _ = idx::read_file::<RANK>(path);
}
