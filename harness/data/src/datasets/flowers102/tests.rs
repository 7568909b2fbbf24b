use std::fs;

use image::{ImageFormat, RgbImage};

use super::*;
use crate::datasets::{ImageCache, load};

/// A MATLAB file of version 5 with rows of `u16`.
fn mat_file(arrays: &[(&str, &[u16])]) -> Vec<u8> {
    let element = |kind: u32, data: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let mut file = vec![b' '; 124];
    file.extend([0, 1, b'I', b'M']);
    for (name, values) in arrays {
        let flags = [11_u32.to_le_bytes(), [0; 4]].concat();
        let extents = [1_u32.to_le_bytes(), (values.len() as u32).to_le_bytes()].concat();
        let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let array = [
            element(6, &flags),
            element(5, &extents),
            element(1, name.as_bytes()),
            element(4, &values),
        ];
        file.extend(element(14, &array.concat()));
    }
    file
}

/// Image `number` is a wide one: grey 10 · number in the middle square, white beside it.
fn photograph(number: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(120, 80, |x, _| {
        let inside = (20..100).contains(&x);
        image::Rgb([if inside { 10 * number as u8 } else { 255 }; 3])
    });
    let mut bytes = io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Six images: 2 and 4 to train on, 6 to validate on, the others to test with.
fn write_labels(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let labels = mat_file(&[("labels", &[1, 1, 102, 2, 7, 3])]);
    fs::write(folder.join("imagelabels.mat"), labels).unwrap();
    write_parts(folder, &[4, 2]);
}

fn write_parts(folder: &Path, train: &[u16]) {
    let parts = mat_file(&[("trnid", train), ("valid", &[6]), ("tstid", &[1, 3, 5])]);
    fs::write(folder.join("setid.mat"), parts).unwrap();
}

fn write_folder(folder: &Path) {
    fs::create_dir_all(folder.join("jpg")).unwrap();
    for number in 1..=6 {
        fs::write(folder.join("jpg").join(file_name(number)), photograph(number)).unwrap();
    }
}

fn write_archive(folder: &Path, numbers: &[u32]) {
    let file = fs::File::create(folder.join("102flowers.tgz")).unwrap();
    let gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for &number in numbers {
        let bytes = photograph(number);
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("jpg/{}", file_name(number)), &bytes[..]).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

fn read(root: &Path, split: Split, size: u32) -> Result<crate::datasets::Dataset, DataError> {
    let options = LoadOptions { size: Some(size), ..LoadOptions::default() };
    load("flowers102", split, Some(root), &options)
}

#[test]
fn splits_labels_and_the_middle_square_are_taken() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("flowers102");
    write_labels(&folder);
    write_folder(&folder);
    let train = read(root.path(), Split::Train, 16).unwrap();
    assert_eq!((train.n, train.height, train.width, train.channels), (3, 16, 16, 3));
    assert_eq!(train.labels, Some(vec![0, 1, 2]));
    for (index, number) in [2_u8, 4, 6].into_iter().enumerate() {
        // The white margins are cut off, so the image is of one grey to its edges.
        assert!(train.image(index).unwrap().iter().all(|&byte| byte == 10 * number), "{number}");
    }
    assert!(!train.comparable);
    let test = read(root.path(), Split::Test, 8).unwrap();
    assert_eq!((test.n, test.labels), (3, Some(vec![0, 101, 6])));
    let options = LoadOptions { size: Some(8), ..LoadOptions::default() };
    let all = load("flowers102-all", Split::Train, Some(root.path()), &options).unwrap();
    assert_eq!((all.n, all.labels), (6, Some(vec![0, 0, 101, 1, 6, 2])));
    let native = load("flowers102", Split::Test, Some(root.path()), &LoadOptions::default());
    assert_eq!(native.unwrap().height, 64);
}

#[test]
fn the_archive_gives_what_the_folder_gives() {
    let root = tempfile::tempdir().unwrap();
    let (unpacked, packed) = (root.path().join("a"), root.path().join("b"));
    write_labels(&unpacked);
    write_folder(&unpacked);
    write_labels(&packed);
    write_archive(&packed, &[5, 6, 1, 2, 3, 4]);
    for split in Split::ALL {
        let (a, b) = (read(&unpacked, split, 12).unwrap(), read(&packed, split, 12).unwrap());
        assert_eq!(a.sha256, b.sha256, "{split}");
    }
}

#[test]
fn the_cache_follows_the_archive_and_the_choice_of_images() {
    let root = tempfile::tempdir().unwrap();
    write_labels(root.path());
    write_archive(root.path(), &[5, 6, 1, 2, 3, 4]);
    let cache = ImageCache::at(&root.path().join("cache"));
    let load = |cache| {
        let options = LoadOptions { size: Some(8), cache, ..LoadOptions::default() };
        load("flowers102", Split::Train, Some(root.path()), &options).unwrap()
    };
    let first = load(None);
    for _ in 0..2 {
        assert_eq!(load(Some(&cache)), first);
    }
    // Image 3 instead of image 4, from the same archive.
    write_parts(root.path(), &[3, 2]);
    let second = load(Some(&cache));
    assert_eq!(second, load(None));
    assert_ne!(second, first);
    // Fewer images in the archive: another file.
    write_archive(root.path(), &[2, 3, 6]);
    assert_eq!(load(Some(&cache)), second);
    assert_eq!(fs::read_dir(root.path().join("cache/images")).unwrap().count(), 3);
}

#[test]
fn a_limit_is_spread_over_the_split() {
    let root = tempfile::tempdir().unwrap();
    write_labels(root.path());
    write_folder(root.path());
    let options = LoadOptions { limit: Some(2), ..LoadOptions::default() };
    let two = load("flowers102", Split::Train, Some(root.path()), &options).unwrap();
    assert_eq!(two.labels, Some(vec![0, 1]));
}

#[test]
fn what_does_not_fit_together_is_named() {
    let root = tempfile::tempdir().unwrap();
    let message = || read(root.path(), Split::Train, 8).unwrap_err().to_string();
    write_labels(root.path());
    assert!(message().contains("102flowers.tgz"), "{}", message());
    write_archive(root.path(), &[2, 4]);
    assert!(message().contains("it has no image_00006.jpg"), "{}", message());
    write_parts(root.path(), &[2, 7]);
    assert!(message().contains("image 7, and there are labels for 6"), "{}", message());
    write_parts(root.path(), &[0]);
    assert!(message().contains("image 0"), "{}", message());
    write_parts(root.path(), &[6]);
    assert!(message().contains("image 6 twice"), "{}", message());
    let labels = mat_file(&[("labels", &[103])]);
    fs::write(root.path().join("imagelabels.mat"), labels).unwrap();
    assert!(message().contains("label 103"), "{}", message());
    fs::write(root.path().join("setid.mat"), "no matlab").unwrap();
    write_labels(root.path());
    fs::remove_file(root.path().join("setid.mat")).unwrap();
    assert!(message().contains("setid.mat"), "{}", message());
    write_parts(root.path(), &[2]);
    fs::create_dir(root.path().join("jpg")).unwrap();
    for number in [2, 4, 6] {
        fs::write(root.path().join("jpg").join(file_name(number)), "text").unwrap();
    }
    assert!(message().contains("image_00002.jpg"), "{}", message());
}
