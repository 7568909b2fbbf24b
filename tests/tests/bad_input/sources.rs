//! Folders and archives that hold no images, or odd ones.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use bench_metrics::StatisticsFile;
use bench_tests::{bench, program};

use super::{archive, eval, folder_of_images, png, refused};

#[test]
fn what_holds_no_images_says_what_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    refused(
        &eval(root, "nowhere"),
        &["`nowhere`", "there is no such file or folder", "a source is"],
    );
    fs::create_dir(root.join("empty")).unwrap();
    refused(&eval(root, "empty"), &["`empty`", "it has no files that end in bmp, jpg"]);
    fs::create_dir(root.join("notes")).unwrap();
    fs::write(root.join("notes/readme.txt"), "text").unwrap();
    refused(&eval(root, "notes"), &["`notes`", "it has no files that end in bmp, jpg"]);
    fs::create_dir(root.join("classes")).unwrap();
    folder_of_images(root, "classes/cat", 1);
    folder_of_images(root, "classes/dog", 1);
    let texts = ["`classes`", "2 images in subfolders", "such as cat/", "--recursive takes them"];
    refused(&eval(root, "classes"), &texts);
    fs::write(root.join("file.bin"), "bytes").unwrap();
    refused(&eval(root, "file.bin"), &["`file.bin`", "neither .zip nor .npz", "a source is"]);
    symlink("loop", root.join("loop")).unwrap();
    refused(&eval(root, "loop"), &["cannot read loop", "symbolic links", "check the path"]);
    archive(&root.join("texts.zip"), &[("a.txt", b"text")]);
    refused(&eval(root, "texts.zip"), &["`texts.zip`", "it has no files that end in bmp, jpg"]);
    fs::write(root.join("text.zip"), "no archive").unwrap();
    refused(&eval(root, "text.zip"), &["archive text.zip", "make it again"]);
}

#[test]
fn a_path_that_is_no_text_is_a_path() {
    let output = std::process::Command::new(program())
        .args([OsStr::new("eval"), OsStr::from_bytes(b"\xff")])
        .output()
        .unwrap();
    bench_tests::Outcome::from(output).failure(3, "no such file or folder");
}

#[test]
fn one_image_has_no_covariance() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "one", 1);
    folder_of_images(root, "two", 2);
    let outcome = bench(root, &["eval", "one", "two", "--metrics", "fid"]);
    refused(&outcome, &["a covariance needs at least 2 images, not 1", "give more images"]);
    bench(root, &["eval", "two", "two", "--metrics", "fid"]).success();
}

#[test]
fn odd_names_are_read_and_what_is_no_image_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "odd", 10);
    let odd = root.join("odd");
    fs::write(odd.join("LOUD.PNG"), png(8, 8, 20)).unwrap();
    fs::write(odd.join("Mixed.Jpeg"), png(8, 8, 21)).unwrap();
    fs::write(odd.join(OsStr::from_bytes(b"not\xffutf8.png")), png(8, 8, 22)).unwrap();
    symlink("LOUD.PNG", odd.join("link.png")).unwrap();
    // None of these counts.
    fs::write(odd.join("notes.txt"), "text").unwrap();
    fs::write(odd.join(".hidden.png"), "text").unwrap();
    fs::create_dir(odd.join("folder.png")).unwrap();
    symlink(".", odd.join("self.png")).unwrap();
    let report = bench_tests::eval(root, &["odd", "--metrics", "is"]);
    // pytorch-fid tells capital letters from small ones.
    assert_eq!(report["n"][0], 12, "{report}");
    let fidelity = ["odd", "--metrics", "is", "--protocol", "torch-fidelity"];
    assert_eq!(bench_tests::eval(root, &fidelity)["n"][0], 14);

    fs::write(odd.join(OsStr::from_bytes(b"bad\xff.png")), "text").unwrap();
    refused(&eval(root, "odd"), &["odd/bad\u{fffd}.png", "not an image", "replace or remove"]);
}

/// Members are decoded in memory: a name that leads out of the archive leads nowhere.
#[test]
fn archives_are_never_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("inner")).unwrap();
    let images: Vec<(String, Vec<u8>)> =
        (0..10).map(|seed| (format!("../../outside-{seed}.png"), png(8, 8, seed))).collect();
    let members: Vec<(&str, &[u8])> =
        images.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    archive(&root.join("inner/images.zip"), &members);
    let report = bench_tests::eval(&root.join("inner"), &["images.zip", "--metrics", "is"]);
    assert_eq!(report["n"][0], 10);
    assert_eq!(fs::read_dir(root).unwrap().count(), 1);
    assert_eq!(fs::read_dir(root.join("inner")).unwrap().count(), 1);
}

/// 513 MiB of zeros, which deflate to half a megabyte.
#[test]
fn a_zip_bomb_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    archive(&root.join("bomb.zip"), &[("bomb.png", &vec![0; 513 << 20])]);
    assert!(fs::metadata(root.join("bomb.zip")).unwrap().len() < 1 << 20);
    refused(
        &eval(root, "bomb.zip"),
        &["bomb.zip/bomb.png", "larger than 512 MiB", "make it again"],
    );
}

/// Each image is resized on its own: a folder of two sizes has the mean of what the sizes have alone.
#[test]
fn sizes_may_differ_within_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["small", "large", "mixed"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    for seed in 0..6 {
        for (name, side) in [("small", 1), ("large", 45)] {
            let bytes = png(side, side + u32::from(seed), seed);
            fs::write(root.join(name).join(format!("{seed}.png")), &bytes).unwrap();
            fs::write(root.join("mixed").join(format!("{seed}-{name}.png")), &bytes).unwrap();
        }
    }
    let [small, large, mixed] = ["small", "large", "mixed"].map(|name| {
        let file = format!("{name}.npz");
        bench(root, &["stats", name, &file]).success();
        StatisticsFile::read(&root.join(file)).unwrap().gaussian
    });
    assert_eq!(mixed.n(), Some(12));
    let means = small.mean().into_iter().zip(large.mean()).zip(mixed.mean());
    for ((small, large), mixed) in means {
        // Sums of the same f32 features in f64, in another order.
        assert!(((small + large) / 2.0 - mixed).abs() < 1e-9, "{small} {large} {mixed}");
    }
}
