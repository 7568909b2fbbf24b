//! Single images: damaged, of every kind, and too large.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use bench_tests::metric;
use image::{DynamicImage, GrayImage, ImageFormat};

use super::{encoded, eval, folder_of_images, picture, png, refused};

/// Puts files that are no images into `folder`; the name, the reason and the hint of each.
fn bad_files(folder: &Path) -> Vec<[&'static str; 3]> {
    let whole = picture(40, 40, 3);
    let cut = |format| {
        let bytes = encoded(&whole, format);
        bytes[..bytes.len() / 2].to_vec()
    };
    let (remove, convert, check) =
        ("replace or remove", "convert it to an 8-bit PNG", "check the file");
    let files: [(&str, Vec<u8>, &str, &str); 7] = [
        ("cut.png", cut(ImageFormat::Png), "cut off before its end", remove),
        ("cut.jpg", cut(ImageFormat::Jpeg), "cut off before its end", remove),
        ("text.png", b"a text".to_vec(), "not an image, whatever the name says", remove),
        ("empty.png", Vec::new(), "the file is empty", remove),
        ("moving.png", b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), "unsupported image", convert),
        ("flipped.png", flipped(png(20, 20, 1)), "damaged image", remove),
        (
            "bomb.png",
            claiming(20_000, 20_000),
            "20000x20000 pixels are too large",
            "scale the image down",
        ),
    ];
    let mut bad = Vec::new();
    for (name, bytes, reason, hint) in files {
        fs::write(folder.join(name), bytes).unwrap();
        bad.push([name, reason, hint]);
    }
    symlink("nowhere.png", folder.join("dangling.png")).unwrap();
    symlink("loop.png", folder.join("loop.png")).unwrap();
    bad.push(["dangling.png", "No such file", check]);
    bad.push(["loop.png", "symbolic links", check]);
    bad
}

/// A byte in the middle changed.
fn flipped(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    bytes
}

/// A BMP whose header claims so many pixels, three bytes each, and that has none.
fn claiming(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([1, 0, 24, 0]);
    bytes.resize(0x36, 0);
    bytes
}

#[test]
fn a_bad_image_is_named_with_reason_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("all")).unwrap();
    for [name, reason, hint] in bad_files(&root.join("all")) {
        folder_of_images(root, "one", 2);
        fs::rename(root.join("all").join(name), root.join("one").join(name)).unwrap();
        refused(&eval(root, "one"), &[&format!("one/{name}"), reason, hint]);
        fs::remove_dir_all(root.join("one")).unwrap();
    }
}

#[test]
fn bad_images_are_skipped_counted_and_named_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "images", 12);
    let clean = bench_tests::eval(root, &["images", "--metrics", "is"]);
    let bad = bad_files(&root.join("images"));
    let report = bench_tests::eval(root, &["images", "--metrics", "is", "--skip-bad-images"]);
    assert_eq!(report["n"][0], 12);
    assert_eq!(metric(&report, "is_mean"), metric(&clean, "is_mean"));
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains(&format!("{} bad images were left out", bad.len())), "{warnings}");
    for [name, ..] in bad {
        assert!(warnings.contains(&format!("images/{name}")), "{name} is not in {warnings}");
    }
    fs::create_dir(root.join("none")).unwrap();
    bad_files(&root.join("none"));
    let outcome = bench_tests::bench(root, &["eval", "none", "--skip-bad-images"]);
    refused(&outcome, &["`none`", "none of its files could be read as an image"]);
}

/// 16-bit, palette, grey, grey with alpha, RGBA, CMYK, one pixel: what `make_images.py` wrote. That the pixels are PIL's
/// is a test beside the decoder.
#[test]
fn images_of_every_kind_are_scored() {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../harness/data/tests/golden/images");
    let files = fs::read_dir(&images).unwrap().count();
    let unsupported = ["few_levels.pgm", "float.tif", "palette.tif"];
    let images = images.to_str().unwrap();
    let report =
        bench_tests::eval(Path::new("."), &[images, "--metrics", "is", "--skip-bad-images"]);
    assert_eq!(report["n"][0], files - unsupported.len(), "{report}");
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("3 bad images"), "{warnings}");
    assert!(unsupported.iter().all(|name| warnings.contains(name)), "{warnings}");
}

/// 10 000 x 10 000 pixels are within PIL's limit, which raises an error at 178 956 970, and within ours.
#[test]
fn an_image_of_a_hundred_million_pixels_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "large", 10);
    let image = DynamicImage::ImageLuma8(GrayImage::new(10_000, 10_000));
    fs::write(root.join("large/large.png"), encoded(&image, ImageFormat::Png)).unwrap();
    let report = bench_tests::eval(root, &["large", "--metrics", "is"]);
    assert_eq!(report["n"][0], 11);
}
