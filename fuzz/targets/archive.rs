//! Zip archives of images: their directory and their members.
#![no_main]

use bench_data::files::ImageArchive;
use bench_data::source::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = bench_fuzz::file("fuzz.zip", bytes);
    if let Ok(archive) = ImageArchive::open(&path) {
        let names = || archive.members().iter().map(|member| member.name.as_bytes());
        assert!(names().is_sorted());
        for member in archive.members() {
            if let Ok(contents) = archive.read(member) {
                assert_eq!(contents.len() as u64, member.size);
            }
        }
    }
    if let Ok(source) = Source::open(&path, &Default::default()) {
        assert!(!source.is_empty() && !source.describe().is_empty());
    }
});
