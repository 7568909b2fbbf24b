//! The binary version: records of a label byte and 3072 bytes of pixels, with nothing around them.

use super::official::{BATCH_IMAGES, Batch, IMAGE_LEN, Release};

const RECORD: usize = 1 + IMAGE_LEN;
const BATCH_LEN: usize = RECORD * BATCH_IMAGES;

/// `cifar-10-binary.tar.gz`.
pub(super) const BINARY: Release = Release {
    kind: "binary version",
    folder: "cifar-10-batches-bin",
    archive: "cifar-10-binary.tar.gz",
    train: [
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: "test_batch.bin",
    max_len: BATCH_LEN,
    parse,
    hint: "download it again: a batch of CIFAR-10's binary version has 30730000 bytes",
};

fn parse(bytes: &[u8]) -> Result<Batch, String> {
    if bytes.len() != BATCH_LEN {
        return Err(format!("it has {} bytes, fewer than {BATCH_LEN}", bytes.len()));
    }
    let mut batch = Batch { labels: Vec::new(), planes: Vec::with_capacity(bytes.len()) };
    for record in bytes.chunks_exact(RECORD) {
        batch.labels.push(record[0]);
        batch.planes.extend_from_slice(&record[1..]);
    }
    Ok(batch)
}
