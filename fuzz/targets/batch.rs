//! Batches of CIFAR-10's python version: pickles of arrays of NumPy.
#![no_main]

use bench_data::datasets::cifar10::python::parse_batch;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(batch) = parse_batch(bytes) {
        assert_eq!(batch.planes.len(), 3072 * batch.labels.len());
    }
});
