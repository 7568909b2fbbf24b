//! Reading and checking the network's weights.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use bench_metrics::weights::{ElementType, Format};
use bench_metrics::{FeatureLayer, MetricsError, Protocol, WeightsFile, inception};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::synthetic;

fn build(weights: &WeightsFile) -> Result<Vec<u8>, MetricsError> {
    inception::onnx(weights, Protocol::PYTORCH_FID, FeatureLayer::Pool3)
}

/// All tensors of the network, little-endian and row-major, by name.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<u8>)>;

fn tensors() -> Tensors {
    let file = synthetic::seed_7();
    let bytes = |name: &str| {
        let values = file.values(name).expect("a tensor");
        values.into_iter().flat_map(f32::to_le_bytes).collect()
    };
    inception::tensors()
        .into_iter()
        .map(|(name, shape)| (name.clone(), (shape, bytes(&name))))
        .collect()
}

fn safetensors(tensors: &Tensors) -> WeightsFile {
    let views = tensors.iter().map(|(name, (shape, bytes))| {
        let view =
            TensorView::new(Dtype::F32, shape.clone(), bytes).expect("bytes that fill the shape");
        (name, view)
    });
    let bytes = safetensors::serialize(views, None).expect("serialised tensors");
    WeightsFile::from_bytes("weights.safetensors", bytes).expect("sound safetensors")
}

#[test]
fn the_stand_in_is_the_one_of_the_golden_numbers() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../golden/golden_seed7.json")).expect("json");
    assert_eq!(golden["weights_sha256"], synthetic::seed_7().sha256());
}

#[test]
fn the_published_layout_is_read() {
    let file = synthetic::seed_7();
    assert_eq!(file.format(), Format::TorchStream);
    assert_eq!(file.tensors().count(), 566);
    let counters = file.tensors().filter(|(_, layout)| layout.element() == ElementType::Int64);
    assert_eq!(counters.count(), 94);
    for (name, shape) in inception::tensors() {
        assert_eq!(file.layout(&name).expect("a tensor").shape(), shape, "{name}");
    }
}

#[test]
fn strides_are_those_of_the_published_file() {
    let file = synthetic::seed_7();
    let name = "Conv2d_1a_3x3.conv.weight";
    let layout = file.layout(name).expect("a tensor");
    assert_eq!((layout.shape(), layout.strides()), (&[32, 3, 3, 3][..], &[1, 32, 288, 96][..]));
    let stored: Vec<f32> = synthetic::values(name, layout.shape(), 7).take(864).collect();
    let found = file.values(name).expect("values");
    for (place, found) in found.into_iter().enumerate() {
        let (out, input, row, column) = (place / 27, place / 9 % 3, place / 3 % 3, place % 3);
        let expected = stored[out + 32 * input + 288 * row + 96 * column];
        assert_eq!(found, expected, "at {place}");
    }
}

#[test]
fn other_formats_give_the_same_values() {
    let [state, keys] = synthetic::STATE_AND_KEYS;
    let stream = synthetic::file(7);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut put = |name: String, bytes: &[u8]| {
        archive.start_file(name, stored).expect("a member");
        archive.write_all(bytes).expect("written bytes");
    };
    put("weights/data.pkl".to_owned(), &stream[state..keys]);
    put("weights/byteorder".to_owned(), b"little");
    for (key, bytes) in synthetic::storages(&stream) {
        put(format!("weights/data/{key}"), bytes);
    }
    let zipped = archive.finish().expect("an archive").into_inner();
    let zipped = WeightsFile::from_bytes("weights.pth", zipped).expect("a sound archive");
    assert_eq!(zipped.format(), Format::TorchZip);
    let safetensors = safetensors(&tensors());
    assert_eq!(safetensors.format(), Format::Safetensors);
    for name in inception::tensors().keys() {
        let expected = synthetic::seed_7().values(name).expect("values");
        assert_eq!(zipped.values(name).expect("values"), expected, "{name} zipped");
        assert_eq!(safetensors.values(name).expect("values"), expected, "{name} in safetensors");
    }
}

#[test]
fn the_model_names_its_weights() {
    let model = build(synthetic::seed_7()).expect("sound weights");
    let again = build(synthetic::seed_7()).expect("sound weights");
    assert!(again == model, "the same bytes every time");
    let metadata = bench_onnx::metadata(&model).expect("a model");
    assert_eq!(metadata[inception::KEY_WEIGHTS], synthetic::seed_7().sha256());
    let bias: Vec<f32> = metadata[inception::KEY_LOGITS_BIAS]
        .split(',')
        .map(|number| number.parse().expect("a number"))
        .collect();
    assert_eq!(bias, synthetic::seed_7().values("fc.bias").expect("values"));
}

/// A network whose bytes change needs another [`inception::BUILDER_VERSION`], or caches would keep the old one. These
/// were computed by this crate.
#[test]
fn the_networks_of_a_builder_version_are_pinned() {
    let build = |protocol, layer| {
        let model = inception::onnx(synthetic::seed_7(), protocol, layer).expect("sound weights");
        let digest: String =
            Sha256::digest(&model).iter().map(|byte| format!("{byte:02x}")).collect();
        (model.len(), digest[..16].to_owned())
    };
    assert_eq!(inception::BUILDER_VERSION, 2);
    for (protocol, layer, bytes, sha256) in [
        (Protocol::PYTORCH_FID, FeatureLayer::Pool3, 95_367_556, "455cadb9c109beae"),
        (Protocol::TORCH_FIDELITY, FeatureLayer::Pool3, 95_367_548, "c72cfa3c84daf0d6"),
        (Protocol::PYTORCH_FID, FeatureLayer::Mixed6e, 35_844_280, "5fefd2087a4a92d6"),
        (Protocol::PYTORCH_FID, FeatureLayer::Pool2, 691_224, "590dea53d71df4d9"),
        (Protocol::PYTORCH_FID, FeatureLayer::Pool1, 115_930, "abb2dbb330bf0847"),
    ] {
        assert_eq!(build(protocol, layer), (bytes, sha256.to_owned()), "{protocol} {layer}");
    }
}

#[test]
fn a_network_ends_at_the_layer_that_is_asked_for() {
    for layer in FeatureLayer::ALL {
        let model = inception::onnx(synthetic::seed_7(), Protocol::PYTORCH_FID, layer);
        let metadata = bench_onnx::metadata(&model.expect("sound weights")).expect("a model");
        let features = &metadata[bench_metrics::extractor::metadata_keys::OUTPUT_FEATURES];
        assert_eq!(*features, format!("features_{layer}"));
        let logits = metadata.get(bench_metrics::extractor::metadata_keys::OUTPUT_LOGITS);
        assert_eq!(logits.is_some(), layer == FeatureLayer::Pool3);
        assert_eq!(metadata.contains_key(inception::KEY_LOGITS_BIAS), logits.is_some());
    }
}

#[test]
fn other_networks_are_refused() {
    let sound = tensors();
    let refusal = |change: &dyn Fn(&mut Tensors)| {
        let mut changed = sound.clone();
        change(&mut changed);
        let error = build(&safetensors(&changed)).map(drop).expect_err("another network");
        assert!(matches!(error, MetricsError::Weights { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("weights.safetensors"), "{text}");
        text
    };
    let name = "Mixed_6c.branch7x7_2.conv.weight";
    let missing = refusal(&|tensors| drop(tensors.remove(name)));
    assert!(missing.contains(name), "{missing}");
    let turned = refusal(&|tensors| {
        tensors.entry(name.to_owned()).and_modify(|(shape, _)| *shape = vec![160, 160, 7, 1]);
    });
    assert!(turned.contains(name) && turned.contains("[160, 160, 1, 7]"), "{turned}");
    let more = refusal(&|tensors| {
        tensors.insert("AuxLogits.fc.bias".to_owned(), (vec![1], vec![0; 4]));
    });
    assert!(more.contains("auxiliary classifier, as torchvision's has"), "{more}");
    let unknown = refusal(&|tensors| {
        tensors.insert("Mixed_8a.bias".to_owned(), (vec![1], vec![0; 4]));
    });
    assert!(unknown.contains("Mixed_8a.bias"), "{unknown}");
    let classes = refusal(&|tensors| {
        tensors.insert("fc.bias".to_owned(), (vec![1000], vec![0; 4000]));
    });
    assert!(classes.contains("fc.bias") && classes.contains("1008"), "{classes}");
}

#[test]
fn unusable_values_are_refused() {
    let sound = tensors();
    let refusal = |name: &str, value: f32| {
        let mut changed = sound.clone();
        let (_, bytes) = changed.get_mut(name).expect("a tensor");
        bytes.as_chunks_mut().0.fill(value.to_le_bytes());
        build(&safetensors(&changed)).map(drop).expect_err("an unusable value").to_string()
    };
    for (name, value, reason) in [
        ("Mixed_5b.branch1x1.conv.weight", f32::NAN, "not finite"),
        ("Mixed_7c.branch_pool.bn.running_mean", f32::INFINITY, "not finite"),
        ("Mixed_6a.branch3x3.bn.running_var", -0.25, "negative"),
        ("Conv2d_1a_3x3.conv.weight", f32::MAX, "overflows"),
        ("fc.weight", f32::NAN, "not finite"),
        ("fc.bias", f32::NEG_INFINITY, "not finite"),
    ] {
        let text = refusal(name, value);
        let layer = name.split('.').next().expect("a name");
        assert!(text.contains(reason) && text.contains(layer), "{name} = {value}: {text}");
    }
}

#[test]
fn files_cut_off_are_refused() {
    let file = synthetic::file(7);
    let header = synthetic::HEADER.len();
    for length in [
        0,
        1,
        14,
        15,
        20,
        137,
        300,
        68_684,
        header - 1,
        header,
        header + 4,
        header + 1000,
        file.len() - 1,
    ] {
        let error = WeightsFile::from_bytes("cut.pth", file[..length].to_vec())
            .expect_err("a part of a file")
            .to_string();
        assert!(error.contains("cut.pth"), "{length}: {error}");
    }
    let longer = [file, vec![0]].concat();
    assert!(WeightsFile::from_bytes("longer.pth", longer).is_err());
}
