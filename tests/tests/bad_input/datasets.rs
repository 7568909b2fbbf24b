//! Datasets whose files are damaged or hostile, by name and by path.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use bench_tests::{Outcome, bench, program};

use super::{archive, folder_of_images, png, refused};

/// What `bench data info` says of a dataset.
fn info(root: &Path, dataset: &str) -> Outcome {
    bench(root, &["data", "info", dataset, "--data", "data"])
}

/// Writes a file below `root/data`.
fn put(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join("data").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn batches_of_cifar10_are_read_as_data_and_never_executed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let hostile = b"\x80\x02cos\nsystem\nX\x0c\0\0\0touch caught\x85R.";
    let mut lying = b"\x80\x02}(U\x06labels]U\x04dataT".to_vec();
    lying.extend([0xff; 4]);
    let cases: [(&[u8], &str); 5] = [
        (hostile, "at byte 2: global `os.system` is refused"),
        (&lying, "at byte 19: the file ends inside a pickle"),
        (b"\x80\x02}U\x06labels]s.", "no entry `data`"),
        (b"\x80\x05}.", "pickle protocol 5 instead of 2 or 3"),
        (b"", "at byte 0"),
    ];
    for (bytes, reason) in cases {
        put(root, "cifar-10-batches-py/data_batch_1", bytes);
        refused(
            &info(root, "cifar10"),
            &["data_batch_1 is not usable", reason, "download it again"],
        );
    }
    assert!(!root.join("caught").exists());
    put(root, "cifar-10-batches-bin/data_batch_1.bin", &[9; 3072]);
    refused(&info(root, "cifar10"), &["data_batch_1.bin is not usable", "fewer than 30730000"]);
}

#[test]
fn headers_that_lie_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let header = [[0, 0, 8, 3], [0xff; 4], [0xff; 4], [0xff; 4]].concat();
    put(root, "mnist/train-images-idx3-ubyte", &header);
    put(root, "mnist/train-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 1, 5]);
    refused(&info(root, "mnist"), &["train-images-idx3-ubyte is not usable", "beyond the limit"]);
    let mut matlab = vec![b' '; 124];
    matlab.extend([0, 1, b'I', b'M', 14, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f]);
    put(root, "flowers102/imagelabels.mat", &matlab);
    refused(
        &info(root, "flowers102"),
        &["imagelabels.mat is not usable", "cut off inside an element"],
    );
    // A PNG whose header claims 60000x60000 pixels, with a right checksum.
    let mut huge = png(8, 8, 1);
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc(&huge[12..29]);
    huge[29..33].copy_from_slice(&checksum.to_be_bytes());
    fs::create_dir(root.join("huge")).unwrap();
    fs::write(root.join("huge/1.png"), &huge).unwrap();
    refused(&info(root, "huge"), &["huge/1.png", "60000x60000", "scale the image down"]);
}

/// CRC-32 as PNG has it, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn folders_without_a_layout_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    refused(&info(root, "none/"), &["`none/`", "there is no such file or folder"]);
    refused(&info(root, "none.zip"), &["`none.zip`", "there is no such file or folder"]);
    fs::create_dir(root.join("photos")).unwrap();
    refused(&info(root, "photos"), &["photos is not usable", "it holds no images", "arrange all"]);
    folder_of_images(root, "photos/cat", 3);
    symlink("..", root.join("photos/cat/loop")).unwrap();
    symlink("cat", root.join("photos/dog")).unwrap();
    let text = bench(root, &["data", "export", "photos:train", "out"]);
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert_eq!(bench_tests::images_in(&root.join("out")).len(), 3);
    fs::write(root.join("photos/1.png"), png(8, 8, 1)).unwrap();
    refused(&info(root, "photos"), &["`1.png` lies in no class folder", "`cat/000.png` does"]);
    fs::remove_file(root.join("photos/1.png")).unwrap();
    fs::write(root.join("photos/dataset.json"), r#"{"labels": [["cat/000.png", 4294967295]]}"#)
        .unwrap();
    refused(&info(root, "photos"), &["photos/dataset.json is not usable", "label 4294967295"]);
    fs::remove_file(root.join("photos/dataset.json")).unwrap();
    fs::create_dir(root.join("photos").join(OsStr::from_bytes(b"c\xff"))).unwrap();
    fs::write(root.join("photos").join(OsStr::from_bytes(b"c\xff/1.png")), png(8, 8, 1)).unwrap();
    refused(&info(root, "photos"), &["photos is not usable", "folder `c\u{fffd}` is not UTF-8"]);
    let output = std::process::Command::new(program())
        .args([OsStr::new("data"), OsStr::new("info"), OsStr::from_bytes(b"\xff/")])
        .output()
        .unwrap();
    Outcome::from(output).failure(3, "there is no such file or folder");
}

#[test]
fn archives_of_a_dataset_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let image = png(8, 8, 1);
    archive(&root.join("deep.zip"), &[(&format!("{}1.png", "d/".repeat(9)), &image)]);
    refused(&info(root, "deep.zip"), &["deep.zip", "below more than 8 folders"]);
    archive(&root.join("texts.zip"), &[("a.txt", b"text")]);
    refused(&info(root, "texts.zip"), &["texts.zip is not usable", "it holds no images"]);
    archive(&root.join("twice.zip"), &[("cat/1.png", &image), ("cat/2.png", &image)]);
    let bytes = fs::read(root.join("twice.zip")).unwrap();
    fs::write(root.join("twice.zip"), renamed(&bytes, b"cat/2.png", b"cat/1.png")).unwrap();
    refused(&info(root, "twice.zip"), &["twice.zip", "two members have the same name"]);
    archive(&root.join("bomb.zip"), &[("cat/1.png", &vec![0; 513 << 20])]);
    refused(&info(root, "bomb.zip"), &["bomb.zip/cat/1.png", "larger than 512 MiB"]);
}

/// `bytes` with every `old` replaced by `new`, which is as long.
fn renamed(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
    }
    bytes
}
