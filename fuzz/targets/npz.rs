//! Archives of arrays, as statistics and as images.
#![no_main]

use bench_data::datasets::DataError;
use bench_data::source::{BadImages, Source};
use bench_metrics::StatisticsFile;
use bench_formats::npz::NpzFile;
use libfuzzer_sys::fuzz_target;

/// Most elements of an array, so that a run takes little memory.
const MOST: usize = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    let path = bench_fuzz::file("fuzz.npz", bytes);
    let _ = StatisticsFile::read(&path);
    if let Ok(mut archive) = NpzFile::open(&path) {
        for key in ["mu", "sigma", "n", "extractor", "arr_0"] {
            let _ = archive.array(key).and_then(|array| array.numbers(MOST));
            let _ = archive.array(key).and_then(|array| array.text());
        }
    }
    if let Ok(images) = Source::open(format!("{}:arr_0", bench_fuzz::text(&path)), &Default::default()) {
        let mut batches = 0;
        let _ = images.for_each_batch(2, BadImages::Refuse, |batch| {
            assert!(!batch.is_empty() && batch.len() <= 2);
            batches += 1;
            // An array of zeros may be long and its file short.
            if batches < 8 { Ok(()) } else { Err(DataError::UnknownSplit { split: String::new() }) }
        });
    }
});
