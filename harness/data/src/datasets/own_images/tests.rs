use std::io::{Cursor, Write};

use image::{ImageFormat, Rgb, RgbImage};
use zip::write::SimpleFileOptions;

use super::*;
use crate::datasets::{Dataset, find, load};

/// An image whose grey is `value`, and white beside the square in the middle.
fn png(width: u32, height: u32, value: u8) -> Vec<u8> {
    let edge = width.min(height);
    let inside = |x: u32, y: u32| {
        let (left, top) = ((width - edge) / 2, (height - edge) / 2);
        (left..left + edge).contains(&x) && (top..top + edge).contains(&y)
    };
    let grey = |x, y| if inside(x, y) { value } else { 255 };
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([grey(x, y); 3]));
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Files of these names: images of 8x8 pixels, numbered by their place, and the bytes of others.
fn contents(names: &[&str], others: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let images = names.iter().zip(0..).map(|(name, i)| ((*name).to_owned(), png(8, 8, i)));
    let others = others.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    images.chain(others).collect()
}

fn write_folder(root: &Path, files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn write_zip(path: &Path, files: &[(String, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

fn read(path: &Path, split: Split) -> Result<Dataset, DataError> {
    load(path.to_str().unwrap(), split, None, &LoadOptions::default())
}

/// What is read of a folder, of a zip of it, and of a zip with a folder around it, which must be the same.
fn read_all_ways(names: &[&str], others: &[(&str, &str)], split: Split) -> Dataset {
    let root = tempfile::tempdir().unwrap();
    let files = contents(names, others);
    write_folder(&root.path().join("photos"), &files);
    write_zip(&root.path().join("photos.zip"), &files);
    let wrapped: Vec<_> =
        files.into_iter().map(|(name, bytes)| (format!("top/in/{name}"), bytes)).collect();
    write_zip(&root.path().join("wrapped.zip"), &wrapped);
    let [folder, zip, wrapped] = ["photos", "photos.zip", "wrapped.zip"]
        .map(|name| read(&root.path().join(name), split).unwrap());
    assert_eq!((&folder.sha256, &folder.classes), (&zip.sha256, &zip.classes));
    assert_eq!((&folder.sha256, &folder.classes), (&wrapped.sha256, &wrapped.classes));
    assert_eq!((folder.name.as_str(), zip.name.as_str()), ("photos", "photos"));
    assert!(!folder.comparable);
    folder
}

/// The numbers of the images, by their place among the files.
fn numbers(dataset: &Dataset) -> Vec<u8> {
    dataset.images.chunks(dataset.image_len()).map(|image| image[0]).collect()
}

#[test]
fn class_folders_in_split_folders_are_both_splits() {
    let names = [
        "test/dog/5.png",
        "train/dog/1.png",
        "train/cat/9.png",
        "test/cat/1.png",
        "train/dog/2.jpg.png",
    ];
    let train = read_all_ways(&names, &[("notes.txt", "text")], Split::Train);
    assert_eq!(
        (numbers(&train), train.classes.as_slice()),
        (vec![2, 1, 4], &["cat".into(), "dog".into()][..])
    );
    assert_eq!(train.labels, Some(vec![0, 1, 1]));
    assert!(
        train.provenance.contains("class folders in split folders, train and test"),
        "{}",
        train.provenance
    );
    let test = read_all_ways(&names, &[], Split::Test);
    assert_eq!((numbers(&test), test.labels), (vec![3, 0], Some(vec![0, 1])));

    let validation = names.map(|name| name.replace("test", "val"));
    let validation = validation.each_ref().map(String::as_str);
    assert_eq!(read_all_ways(&validation, &[], Split::Test).labels, Some(vec![0, 1]));
    // With both, the one is the test split and the other in neither.
    let both = [&names[..], &["val/cat/3.png", "val/owl/3.png"]].concat();
    assert_eq!(numbers(&read_all_ways(&both, &[], Split::Train)), [2, 1, 4]);
    assert_eq!(numbers(&read_all_ways(&both, &[], Split::Test)), [3, 0]);
}

#[test]
fn without_a_test_split_a_tenth_of_every_class_is_drawn() {
    // Four of the first class and 21 of the second.
    let names: Vec<String> = (0..25).map(|i| format!("{}/{i:02}.png", u8::from(i >= 4))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (train, test) =
        (read_all_ways(&names, &[], Split::Train), read_all_ways(&names, &[], Split::Test));
    assert_eq!((train.n, train.classes.as_slice()), (23, &["0".into(), "1".into()][..]));
    // Those whose names come first by their digests, as Python's hashlib says too.
    assert_eq!((numbers(&test), test.labels.as_deref()), (vec![6, 10], Some(&[1, 1][..])));
    let mut all = [numbers(&train), numbers(&test)].concat();
    all.sort_unstable();
    assert_eq!(all, (0..25).collect::<Vec<u8>>());
    assert!(train.provenance.contains("class folders, of every class one"), "{}", train.provenance);

    // The draw of a class depends on its own names alone.
    let second = read_all_ways(&names[4..], &[], Split::Test);
    assert_eq!(second.n, test.n);
    let more: Vec<&str> = names.iter().copied().chain(["2/1.png", "2/2.png"]).collect();
    assert_eq!(numbers(&read_all_ways(&more, &[], Split::Test)), numbers(&test));

    let only_train: Vec<String> = names.iter().map(|name| format!("train/{name}")).collect();
    let only_train: Vec<&str> = only_train.iter().map(String::as_str).collect();
    assert_eq!(read_all_ways(&only_train, &[], Split::Test).sha256, test.sha256);

    let few = tempfile::tempdir().unwrap();
    write_folder(few.path(), &contents(&names[..4], &[]));
    let message = read(few.path(), Split::Test).unwrap_err().to_string();
    assert!(message.contains("its 4 images leave none for `test`"), "{message}");
}

#[test]
fn images_without_classes_have_no_labels() {
    let names: Vec<String> = (0..10).map(|i| format!("{i}.png")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let root = tempfile::tempdir().unwrap();
    write_folder(root.path(), &contents(&names, &[]));
    let test = read(root.path(), Split::Test).unwrap();
    assert_eq!((numbers(&test), test.labels, test.classes.len()), (vec![0], None, 0));
    let split = read_all_ways(&["train/1.png", "train/2.png", "test/3.png"], &[], Split::Train);
    assert_eq!((numbers(&split), split.labels), (vec![0, 1], None));
}

#[test]
fn stylegans_labels_win_over_folders() {
    let names = ["00000/a.png", "00000/b.png", "00001/c.png"];
    let json = r#"{"labels": [["00001/c.png", 2], ["00000/a.png", 0], ["00000/b.png", 2]]}"#;
    let labelled = read_all_ways(&names, &[("dataset.json", json)], Split::Train);
    assert_eq!(labelled.labels, Some(vec![0, 2, 2]));
    assert_eq!(labelled.classes, ["0", "1", "2"]);
    assert!(labelled.provenance.contains("dataset.json"), "{}", labelled.provenance);
    let null = read_all_ways(&names, &[("dataset.json", r#"{"labels": null}"#)], Split::Train);
    assert_eq!((null.labels, null.n), (None, 3));
    // In one folder, which holds everything but no dataset.json.
    let json = r#"{"labels": [["00000/a.png", 1], ["00000/b.png", 1]]}"#;
    let one = read_all_ways(&names[..2], &[("dataset.json", json)], Split::Train);
    assert_eq!(one.labels, Some(vec![1, 1]));
}

#[test]
fn other_sizes_become_the_middle_square() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().to_str().unwrap();
    let mut files = contents(&["a.png", "b.png"], &[]);
    write_folder(root.path(), &files);
    let native = load(path, Split::Train, None, &LoadOptions::default()).unwrap();
    assert_eq!((native.height, native.width, native.channels), (8, 8, 3));
    files.push(("c.png".to_owned(), png(30, 12, 7)));
    write_folder(root.path(), &files);
    let mixed = load(path, Split::Train, None, &LoadOptions::default()).unwrap();
    assert_eq!((mixed.height, mixed.width), (64, 64));
    let options = LoadOptions { size: Some(8), ..Default::default() };
    let asked = load(path, Split::Train, None, &options).unwrap();
    assert_eq!(asked.images[..2 * 192], native.images[..]);
    assert_eq!(asked.images[2 * 192..], [7; 192]);
    assert!(asked.provenance.contains("not 8x8 the middle square"), "{}", asked.provenance);
    let options = LoadOptions { limit: Some(2), ..Default::default() };
    assert_eq!(load(path, Split::Train, None, &options).unwrap().sha256, native.sha256);
}

#[test]
fn what_fits_no_layout_is_explained() {
    let message = |names: &[&str], others: &[(&str, &str)]| {
        let root = tempfile::tempdir().unwrap();
        write_folder(root.path(), &contents(names, others));
        let message = read(root.path(), Split::Train).unwrap_err().to_string();
        assert!(message.contains(root.path().to_str().unwrap()), "{message}");
        message
    };
    assert!(message(&[], &[("notes.txt", "")]).contains("it holds no images"));
    assert!(message(&["1.png", "cat/2.png"], &[]).contains("`1.png` lies in no class folder"));
    assert!(
        message(&["train/1.png", "test/cat/2.png"], &[]).contains("`train/1.png` lies in no class")
    );
    assert!(message(&["a/b/1.png", "a/2.png"], &[]).contains("`a/b/1.png` lies deeper"));
    assert!(
        message(&["train/a/b/1.png", "train/2.png"], &[]).contains("`train/a/b/1.png` lies deeper")
    );
    assert!(message(&["test/cat/1.png"], &[]).contains("lies deeper"));
    let damaged = message(&["1.png"], &[("dataset.json", r#"{"labels": [["2.png", 0]]}"#)]);
    assert!(damaged.contains("dataset.json is not usable: it labels `2.png`"), "{damaged}");
    let text = message(&["1.png"], &[("2.png", "a text")]);
    assert!(text.contains("2.png: the contents are not an image"), "{text}");
}

#[test]
fn paths_are_told_from_names() {
    let root = tempfile::tempdir().unwrap();
    let place = |name: &str| root.path().join(name);
    for name in ["My photos, 2024", "cifar10"] {
        write_folder(&place(name), &contents(&["1.png"], &[]));
    }
    let found = |path: PathBuf| find(path.to_str().unwrap()).unwrap().name().to_owned();
    assert_eq!(found(place("My photos, 2024/.")), "My-photos--2024");
    assert_eq!(found(place("cifar10")), "own-cifar10");
    assert_eq!(find("cifar10").unwrap().name(), "cifar10");
    let message = |name: &str| find(name).err().unwrap().to_string();
    assert!(message("nowhere/").contains("there is no such file or folder"));
    assert!(message("nowhere.zip").contains("there is no such file or folder"));
    assert!(message("shape").contains("did you mean `shapes`"));
    fs::write(place("file.bin"), "").unwrap();
    assert!(message(place("file.bin").to_str().unwrap()).contains("a folder of images or a .zip"));
    fs::write(place("text.zip"), "text").unwrap();
    assert!(message(place("text.zip").to_str().unwrap()).contains("text.zip"));
}

#[test]
fn no_changed_byte_of_an_archive_panics() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("images.zip");
    let json = r#"{"labels": [["0/a.png", 1], ["0/b.png", 0]]}"#;
    write_zip(&path, &contents(&["0/a.png", "0/b.png"], &[("dataset.json", json)]));
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let cut = whole[..at].to_vec();
        for bytes in [changed, cut] {
            fs::write(&path, bytes).unwrap();
            match read(&path, Split::Train) {
                Ok(dataset) => assert_eq!(dataset.images.len(), dataset.n * dataset.image_len()),
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().contains("images"), "{error}");
                }
            }
        }
    }
    assert!(refused > whole.len(), "every cut is refused: {refused} of {}", whole.len());
}
