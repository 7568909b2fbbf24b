//! Encoded images of every format.
#![no_main]

use bench_data::files::Treatment;
use bench_data::files::decode::decode_rgb;
use bench_data::files::properties::Header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let white = Treatment::Upright { background: Some([255; 3]) };
    for treatment in [Treatment::AsPil, white] {
        check(bytes, treatment);
    }
});

fn check(bytes: &[u8], treatment: Treatment) {
    // Of damaged images the two may think otherwise: a header is for messages and sizes of sets.
    let _ = Header::read(bytes).map(|header| header.size(treatment));
    if let Ok(image) = decode_rgb(bytes, treatment) {
        assert!(image.width > 0 && image.height > 0);
        assert_eq!(image.pixels.len(), 3 * image.width as usize * image.height as usize);
    }
}
