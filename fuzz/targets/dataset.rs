//! Archives of images of one's own as a dataset: layouts, labels and pixels.
#![no_main]

use bench_data::datasets::{LoadOptions, Split, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = bench_fuzz::file("fuzz-dataset.zip", bytes);
    let options = LoadOptions { size: Some(8), ..Default::default() };
    for split in Split::ALL {
        if let Ok(dataset) = load(bench_fuzz::text(&path), split, None, &options) {
            assert_eq!(dataset.images.len(), dataset.n * 192);
            let labels = dataset.labels.iter().flatten();
            assert!(labels.into_iter().all(|&label| (label as usize) < dataset.classes.len()));
        }
    }
});
