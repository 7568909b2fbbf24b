//! Folders of images: the names in the input, one a line, become files; those that start with `@` become links, those
//! that start with `/` folders.
#![no_main]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use bench_data::datasets::DataError;
use bench_data::files::decode::has_image_extension;
use bench_data::files::ImageTree;
use bench_data::files::image_files::list_images;
use bench_data::files::image_tree::Selection;
use bench_data::source::{BadImages, Source};
use libfuzzer_sys::fuzz_target;

/// Names in one folder.
const MOST: usize = 32;

fuzz_target!(|bytes: &[u8]| {
    let folder = bench_fuzz::empty_folder("images");
    for name in bytes.split(|&byte| byte == b'\n').take(MOST) {
        // What is no file name, or is there already, fails and is left out.
        let place = |name: &[u8]| folder.join(OsStr::from_bytes(name));
        let _ = match name {
            [] => Ok(()),
            [b'/', name @ ..] if !name.contains(&b'/') => fs::create_dir(place(name)),
            [b'@', name @ ..] if !name.contains(&b'/') => symlink(OsStr::from_bytes(name), place(name)),
            name if !name.contains(&b'/') => fs::write(place(name), b"no image"),
            _ => Ok(()),
        };
    }
    let images = list_images(&folder).expect("the folder can be listed");
    assert!(images.is_sorted_by(|a, b| a.as_os_str().as_bytes() < b.as_os_str().as_bytes()));
    let tree = ImageTree::open(&folder, Selection::default()).expect("the folder can be listed");
    assert_eq!(tree.files.len(), images.len());
    for image in &images {
        let name = image.file_name().expect("a path below the folder").as_bytes();
        assert!(has_image_extension(image) && !name.starts_with(b".") && !image.is_dir());
    }
    if let Ok(source) = Source::open(&folder, &Default::default()) {
        assert_eq!(source.len(), images.len());
        let none = source.for_each_batch(4, BadImages::Skip, |_| Ok::<(), DataError>(()));
        assert!(none.is_err(), "no file holds an image");
    }
});
