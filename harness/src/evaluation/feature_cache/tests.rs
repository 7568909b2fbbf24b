use std::fs;
use std::path::PathBuf;

use bench_data::files::hexadecimal;
use bench_metrics::{
    Activations, ConvolutionEngine, Device, GaussianStatistics, ImageBatch, MetricsError,
};
use ndarray::Array2;
use safetensors::SafeTensors;
use sha2::{Digest, Sha256};

use super::*;
use crate::evaluation::Inventory;

fn measured() -> Measured {
    let features = Array2::from_shape_fn((7, 3), |(i, j)| ((i * 5 + j * 3) % 7) as f32 / 3.0);
    let gaussian = GaussianStatistics::from_features(features.view()).unwrap();
    let logits = features.mapv(|value| value - 1.0);
    let pixels: Vec<u8> = (0..7 * 12).collect();
    let mut inventory = Inventory::default();
    inventory.push(&ImageBatch::new(&pixels[..60], 5, 2, 2, 3).unwrap());
    inventory.push(&ImageBatch::new(&pixels[60..], 2, 1, 4, 3).unwrap());
    let activations = Activations { features, logits, spatial: Array2::zeros((7, 0)) };
    Measured { activations, gaussian, spatial: None, inventory }
}

fn assert_same(found: &Measured, expected: &Measured) {
    assert_eq!(found.activations, expected.activations);
    assert_eq!(found.gaussian, expected.gaussian);
    assert_eq!(found.inventory, expected.inventory);
}

fn key(text: &str) -> FeatureKey {
    FeatureKey(text.to_owned())
}

fn path(cache: &FeatureCache, text: &str) -> PathBuf {
    cache.folder.as_ref().unwrap().path_of(text)
}

/// A cache with `measured` under `key("a")`, and that file.
fn filled() -> (tempfile::TempDir, FeatureCache, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let cache = FeatureCache::at(root.path(), 1);
    cache.store(&key("a"), &measured());
    let path = path(&cache, "a");
    (root, cache, path)
}

#[test]
fn what_is_kept_comes_back_to_the_bit_and_under_its_own_key_alone() {
    let (_root, cache, _) = filled();
    assert_same(&cache.load(&key("a")).unwrap(), &measured());
    assert!(cache.load(&key("b")).is_none());
    assert!(FeatureCache::none().load(&key("a")).is_none());
}

#[test]
fn no_cut_and_no_changed_byte_goes_unnoticed() {
    let (_root, cache, path) = filled();
    let sound = fs::read(&path).unwrap();
    for length in 0..sound.len() {
        fs::write(&path, &sound[..length]).unwrap();
        assert!(cache.load(&key("a")).is_none(), "cut to {length} bytes");
    }
    // In the header also between capital and small letters.
    let header = 8 + u64::from_le_bytes(*sound.first_chunk().unwrap()) as usize;
    let of_header = (0..header).map(|place| (place, 0x20));
    for (place, bit) in (0..sound.len()).map(|place| (place, 0x10)).chain(of_header) {
        let mut bytes = sound.clone();
        bytes[place] ^= bit;
        fs::write(&path, &bytes).unwrap();
        assert!(cache.load(&key("a")).is_none(), "bit {bit:x} of byte {place} changed");
    }
    fs::write(&path, [sound.as_slice(), b"x"].concat()).unwrap();
    assert!(cache.load(&key("a")).is_none());
    cache.store(&key("a"), &measured());
    assert_same(&cache.load(&key("a")).unwrap(), &measured());
}

#[test]
fn another_keys_file_under_this_name_is_stale() {
    let (_root, cache, path) = filled();
    for other in ["b", "longer"] {
        cache.store(&key(other), &measured());
        fs::rename(self::path(&cache, other), &path).unwrap();
        assert!(matches!(entry::read(&path, "a"), Err(EntryError::Stale)));
        assert!(cache.load(&key("a")).is_none());
    }
}

#[test]
fn an_entry_is_a_safetensors_file_that_others_read() {
    let (_root, _, path) = filled();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(path.extension().unwrap(), "safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name| file.tensor(name).unwrap().shape().to_vec();
    for (name, expected) in [
        ("features", vec![7, 3]),
        ("logits", vec![7, 3]),
        ("mean", vec![3]),
        ("covariance", vec![3, 3]),
        ("digests", vec![7, 16]),
        ("sizes", vec![2, 2]),
        ("size_counts", vec![2]),
    ] {
        assert_eq!(shape(name), expected, "{name}");
    }
    let features = file.tensor("features").unwrap();
    let features =
        features.data().as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value));
    assert!(features.eq(measured().activations.features.iter().copied()));
    let (header, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = metadata.metadata().as_ref().unwrap();
    assert_eq!(metadata["key"], "a");
    assert_eq!(metadata["sha256"], hexadecimal(&Sha256::digest(&bytes[8 + header..])));
}

#[test]
fn features_alone_and_many_of_them_come_back() {
    let root = tempfile::tempdir().unwrap();
    let cache = FeatureCache::at(root.path(), 1);
    // More than one piece of every tensor of images, and no logits.
    let features = Array2::from_shape_fn((70_000, 5), |(i, j)| (i * 31 % 1009 + j) as f32);
    let gaussian = GaussianStatistics::from_features(features.view()).unwrap();
    let activations = Activations {
        features,
        logits: Array2::zeros((70_000, 0)),
        spatial: Array2::zeros((70_000, 0)),
    };
    let mut inventory = Inventory::default();
    let pixels: Vec<u8> = (0..70_000 * 3).map(|i| (i * 7 % 251) as u8).collect();
    inventory.push(&ImageBatch::new(&pixels, 70_000, 1, 1, 3).unwrap());
    let measured = Measured { activations, gaussian, spatial: None, inventory };
    cache.store(&key("many"), &measured);
    assert_same(&cache.load(&key("many")).unwrap(), &measured);
}

#[test]
fn foreign_and_hostile_files_are_absent() {
    let (_root, cache, path) = filled();
    let file = |header: &str, data: &[u8]| {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    };
    let tensor = r#""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    let ours = r#""__metadata__":{"key":"a","sha256":"00"}"#;
    let huge = r#""features":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}"#;
    for (what, bytes) in [
        ("another's tensors", file(&format!("{{{tensor}}}"), &[0; 4])),
        ("our key and another's tensors", file(&format!("{{{ours},{tensor}}}"), &[0; 4])),
        ("a shape that overflows", file(&format!("{{{ours},{huge}}}"), &[])),
        ("no tensors", file("{}", &[])),
        ("a header of no JSON", file("{", &[])),
        ("a header longer than the file", u64::MAX.to_le_bytes().to_vec()),
        ("a header longer than any", [&(1_u64 << 17).to_le_bytes()[..], &[b' '; 1 << 17]].concat()),
        ("text", b"no features at all".to_vec()),
        ("nothing", vec![]),
    ] {
        fs::write(&path, bytes).unwrap();
        assert!(cache.load(&key("a")).is_none(), "{what}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_no_failure() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, b"").unwrap();
    let cache = FeatureCache::at(&file.join("below"), 1);
    cache.store(&key("a"), &measured());
    assert!(cache.load(&key("a")).is_none());
}

#[test]
fn writers_at_once_leave_a_whole_file() {
    let (_root, cache, _) = filled();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    cache.store(&key("a"), &measured());
                    assert_same(&cache.load(&key("a")).unwrap(), &measured());
                }
            });
        }
    });
}

/// An extractor that is known by its hash and its convolutions alone.
struct Named(&'static str, ConvolutionEngine, Device);

impl Extractor for Named {
    fn name(&self) -> &str {
        "named"
    }

    fn sha256(&self) -> &str {
        self.0
    }

    fn convolutions(&self) -> ConvolutionEngine {
        self.1
    }

    fn device(&self) -> Device {
        self.2
    }

    fn feature_dim(&self) -> usize {
        3
    }

    fn class_count(&self) -> usize {
        2
    }

    fn extract(&mut self, _: &ImageBatch<'_>) -> Result<Activations, MetricsError> {
        Ok(Activations::empty(3, 2))
    }
}

#[test]
fn everything_that_features_depend_on_is_part_of_the_key() {
    use ConvolutionEngine::{OnnxRuntime, Own};
    let key = |threads, images, selection, extractor, convolutions, protocol| {
        let cache = FeatureCache { folder: None, threads };
        cache.key(images, selection, &Named(extractor, convolutions, Device::Cpu), protocol).0
    };
    let own = key(1, "i", "s", "e", Own, "p");
    assert_eq!(own, key(1, "i", "s", "e", Own, "p"));
    let others = [
        key(2, "i", "s", "e", Own, "p"),
        key(1, "j", "s", "e", Own, "p"),
        key(1, "i", "t", "e", Own, "p"),
        key(1, "i", "s", "f", Own, "p"),
        key(1, "i", "s", "e", OnnxRuntime, "p"),
        key(1, "i", "s", "e", Own, "q"),
    ];
    assert!(others.iter().all(|other| *other != own), "{own}");
    // Of the processor the key says nothing more than it did when there was no other device.
    assert!(!own.contains("device"), "{own}");
    let cache = FeatureCache { folder: None, threads: 1 };
    let on_gpu = cache.key("i", "s", &Named("e", Own, Device::Cuda(0)), "p").0;
    assert!(on_gpu.contains("\ndevice "), "{on_gpu}");
}
