//! Arrays in .npz files that are larger than they may be.

use std::fs;
use std::path::Path;

use bench_tests::bench;

use super::{archive, eval, folder_of_images, refused};

/// An array in .npy format of this element type and shape, whose data are zeros.
fn zeros(descriptor: &str, shape: &str, bytes: usize) -> Vec<u8> {
    let header =
        format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut array = b"\x93NUMPY\x01\x00".to_vec();
    array.extend((header.len() as u16).to_le_bytes());
    array.extend(header.as_bytes());
    array.resize(array.len() + bytes, 0);
    array
}

/// 256 MiB of zeros, which deflate to a quarter of a megabyte.
#[test]
fn an_npz_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "a", 2);
    let mean = zeros("<f8", "(33554432,)", 256 << 20);
    archive(
        &root.join("bomb.npz"),
        &[("mu.npy", &mean), ("sigma.npy", &zeros("<f8", "(1, 1)", 8))],
    );
    assert!(fs::metadata(root.join("bomb.npz")).unwrap().len() < 1 << 20);
    let outcome = bench(root, &["eval", "a", "bomb.npz"]);
    refused(&outcome, &["bomb.npz", "33554432 elements, more than 8192", "write the file again"]);
}

#[test]
fn arrays_of_images_that_claim_too_much_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let images = |name: &str, shape: &str| {
        archive(&root.join(name), &[("arr_0.npy", &zeros("|u1", shape, 48))]);
        root.join(name)
    };
    images("many.npz", "(1000000, 4, 4, 3)");
    refused(
        &eval(root, "many.npz"),
        &["many.npz", "needs 48000000 bytes of data and 48 are there"],
    );
    images("overflow.npz", "(4294967296, 4294967296, 4294967296, 3)");
    refused(&eval(root, "overflow.npz"), &["overflow.npz", "is too large"]);
    // The archive lies about the member's size as well.
    let path = images("large.npz", "(1, 20000, 20000, 3)");
    let header = zeros("|u1", "(1, 20000, 20000, 3)", 0).len() as u32;
    claim_size(&path, header + 48, header + 1_200_000_000);
    refused(&eval(root, "large.npz"), &["large.npz", "20000x20000 pixels are too large"]);
    let path = images("lying.npz", "(1000, 64, 64, 3)");
    let header = zeros("|u1", "(1000, 64, 64, 3)", 0).len() as u32;
    claim_size(&path, header + 48, header + 12_288_000);
    refused(&eval(root, "lying.npz"), &["lying.npz", "write the file again"]);
}

/// Lets both headers of an archive's one member claim another size.
fn claim_size(path: &Path, found: u32, claimed: u32) {
    let mut bytes = fs::read(path).unwrap();
    // Where the size stands behind the signature of either header.
    for (signature, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let header = bytes.windows(4).rposition(|window| window == signature).unwrap();
        let size = &mut bytes[header + offset..][..4];
        assert_eq!(size, found.to_le_bytes());
        size.copy_from_slice(&claimed.to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}
