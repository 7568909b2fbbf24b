use std::io::Write;

use super::*;
use crate::datasets::accepted::{AcceptedFile, remove_mark};
use crate::datasets::{Dataset, load};
use image::{ImageFormat, RgbImage};
use zip::write::SimpleFileOptions;

/// A batch whose record `i` has label `(i + shift) mod 10`, red `i mod 251`, green `shift`, and a
/// blue that is the pixel's column.
fn batch(shift: usize) -> Vec<u8> {
    let record = |index: usize| {
        let label = [((index + shift) % 10) as u8];
        let red = [(index % 251) as u8; 1024];
        let green = [shift as u8; 1024];
        let blue: Vec<u8> = (0..1024).map(|pixel| (pixel % 32) as u8).collect();
        [&label[..], &red, &green, &blue].concat()
    };
    (0..10_000).flat_map(record).collect()
}

fn batches() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
        "test_batch.bin",
    ];
    names.into_iter().enumerate().map(|(shift, name)| (name, batch(shift))).collect()
}

/// A batch of the binary version as Python 2 pickled it.
fn pickled(batch: &[u8]) -> Vec<u8> {
    let records = || batch.chunks_exact(3073);
    let mut pickle = b"\x80\x02}(U\x06labels](".to_vec();
    records().for_each(|record| pickle.extend([b'K', record[0]]));
    pickle.extend(
        b"eU\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R",
    );
    pickle.extend(b"(K\x01M\x10\x27M\0\x0c\x86cnumpy\ndtype\nU\x02u1K\0K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xff");
    pickle.extend(b"J\xff\xff\xff\xffK\0tb\x89T");
    pickle.extend((10_000_u32 * 3072).to_le_bytes());
    records().for_each(|record| pickle.extend(&record[1..]));
    pickle.extend(b"tbu.");
    pickle
}

fn write_tar_gz(path: &Path, members: &[(&str, &[u8])]) {
    let gzip =
        flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let name = format!("cifar-10-batches-bin/{name}");
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

fn png(side: u32, value: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = RgbImage::from_pixel(side, side, image::Rgb([value, 1, 2]));
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Two images a class under `train/`, of which the first byte is `10 * class + position`.
fn class_images() -> Vec<(String, Vec<u8>)> {
    let classes = official::CLASSES.iter().enumerate();
    let image = |class: usize, name: &str, position: usize| {
        (format!("train/{name}/{position:04}.png"), png(32, (10 * class + position) as u8))
    };
    classes
        .flat_map(|(class, name)| (0..2).map(move |position| image(class, name, position)))
        .collect()
}

fn read(root: &Path, split: Split, limit: Option<usize>) -> Result<Dataset, DataError> {
    load("cifar10", split, Some(root), &LoadOptions { limit, ..LoadOptions::default() })
}

#[test]
fn the_official_layouts_agree_and_are_comparable() {
    let root = tempfile::tempdir().unwrap();
    let batches = batches();
    let folder = root.path().join("folder/cifar10/cifar-10-batches-bin");
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &batches {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let archive = root.path().join("archive");
    fs::create_dir(&archive).unwrap();
    // Out of order, as in the official archive.
    let mut members: Vec<(&str, &[u8])> =
        batches.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    members.swap(0, 3);
    members.insert(0, ("batches.meta.txt", b"airplane\n"));
    write_tar_gz(&archive.join("cifar-10-binary.tar.gz"), &members);

    let unpacked = read(&root.path().join("folder"), Split::Train, None).unwrap();
    let streamed = read(&archive, Split::Train, None).unwrap();
    assert_eq!(unpacked.n, 50_000);
    assert_eq!(unpacked.sha256, streamed.sha256);
    assert!(unpacked.comparable && streamed.comparable);
    // Record 7 of batch 3 (shift 2): planes became pixels.
    let index = 20_007;
    assert_eq!(unpacked.labels.as_ref().unwrap()[index], 9);
    let image = unpacked.image(index).unwrap();
    assert_eq!(image[..6], [7, 2, 0, 7, 2, 1]);
    assert_eq!(image[3 * 32..3 * 33], [7, 2, 0]);
    let test = read(&archive, Split::Test, None).unwrap();
    assert_eq!((test.n, test.image(0).unwrap()[1]), (10_000, 5));
    assert!(test.comparable);
    let path = archive.join("cifar-10-binary.tar.gz");
    AcceptedFile { path: path.clone(), sha256: "ab".repeat(32) }.write_mark().unwrap();
    let marked = read(&archive, Split::Test, None).unwrap();
    assert!(!marked.comparable, "its user said that it is not the published file");
    assert!(marked.provenance.ends_with("is not the published file"), "{}", marked.provenance);
    assert_eq!(marked.sha256, test.sha256);
    remove_mark(&path).unwrap();
    assert!(read(&archive, Split::Test, None).unwrap().comparable);

    let part = read(&root.path().join("folder"), Split::Train, Some(10_003)).unwrap();
    assert_eq!(part.images[..], unpacked.images[..10_003 * 3072]);
    assert!(!part.comparable);
}

#[test]
fn the_python_version_has_the_contents_of_the_binary_version() {
    let root = tempfile::tempdir().unwrap();
    let [binary, folder, archive] = ["binary", "folder", "archive"].map(|name| {
        let place = root.path().join(name);
        fs::create_dir_all(&place).unwrap();
        place
    });
    let python: Vec<(&str, Vec<u8>)> = batches()
        .into_iter()
        .map(|(name, bytes)| {
            fs::write(binary.join(name), &bytes).unwrap();
            (name.trim_end_matches(".bin"), pickled(&bytes))
        })
        .collect();
    let unpacked = folder.join("cifar-10-batches-py");
    fs::create_dir(&unpacked).unwrap();
    for (name, bytes) in &python {
        fs::write(unpacked.join(name), bytes).unwrap();
    }
    let members: Vec<(&str, &[u8])> =
        python.iter().rev().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    write_tar_gz(&archive.join("cifar-10-python.tar.gz"), &members);

    for split in Split::ALL {
        let of_binary = read(&binary, split, None).unwrap();
        for place in [&folder, &archive] {
            let of_python = read(place, split, None).unwrap();
            assert_eq!(of_python.sha256, of_binary.sha256, "{}", of_python.provenance);
            assert!(of_python.comparable && of_python.provenance.contains("python version"));
        }
    }
    fs::write(unpacked.join("test_batch"), &python[5].1[..9000]).unwrap();
    let message = read(&folder, Split::Test, None).unwrap_err().to_string();
    assert!(message.contains("test_batch") && message.contains("at byte 9000"), "{message}");
    let twice = [members[1], members[1]];
    write_tar_gz(&archive.join("cifar-10-python.tar.gz"), &twice);
    let message = read(&archive, Split::Train, None).unwrap_err().to_string();
    assert!(message.contains("two members called data_batch_5"), "{message}");
}

#[test]
fn damaged_batches_are_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("test_batch.bin");
    fs::write(root.path().join("data_batch_1.bin"), b"").unwrap();
    let whole = batch(0);
    let mut wrong_label = whole.clone();
    wrong_label[3073] = 10;
    let longer = [&whole[..], &[0]].concat();
    let cases = [(&whole[..3073], "fewer"), (&longer, "more"), (&wrong_label, "label 10")];
    for (bytes, expected) in cases {
        fs::write(&file, bytes).unwrap();
        let message = read(root.path(), Split::Test, None).unwrap_err().to_string();
        assert!(message.contains("test_batch.bin"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    fs::remove_file(&file).unwrap();
    let message = read(root.path(), Split::Test, None).unwrap_err().to_string();
    assert!(message.contains("test_batch.bin"), "{message}");
}

#[test]
fn damaged_archives_are_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("cifar-10-binary.tar.gz");
    let whole = batch(0);
    write_tar_gz(&path, &[("data_batch_1.bin", &whole)]);
    let message = read(root.path(), Split::Test, None).unwrap_err().to_string();
    assert!(message.contains("it has no test_batch.bin"), "{message}");
    write_tar_gz(&path, &[("test_batch.bin", &whole)]);
    let bytes = fs::read(&path).unwrap();
    for cut in [&bytes[..bytes.len() / 2], b"not gzip".as_slice(), b""] {
        fs::write(&path, cut).unwrap();
        let message = read(root.path(), Split::Test, None).unwrap_err().to_string();
        assert!(message.contains("cifar-10-binary.tar.gz"), "{message}");
    }
}

#[test]
fn class_folders_plain_and_zipped_agree() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("plain");
    for (name, bytes) in class_images() {
        let path = folder.join("cifar10").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let zipped = root.path().join("zipped");
    fs::create_dir(&zipped).unwrap();
    let mut archive =
        zip::ZipWriter::new(fs::File::create(zipped.join("cifar10-png.zip")).unwrap());
    for (name, bytes) in class_images().into_iter().rev() {
        archive.start_file(format!("top/{name}"), SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
    fs::write(zipped.join("cifar100.zip"), b"another dataset").unwrap();

    let plain = read(&folder, Split::Train, None).unwrap();
    let zip = read(&zipped, Split::Train, None).unwrap();
    assert_eq!(plain.sha256, zip.sha256);
    assert!(!plain.comparable, "re-encoded images are not the official bytes");
    assert_eq!(plain.labels.as_ref().unwrap()[..5], [0, 0, 1, 1, 2]);
    let first_bytes: Vec<u8> = (0..20).map(|index| plain.image(index).unwrap()[0]).collect();
    assert_eq!(first_bytes[..6], [0, 1, 10, 11, 20, 21]);

    let part = read(&zipped, Split::Train, Some(12)).unwrap();
    assert_eq!(part.labels.unwrap(), [0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The split that is not there is missing, not empty.
    assert!(matches!(read(&folder, Split::Test, None), Err(DataError::NotFound { .. })));
    assert!(matches!(read(&zipped, Split::Test, None), Err(DataError::NotFound { .. })));

    fs::write(folder.join("cifar10/train/frog/0001.png"), png(31, 0)).unwrap();
    let message = read(&folder, Split::Train, None).unwrap_err().to_string();
    assert!(message.contains("0001.png") && message.contains("31x31"), "{message}");
    fs::remove_dir_all(folder.join("cifar10/train/frog")).unwrap();
    let message = read(&folder, Split::Train, None).unwrap_err().to_string();
    assert!(message.contains("frog"), "{message}");
}

#[test]
fn the_official_bytes_win_over_class_folders() {
    let root = tempfile::tempdir().unwrap();
    for (name, bytes) in class_images() {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let folder = root.path().join("cifar10/cifar-10-batches-bin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("data_batch_1.bin"), batch(0)).unwrap();
    let dataset = read(root.path(), Split::Train, Some(3)).unwrap();
    assert!(dataset.provenance.contains("official"), "{}", dataset.provenance);
}
