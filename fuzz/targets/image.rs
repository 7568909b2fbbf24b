//! Encoded images of every format.
#![no_main]

use bench_data::files::decode::decode_rgb;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(image) = decode_rgb(bytes) {
        assert!(image.width > 0 && image.height > 0);
        assert_eq!(image.pixels.len(), 3 * image.width as usize * image.height as usize);
    }
});
