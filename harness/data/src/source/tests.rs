use std::io::Write;
use std::ops::ControlFlow;

use super::*;
use image::{ImageFormat, RgbImage};
use zip::write::SimpleFileOptions;

fn png(width: u32, height: u32, value: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = RgbImage::from_pixel(width, height, image::Rgb([value, value / 2, 7]));
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn zip_of(path: &Path, members: &[(&str, &[u8])]) {
    let mut writer = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

fn open(path: &Path) -> Result<Source, DataError> {
    Source::open(path, &SourceOptions::default())
}

/// First byte of every image, batch by batch, and what was left out.
fn batches(
    source: &Source,
    size: usize,
    bad: BadImages,
) -> Result<(Vec<Vec<u8>>, Vec<PathBuf>), DataError> {
    let mut seen = Vec::new();
    let skipped = source.for_each_batch(size, bad, |images| {
        seen.push(images.iter().map(|image| image.pixels[0]).collect());
        Ok::<(), DataError>(())
    })?;
    Ok((seen, skipped))
}

#[test]
fn a_folder_is_read_by_file_name_in_batches_and_not_below() {
    let root = tempfile::tempdir().unwrap();
    for (name, value) in [("b.png", 2), ("a.PNG", 1), ("c10.png", 3), ("c9.png", 4)] {
        fs::write(root.path().join(name), png(3, 2, value)).unwrap();
    }
    fs::write(root.path().join("notes.txt"), "text").unwrap();
    fs::write(root.path().join("._a.png"), "resource fork").unwrap();
    fs::create_dir(root.path().join("d.png")).unwrap();
    fs::write(root.path().join("d.png/e.png"), png(3, 2, 9)).unwrap();
    let source = open(root.path()).unwrap();
    assert_eq!(source.len(), 4);
    let (seen, skipped) = batches(&source, 3, BadImages::Refuse).unwrap();
    assert_eq!(seen, [vec![1, 2, 3], vec![4]]);
    assert!(skipped.is_empty());
    assert!(source.describe().ends_with("(folder, 4 images)"), "{}", source.describe());
}

#[test]
fn images_keep_their_own_sizes() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.png"), png(3, 2, 1)).unwrap();
    fs::write(root.path().join("b.png"), png(5, 9, 2)).unwrap();
    let mut sizes = Vec::new();
    let collect = |images: &[DecodedImage]| {
        sizes.extend(images.iter().map(|image| (image.width, image.height, image.pixels.len())));
        Ok::<(), DataError>(())
    };
    open(root.path()).unwrap().for_each_batch(8, BadImages::Refuse, collect).unwrap();
    assert_eq!(sizes, [(3, 2, 18), (5, 9, 135)]);
}

#[test]
fn a_zip_and_a_folder_of_the_same_files_agree() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("images");
    fs::create_dir(&folder).unwrap();
    let images: Vec<(String, Vec<u8>)> =
        (0..7).map(|index| (format!("{index}.png"), png(4, 4, index * 10))).collect();
    for (name, bytes) in &images {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let archive = root.path().join("images.ZIP");
    let named: Vec<(String, &[u8])> =
        images.iter().rev().map(|(name, bytes)| (format!("deep/er/{name}"), &bytes[..])).collect();
    let mut members: Vec<(&str, &[u8])> =
        named.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    members.push(("__MACOSX/deep/0.png", b"resource fork"));
    members.push(("readme.md", b"text"));
    zip_of(&archive, &members);
    let (folder, archive) = (open(&folder).unwrap(), open(&archive).unwrap());
    assert_eq!(
        batches(&folder, 2, BadImages::Refuse).unwrap(),
        batches(&archive, 2, BadImages::Refuse).unwrap(),
    );
    assert_eq!(
        folder.origin(BadImages::Refuse, &|_, _| ()).unwrap().sha256,
        archive.origin(BadImages::Refuse, &|_, _| ()).unwrap().sha256
    );
}

#[test]
fn the_content_hash_follows_the_bytes_and_not_the_names() {
    let hash_of = |names: [&str; 2], values: [u8; 2]| {
        let root = tempfile::tempdir().unwrap();
        for (name, value) in names.into_iter().zip(values) {
            fs::write(root.path().join(name), png(2, 2, value)).unwrap();
        }
        open(root.path()).unwrap().origin(BadImages::Refuse, &|_, _| ()).unwrap().sha256
    };
    assert_eq!(hash_of(["a.png", "b.png"], [1, 2]), hash_of(["x.png", "y.png"], [1, 2]));
    assert_ne!(hash_of(["a.png", "b.png"], [1, 2]), hash_of(["a.png", "b.png"], [2, 1]));
}

#[test]
fn a_damaged_file_is_named_or_skipped() {
    let whole = png(20, 20, 5);
    let damaged: [(&str, &[u8]); 3] =
        [("empty.png", b""), ("text.png", b"not an image"), ("cut.png", &whole[..whole.len() / 2])];
    for (name, bytes) in damaged {
        let root = tempfile::tempdir().unwrap();
        for (index, value) in [(0, 10), (1, 20), (2, 30)] {
            fs::write(root.path().join(format!("{index}.png")), png(2, 2, value)).unwrap();
        }
        let bad = root.path().join(format!("1{name}"));
        fs::write(&bad, bytes).unwrap();
        let source = open(root.path()).unwrap();
        let message = batches(&source, 2, BadImages::Refuse).unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
        let (seen, skipped) = batches(&source, 2, BadImages::Skip).unwrap();
        assert_eq!(seen, [vec![10, 20], vec![30]], "batches stay full around {name}");
        assert_eq!(skipped, [bad]);
    }
}

#[test]
fn a_folder_of_nothing_but_damaged_files_is_an_error_even_when_they_are_skipped() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.png"), "text").unwrap();
    assert!(batches(&open(root.path()).unwrap(), 2, BadImages::Skip).is_err());
}

#[cfg(unix)]
#[test]
fn a_pipe_called_an_image_does_not_block() {
    let root = tempfile::tempdir().unwrap();
    let pipe = root.path().join("pipe.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: mkfifo not found");
        return;
    }
    let message =
        batches(&open(root.path()).unwrap(), 1, BadImages::Refuse).unwrap_err().to_string();
    assert!(message.contains("not a regular file"), "{message}");
}

#[test]
fn a_folder_without_images_names_its_subfolders() {
    let root = tempfile::tempdir().unwrap();
    let message = open(root.path()).unwrap_err().to_string();
    assert!(message.contains("png, jpg"), "{message}");
    for class in ["class-a", "class-b"] {
        fs::create_dir(root.path().join(class)).unwrap();
        fs::write(root.path().join(class).join("x.png"), png(2, 2, 1)).unwrap();
    }
    let message = open(root.path()).unwrap_err().to_string();
    assert!(message.contains("2 images in subfolders") && message.contains("class-a"), "{message}");
}

#[test]
fn what_is_no_source_is_explained() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("features.bin");
    fs::write(&file, b"x").unwrap();
    let fake = root.path().join("fake.zip");
    fs::write(&fake, b"no archive at all").unwrap();
    let cases = [
        (file.to_str().unwrap(), "neither"),
        (fake.to_str().unwrap(), "fake.zip"),
        ("/no/such/folder", "no such file"),
        ("shapes", "shapes:train"),
        ("shapes:validation", "validation"),
        ("cifar11:test", "did you mean `cifar10`"),
    ];
    for (text, expected) in cases {
        let message = Source::open(text, &SourceOptions::default()).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn a_damaged_archive_member_is_named() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("images.zip");
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, value) in [("a.png", 1), ("b.png", 2)] {
        writer.start_file(name, stored).unwrap();
        writer.write_all(&png(8, 8, value)).unwrap();
    }
    writer.finish().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let at = 30 + "a.png".len() + 40;
    bytes[at] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    let source = open(&path).unwrap();
    let message = batches(&source, 4, BadImages::Refuse).unwrap_err().to_string();
    assert!(message.contains("a.png"), "{message}");
    let (seen, skipped) = batches(&source, 4, BadImages::Skip).unwrap();
    assert_eq!((seen, skipped.len()), (vec![vec![2]], 1));
}

#[test]
fn a_member_larger_than_declared_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bomb.zip");
    zip_of(&path, &[("bomb.png", &vec![0; 4 << 20])]);
    let mut bytes = fs::read(&path).unwrap();
    // Both headers then claim 16 bytes for what inflates to 4 MiB.
    let declared = (4_u32 << 20).to_le_bytes();
    let places: Vec<usize> =
        (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == declared).collect();
    assert_eq!(places.len(), 2, "the size stands in the local and in the central header");
    for at in places {
        bytes[at..at + 4].copy_from_slice(&16_u32.to_le_bytes());
    }
    fs::write(&path, bytes).unwrap();
    let message = batches(&open(&path).unwrap(), 1, BadImages::Refuse).unwrap_err().to_string();
    assert!(message.contains("bomb.png"), "{message}");
    assert!(message.contains("larger than its declared"), "{message}");
}

#[test]
fn few_large_images_are_decoded_at_a_time() {
    // Zeros that nobody reads take no memory.
    let large = |_| Ok(DecodedImage { pixels: vec![0; 100 << 20], width: 1, height: 1 });
    let mut portions = Vec::new();
    decode_all(9, 8, &large, &mut |decoded| {
        portions.push(decoded.len());
        ControlFlow::Continue(())
    });
    let first = rayon::current_num_threads().min(8);
    assert_eq!((portions[0], portions.iter().sum::<usize>()), (first, 9));
    assert!(portions[1..].iter().all(|&portion| portion <= 2), "{portions:?}");
}

#[test]
fn a_dataset_split_streams_as_rgb() {
    let options = LoadOptions { limit: Some(5), channels: Some(1), ..LoadOptions::default() };
    let load = SourceOptions { load: options, ..Default::default() };
    let source = Source::open("shapes:test", &load).unwrap();
    let dataset = datasets::load("shapes", Split::Test, None, &options).unwrap();
    assert_eq!(source.origin(BadImages::Refuse, &|_, _| ()).unwrap().sha256, dataset.sha256);
    let mut seen = Vec::new();
    let collect = |images: &[DecodedImage]| {
        seen.extend(images.iter().flat_map(|image| image.pixels.clone()));
        Ok::<(), DataError>(())
    };
    source.for_each_batch(2, BadImages::Refuse, collect).unwrap();
    let expected: Vec<u8> = dataset.images.iter().flat_map(|&grey| [grey; 3]).collect();
    assert_eq!(seen, expected);
}

#[test]
fn an_error_of_the_consumer_ends_the_iteration() {
    let options = LoadOptions { limit: Some(6), ..LoadOptions::default() };
    let load = SourceOptions { load: options, ..Default::default() };
    let source = Source::open("shapes:test", &load).unwrap();
    let mut calls = 0;
    let result = source.for_each_batch(2, BadImages::Refuse, |_| {
        calls += 1;
        Err(source.refused("stop"))
    });
    assert!(result.is_err());
    assert_eq!(calls, 1);
    let zero = source.for_each_batch(0, BadImages::Refuse, |_| Ok::<(), DataError>(()));
    assert!(zero.is_err());
}

/// Arrays that numpy wrote; `metrics/formats/tests/golden/make_npz.py` made them.
fn numpy_file(name: &str) -> String {
    format!("{}/../../metrics/formats/tests/golden/npz/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn images_of_an_array_stream_in_order() {
    for name in ["adm_samples.npz", "adm_samples_deflated.npz", "adm_reference.npz:arr_0"] {
        let source = Source::open(numpy_file(name), &SourceOptions::default()).unwrap();
        assert_eq!(source.len(), 5);
        assert!(source.describe().contains("array, 5 images"), "{}", source.describe());
        let mut sizes = Vec::new();
        let mut seen = Vec::new();
        let collect = |images: &[DecodedImage]| {
            sizes.push(images.len());
            assert!(images.iter().all(|image| (image.width, image.height) == (6, 4)));
            seen.extend(images.iter().flat_map(|image| image.pixels.clone()));
            Ok::<(), DataError>(())
        };
        source.for_each_batch(2, BadImages::Refuse, collect).unwrap();
        let expected: Vec<u8> =
            (0..360).map(|i| ((i * 251 + 17 * (i / 256)) % 256) as u8).collect();
        assert_eq!((sizes, seen), (vec![2, 2, 1], expected), "{name}");
    }
}

#[test]
fn arrays_that_are_no_images_are_refused() {
    for (name, expected) in [
        ("refused/floats.npz", "uint8"),
        ("pytorch_fid.npz", "no array `arr_0`, only mu, sigma"),
        ("none.npz", "no such file"),
    ] {
        let path = numpy_file(name);
        let message = Source::open(&path, &SourceOptions::default()).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains(&path), "{name}: {message}");
    }
}

fn notes(path: &Path) -> Vec<String> {
    let origin = open(path).unwrap().origin(BadImages::Skip, &|_, _| ()).unwrap();
    let prefix = format!("{}: ", path.display());
    origin.notes.iter().map(|note| note.strip_prefix(&prefix).unwrap().to_owned()).collect()
}

#[test]
fn what_is_left_out_or_changed_is_counted_with_an_example() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join("a.png"), png(1, 1, 1)).unwrap();
    assert_eq!(notes(folder), [""; 0]);
    fs::write(folder.join("b.gif"), "").unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/images");
    for name in ["rgba.png", "turned.jpg", "grey_16_bits.png", "animated.png", "cmyk.jpg"] {
        fs::copy(golden.join(name), folder.join(name)).unwrap();
    }
    let found = notes(folder);
    let starts = [
        "left out are 1 files whose names do not end as those of images do, such as b.gif",
        "1 of its images, such as rgba.png, are partly transparent: alpha is dropped",
        "1 of its images, such as grey_16_bits.png, are 16-bit grey, clipped at 255",
        "1 of its images, such as turned.jpg, have an EXIF orientation, which is not applied",
        "1 of its images, such as animated.png, are animated",
        "1 of its images, such as cmyk.jpg, are CMYK",
        "its images have 2 sizes, such as 1x1, 23x17: each is resized on its own",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (note, start) in found.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
    }
}

#[test]
fn hidden_members_are_left_out_whichever_way_folders_are_written() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.zip");
    let image = png(1, 1, 1);
    zip_of(&path, &[("dir/a.png", &image), ("dir\\._1.png", b"fork"), ("dir/b.txt", b"text")]);
    assert_eq!(open(&path).unwrap().len(), 1);
    assert!(notes(&path)[0].ends_with("b.txt"), "{:?}", notes(&path));
}

#[test]
fn a_file_that_changes_between_the_passes_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.png");
    fs::write(&path, png(1, 1, 1)).unwrap();
    let source = open(root.path()).unwrap();
    source.origin(BadImages::Refuse, &|_, _| ()).unwrap();
    fs::write(&path, png(1, 1, 9)).unwrap();
    // What was read is held, and is what was hashed.
    assert_eq!(batches(&source, 1, BadImages::Refuse).unwrap().0, [vec![1]]);
    let message = batches(&source, 1, BadImages::Refuse).unwrap_err().to_string();
    assert!(message.contains("changed while it was read"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_pipe_called_an_archive_does_not_block() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a.zip", "a.npz"] {
        let path = root.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("neither a file nor a folder"), "{error}");
    }
}
