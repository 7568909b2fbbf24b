//! The stand-in for the published weights, as `golden/synthetic_inception.py` defines it.

use std::collections::HashMap;
use std::sync::OnceLock;

use bench_metrics::{WeightsFile, inception};

/// The published file's header: five pickles, the storages come behind it.
pub(crate) const HEADER: &[u8] = include_bytes!("../golden/inception_header.bin");
/// Where the fourth pickle, the state dictionary, starts in the header, and where the fifth, the storages' keys.
pub(crate) const STATE_AND_KEYS: [usize; 2] = [137, 68_684];

const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;

/// The file of the seed that the golden numbers belong to, read once.
pub(crate) fn seed_7() -> &'static WeightsFile {
    static FILE: OnceLock<WeightsFile> = OnceLock::new();
    FILE.get_or_init(|| {
        WeightsFile::from_bytes("synthetic.pth", file(7)).expect("a file of the published layout")
    })
}

/// A complete file for a seed.
pub(crate) fn file(seed: u64) -> Vec<u8> {
    let [state, keys] = STATE_AND_KEYS;
    let names = names_by_key(state, keys);
    let shapes = inception::tensors();
    let mut bytes = HEADER.to_vec();
    for key in texts(keys, HEADER.len()) {
        let name = names[key];
        let Some(shape) = shapes.get(name) else {
            // A counter of training steps, int64.
            bytes.extend(1_i64.to_le_bytes());
            bytes.extend(0_i64.to_le_bytes());
            continue;
        };
        let count = shape.iter().product();
        bytes.extend((count as i64).to_le_bytes());
        bytes.extend(values(name, shape, seed).take(count).flat_map(f32::to_le_bytes));
    }
    bytes
}

/// The elements of a tensor in the order of its storage.
pub(crate) fn values(name: &str, shape: &[usize], seed: u64) -> impl Iterator<Item = f32> {
    let (low, high) = bounds(name, shape);
    let start = fnv1a64(name).wrapping_add(seed.wrapping_mul(GOLDEN_RATIO));
    (0_u64..).map(move |index| {
        let bits = splitmix64(start.wrapping_add(index)) >> 40;
        (low + (high - low) * (bits as f64 / f64::from(1 << 24))) as f32
    })
}

fn bounds(name: &str, shape: &[usize]) -> (f64, f64) {
    let he = |inputs: usize| (6.0 / inputs as f64).sqrt();
    match name.rsplit('.').next() {
        Some("running_var") => (0.5, 1.5),
        Some("running_mean") => (-0.2, 0.2),
        _ if name == "fc.bias" => (-0.5, 0.5),
        _ if name == "fc.weight" => (-he(shape[1]), he(shape[1])),
        _ if name.ends_with("bn.bias") => (-0.2, 0.2),
        _ if name.ends_with("bn.weight") => (0.5, 1.5),
        _ => {
            let limit = he(shape[1] * shape[2] * shape[3]);
            (-limit, limit)
        }
    }
}

fn fnv1a64(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    })
}

fn splitmix64(x: u64) -> u64 {
    let z = x.wrapping_add(GOLDEN_RATIO);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Names of the tensors by the keys of their storages.
fn names_by_key(state: usize, keys: usize) -> HashMap<&'static str, &'static str> {
    // The texts of the state dictionary are names and keys in turn; two words are written out at their first use.
    let texts: Vec<_> =
        texts(state, keys).filter(|text| !["storage", "cpu"].contains(text)).collect();
    texts.chunks_exact(2).map(|pair| (pair[1], pair[0])).collect()
}

/// The texts in the header's pickle from byte `start` to `end`, in order; no interpreter, just a walk over the
/// operations that occur there.
fn texts(start: usize, end: usize) -> impl Iterator<Item = &'static str> {
    let mut rest = &HEADER[start..end];
    std::iter::from_fn(move || {
        while let Some((&operation, behind)) = rest.split_first() {
            let line = || behind.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
            let operands = match operation {
                b'X' => {
                    let (length, behind) = behind.split_first_chunk().expect("a length");
                    let (text, behind) = behind.split_at(u32::from_le_bytes(*length) as usize);
                    rest = behind;
                    return Some(std::str::from_utf8(text).expect("a text"));
                }
                b'c' => {
                    let module = line();
                    module
                        + behind[module..].iter().position(|&byte| byte == b'\n').expect("a line")
                        + 1
                }
                0x80 | b'q' | b'h' | b'K' => 1,
                b'M' => 2,
                b'r' | b'j' | b'J' => 4,
                _ => 0,
            };
            rest = &behind[operands..];
        }
        None
    })
}

/// The storages of a complete `file` with their keys, in order.
pub(crate) fn storages(file: &[u8]) -> Vec<(&'static str, &[u8])> {
    let [state, keys] = STATE_AND_KEYS;
    let names = names_by_key(state, keys);
    let mut rest = &file[HEADER.len()..];
    texts(keys, HEADER.len())
        .map(|key| {
            let (count, behind) = rest.split_first_chunk().expect("a length");
            let size = if names[key].ends_with("num_batches_tracked") { 8 } else { 4 };
            let (bytes, behind) = behind.split_at(size * i64::from_le_bytes(*count) as usize);
            rest = behind;
            (key, bytes)
        })
        .collect()
}
