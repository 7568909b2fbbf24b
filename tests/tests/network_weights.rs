//! `bench weights import` of a network beside InceptionV3, and scoring with it.

use std::path::Path;

use bench_tests::{Outcome, bench_with_cache};
use serde_json::{Map, Value, json};

const NAME: &str = "dinov2-vit-s-14";
const WIDTH: usize = 384;
const BLOCKS: usize = 12;

/// Names and shapes of the tensors of DINOv2 ViT-S/14, but for the layers behind attention, which are narrow here: what
/// tells the network are its width and its blocks.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let inner = 8;
    let mut all: Vec<(String, Vec<usize>)> = vec![
        ("cls_token".to_owned(), vec![1, 1, WIDTH]),
        ("pos_embed".to_owned(), vec![1, 1 + 37 * 37, WIDTH]),
        ("patch_embed.proj.weight".to_owned(), vec![WIDTH, 3, 14, 14]),
        ("patch_embed.proj.bias".to_owned(), vec![WIDTH]),
        ("norm.weight".to_owned(), vec![WIDTH]),
        ("norm.bias".to_owned(), vec![WIDTH]),
    ];
    for block in 0..BLOCKS {
        let mut add = |name: &str, shape: &[usize]| {
            all.push((format!("blocks.{block}.{name}"), shape.to_vec()));
        };
        for norm in ["norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"] {
            add(norm, &[WIDTH]);
        }
        for (map, outputs, inputs) in [
            ("attn.qkv", 3 * WIDTH, WIDTH),
            ("attn.proj", WIDTH, WIDTH),
            ("mlp.fc1", inner, WIDTH),
            ("mlp.fc2", WIDTH, inner),
        ] {
            add(&format!("{map}.weight"), &[outputs, inputs]);
            add(&format!("{map}.bias"), &[outputs]);
        }
        add("ls1.gamma", &[WIDTH]);
        add("ls2.gamma", &[WIDTH]);
    }
    all
}

/// A safetensors file of them in half precision: values of either sign between 1/128 and 1/32.
fn file() -> Vec<u8> {
    let (mut header, mut data) = (Map::new(), Vec::new());
    let mut state = 1_u32;
    for (name, shape) in tensors() {
        let start = data.len();
        for _ in 0..shape.iter().product::<usize>() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let bits = 0x2000 | (state >> 16) as u16 & 0x87ff;
            data.extend(bits.to_le_bytes());
        }
        let entry = json!({"dtype": "F16", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(name, entry);
    }
    let mut header = Value::from(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

fn bench(root: &Path, arguments: &[&str]) -> Outcome {
    bench_with_cache(root, &root.join("cache"), arguments)
}

fn json_of(outcome: Outcome) -> Value {
    serde_json::from_str(&outcome.success()).expect("json")
}

#[test]
fn an_imported_network_is_told_by_its_tensors_and_scores() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, seed) in [("a", "1"), ("b", "2")] {
        let export = ["data", "export", "shapes", name, "--n", "8", "--seed", seed];
        bench(root, &export).success();
    }
    std::fs::write(root.join("w.safetensors"), file()).unwrap();
    let of_network = ["--extractor", NAME, "--json"];
    let eval =
        |more: &[&str]| bench(root, &[&["eval", "a", "b", "--metrics", "fid"], more].concat());
    eval(&of_network).failure(3, "bench weights fetch dinov2-vit-s-14");
    let given = json_of(eval(&[&of_network[..], &["--weights", "w.safetensors"]].concat()));

    let imported = bench(root, &["weights", "import", "w.safetensors"]).success();
    assert!(imported.contains(&format!("network    {NAME}")), "{imported}");
    let listed = bench(root, &["list", "extractors"]).success();
    assert_eq!(listed.matches("weights in the cache").count(), 1, "{listed}");
    std::fs::remove_file(root.join("w.safetensors")).unwrap();
    let stored = json_of(eval(&of_network));
    assert_eq!(stored, given);
    assert_eq!(stored["extractor"]["name"], "dinov2-vit-s-14/dgm-eval");
    assert!(stored["metrics"]["fid"].as_f64().unwrap() > 0.0, "{stored}");

    // Beside another extractor, in one pass.
    let both = json_of(eval(&["--extractor", "embedded,dinov2-vit-s-14", "--json"]));
    assert_eq!(both[1], stored);

    // Another network's name, and a file that was changed in the cache.
    let other = ["--extractor", "dinov2-vit-b-14"];
    eval(&other).failure(3, "bench weights fetch dinov2-vit-b-14");
    let path = root.join("cache/weights/dinov2-vit-s-14.weights");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    eval(&of_network).failure(3, "its SHA-256 is");
}
