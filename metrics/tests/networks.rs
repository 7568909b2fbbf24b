//! Networks built from weights against the programs that define them.

use std::collections::BTreeMap;

use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::networks::{Feeding, NETWORKS, Network, onnx_of_any_size};
use bench_metrics::{Extractor, GaussianStatistics, ImageBatch, OnnxExtractor, WeightsFile};
use bench_onnx::MAX_FILE_BYTES;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde::Deserialize;

/// Made by `golden/make_networks.py`.
const GOLDEN: &str = include_str!("golden/golden_networks.json");

/// Sizes of the images whose features are known: height and width.
const SIZES: [(usize, usize); 3] = [(40, 56), (224, 224), (301, 250)];
/// Images of each of the two sets whose distance is known, and their side.
const SET: usize = 200;
const SIDE: usize = 48;

#[derive(Deserialize)]
struct Case {
    name: String,
    half: bool,
    tensors: Vec<(String, Vec<usize>)>,
    values: BTreeMap<String, Values>,
}

#[derive(Deserialize)]
struct Values {
    images: Vec<Kept>,
    frechet_distance: Option<f64>,
}

#[derive(Deserialize)]
struct Kept {
    step: usize,
    features: Vec<f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(GOLDEN).expect("a sound golden file")
}

/// The hashes of a name: those of `golden/synthetic_networks.py`.
fn hashes(name: &str) -> impl Iterator<Item = u64> {
    const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
    let start = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    });
    let start = start.wrapping_add(7_u64.wrapping_mul(GOLDEN_RATIO));
    (0_u64..).map(move |index| {
        let z = start.wrapping_add(index).wrapping_add(GOLDEN_RATIO);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

fn bounds(name: &str, shape: &[usize]) -> (f64, f64) {
    let is_weight = name.ends_with("weight");
    match shape {
        [_] if name.ends_with("gamma") || name.ends_with("lambda1") => (0.2, 1.0),
        [_] if is_weight => (0.5, 1.5),
        [_] => (-0.2, 0.2),
        [_, others @ ..] if is_weight => {
            let connected = name.starts_with("features.") || name.starts_with("classifier.");
            let factor = if connected { 6.0 } else { 3.0 };
            let limit = (factor / others.iter().product::<usize>() as f64).sqrt();
            (-limit, limit)
        }
        _ => (-0.5, 0.5),
    }
}

/// The bytes of a tensor as a file holds them.
fn tensor(name: &str, shape: &[usize], half: bool) -> Vec<u8> {
    let (low, high) = bounds(name, shape);
    let count = shape.iter().product();
    let values = hashes(name)
        .take(count)
        .map(|hash| (low + (high - low) * ((hash >> 40) as f64 / f64::from(1 << 24))) as f32);
    match half {
        false => values.flat_map(f32::to_le_bytes).collect(),
        true => values.flat_map(|value| half_precision(value).to_le_bytes()).collect(),
    }
}

/// The nearest number of half precision, ties to even; for the small numbers of weights.
fn half_precision(value: f32) -> u16 {
    let (sign, size) = (if value < 0.0 { 1 << 15 } else { 0 }, f64::from(value.abs()));
    let exponent = size.log2().floor().max(-14.0) as i32;
    // In units of the last place; a carry runs into the exponent by itself.
    let units = (size / 2_f64.powi(exponent - 10)).round_ties_even() as u16;
    let normal = units >= 1024;
    sign | if normal { units - 1024 + (((exponent + 15) as u16) << 10) } else { units }
}

fn weights(case: &Case) -> WeightsFile {
    let dtype = if case.half { Dtype::F16 } else { Dtype::F32 };
    let tensors: Vec<(&str, &[usize], Vec<u8>)> = case
        .tensors
        .iter()
        .map(|(name, shape)| (name.as_str(), shape.as_slice(), tensor(name, shape, case.half)))
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (*name, TensorView::new(dtype, shape.to_vec(), bytes).expect("as many bytes as elements"))
    });
    let bytes = safetensors::serialize(views, None).expect("a sound file");
    WeightsFile::from_bytes(format!("{}.safetensors", case.name), bytes).expect("a sound file")
}

fn image(of: &str, index: usize, height: usize, width: usize) -> Vec<u8> {
    let bytes: Vec<u8> = hashes(&format!("{of}/{index}"))
        .take(height * width * 3)
        .map(|hash| (hash >> 56) as u8)
        .collect();
    let rows = bytes.chunks_exact(width * 3);
    let row = |row: &[u8]| -> Vec<u8> {
        (0..width).flat_map(|column| &row[column / 4 * 4 * 3..][..3]).copied().collect()
    };
    rows.flat_map(row).collect()
}

/// Every feeding is one of a registered network.
fn feeding(case: &str, name: &str) -> Feeding {
    let family = if case.contains("dinov2") {
        "dinov2-vit-s-14"
    } else if case.contains("clip") {
        "clip-vit-b-32"
    } else {
        "vgg16"
    };
    let network = Network::parse(family).expect("a network");
    network.feeding(Some(name)).expect("a way of feeding it")
}

/// Greatest error of the kept features, as a share of their length.
fn error(found: &[f32], kept: &Kept) -> f64 {
    let found: Vec<f64> = found.iter().step_by(kept.step).copied().map(f64::from).collect();
    assert_eq!(found.len(), kept.features.len());
    let length = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = length(&mut found.iter().zip(&kept.features).map(|(x, y)| x - y));
    difference / length(&mut kept.features.iter().copied())
}

fn check(case: &Case) {
    let weights = weights(case);
    for (name, values) in &case.values {
        let feeding = feeding(&case.name, name);
        let model = match Network::parse(&case.name) {
            Ok(network) => network.onnx(&weights, feeding),
            Err(_) => onnx_of_any_size(&weights, &case.name, feeding, MAX_FILE_BYTES),
        };
        let model = model.expect("weights of the network");
        let mut extractor = OnnxExtractor::from_model(model, 0).expect("a sound model");
        for (index, ((height, width), kept)) in SIZES.into_iter().zip(&values.images).enumerate() {
            let pixels = image("sizes", index, height, width);
            let batch = ImageBatch::new(&pixels, 1, height, width, 3).expect("a sound image");
            let features = extractor.extract(&batch).expect("sound images").features;
            let error = error(features.as_slice().expect("one row"), kept);
            println!("{} fed as by {name}, {height}x{width}: {error:e}", case.name);
            assert!(error < 1e-4, "{} fed as by {name}, {height}x{width}: {error:e}", case.name);
        }
        let Some(expected) = values.frechet_distance else { continue };
        let [first, second] = ["first", "second"].map(|of| {
            let pixels: Vec<u8> = (0..SET).flat_map(|i| image(of, i, SIDE, SIDE)).collect();
            let batch = ImageBatch::new(&pixels, SET, SIDE, SIDE, 3).expect("sound images");
            let features = extractor.extract(&batch).expect("sound images").features;
            GaussianStatistics::from_features(features.view()).expect("enough images")
        });
        let found = frechet_distance(&first, &second).expect("sound statistics");
        let error = (found / expected - 1.0).abs();
        println!("{} distance: {error:e}", case.name);
        assert!(error < 1e-4, "{}: {found} instead of {expected}", case.name);
    }
}

#[test]
fn small_networks_have_the_programs_features_and_distances() {
    for case in cases().iter().filter(|case| case.name.starts_with("small")) {
        check(case);
    }
}

#[test]
fn full_networks_have_the_programs_features() {
    for case in cases().iter().filter(|case| !case.name.starts_with("small")) {
        check(case);
    }
}

/// ViT-g is too large for a file: its weights lie outside, as those of this network do.
#[test]
fn weights_outside_of_the_file_give_the_same_features() {
    let all = cases();
    let case = all.iter().find(|case| case.name == "small-dinov2-gated").expect("a case");
    let (weights, feeding) = (weights(case), feeding(&case.name, "dgm-eval"));
    let model = |most| onnx_of_any_size(&weights, "gated", feeding, most).expect("a network");
    let (inside, outside) = (model(MAX_FILE_BYTES), model(1000));
    assert!(inside.outside.is_empty() && outside.outside.len() > 10);
    assert!(outside.bytes.len() < inside.bytes.len() / 4);
    let pixels: Vec<u8> = (0..5).flat_map(|index| image("outside", index, 60, 40)).collect();
    let batch = ImageBatch::new(&pixels, 5, 60, 40, 3).expect("sound images");
    let mut features = Vec::new();
    let mut names = Vec::new();
    for model in [inside, outside.clone()] {
        let mut extractor = OnnxExtractor::from_model(model, 2).expect("a sound model");
        features.push(extractor.extract(&batch).expect("sound images").features);
        names.push(extractor.sha256().to_owned());
    }
    assert_eq!(features[0], features[1]);
    assert_ne!(names[0], names[1]);
    // Without them there is an error, and other values have another name.
    let mut changed = outside.clone();
    let mut values = changed.outside[3].little_endian.to_vec();
    values[0] ^= 1;
    changed.outside[3].little_endian = values.into();
    let extractor = OnnxExtractor::from_model(changed, 1).expect("a sound model");
    assert_ne!(extractor.sha256(), names[1]);
    assert!(OnnxExtractor::from_bytes(&outside.bytes, 1).is_err());
    let mut short = outside;
    short.outside[0].little_endian.truncate(4);
    let error = OnnxExtractor::from_model(short, 1).expect_err("a short tensor").to_string();
    assert!(error.contains("from memory"), "{error}");
}

#[test]
fn networks_are_known_by_their_weights() {
    let case = |name: &str| cases().into_iter().find(|case| case.name == name).expect("a case");
    let small = weights(&case("dinov2-vit-s-14"));
    assert_eq!(Network::of_weights(&small).map(|network| network.name), Some("dinov2-vit-s-14"));
    let large = Network::parse("dinov2-vit-l-14").expect("a network");
    let error = large.onnx(&small, large.feedings()[0]).expect_err("another network").to_string();
    assert!(error.contains("it holds dinov2-vit-s-14"), "{error}");
    let tiny = weights(&case("small-clip"));
    assert_eq!(Network::of_weights(&tiny), None);
    for network in NETWORKS {
        let error = network.check(&tiny).expect_err("another network").to_string();
        assert!(error.contains(network.name) && error.contains("small-clip"), "{error}");
    }
}

#[test]
fn a_missing_or_odd_tensor_is_named() {
    let case = cases().into_iter().find(|case| case.name == "small-dinov2").expect("a case");
    let without = |gone: &str| {
        let tensors: Vec<_> =
            case.tensors.iter().filter(|(name, _)| name != gone).cloned().collect();
        weights(&Case { name: "cut".to_owned(), half: false, tensors, values: BTreeMap::new() })
    };
    let feeding = feeding("dinov2", "dgm-eval");
    for gone in ["blocks.1.mlp.fc2.bias", "norm.weight", "patch_embed.proj.bias"] {
        let error = onnx_of_any_size(&without(gone), "cut", feeding, MAX_FILE_BYTES)
            .expect_err("a missing tensor");
        assert!(error.to_string().contains(gone), "{error}");
    }
    let mut tensors = case.tensors.clone();
    for (name, shape) in &mut tensors {
        if name == "blocks.2.attn.proj.weight" {
            shape[0] = 64;
        }
    }
    let odd =
        weights(&Case { name: "odd".to_owned(), half: false, tensors, values: BTreeMap::new() });
    let error = onnx_of_any_size(&odd, "odd", feeding, MAX_FILE_BYTES)
        .expect_err("an odd tensor")
        .to_string();
    assert!(error.contains("blocks.2.attn.proj.weight") && error.contains("[64, 128]"), "{error}");
}
