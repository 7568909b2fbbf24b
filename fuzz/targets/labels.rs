//! StyleGAN's `dataset.json`, beside a few images of these names.
#![no_main]

use bench_data::datasets::stylegan::{MAX_CLASSES, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = ["00000/a.png", "00000/b.png", "c.png"];
    if let Ok(Some(labels)) = parse(bytes, &names) {
        assert_eq!(labels.len(), names.len());
        assert!(labels.iter().all(|&label| label < MAX_CLASSES));
    }
});
