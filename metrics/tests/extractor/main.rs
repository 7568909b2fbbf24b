//! ONNX extractors: the embedded one, one whose output is known by hand, and files that are none.

mod in_graph;
mod large_network;

use bench_metrics::extractor::{ConvolutionsError, metadata_keys as keys};
use bench_metrics::{
    Activations, Computation, ConvolutionEngine, Convolutions, Extractor, ImageBatch, MetricsError,
    OnnxExtractor, RandomState,
};
use bench_onnx::{Conv, Dim, GraphBuilder, Linear, Pool, Tensor, Weights};
use ndarray::s;

const METADATA: [(&str, &str); 7] = [
    (keys::NAME, "by-hand"),
    (keys::INPUT_SIZE, "4"),
    (keys::INPUT_RESIZE, "bilinear"),
    (keys::INPUT_MEAN, "0,0,0"),
    (keys::INPUT_STD, "1,1,1"),
    (keys::OUTPUT_FEATURES, "features"),
    (keys::OUTPUT_LOGITS, "logits"),
];

fn weights(dims: &[usize], values: &[f32]) -> Weights {
    Weights::new(dims, values).expect("values that fill the shape")
}

fn image_input(graph: &mut GraphBuilder, side: usize) -> Tensor {
    graph.input("image", &[Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(side), Dim::Fixed(side)])
}

/// Features: the mean of each channel. Logits: red - blue, and green + 1.
fn channel_means(metadata: &[(&str, &str)]) -> Vec<u8> {
    let mut graph = GraphBuilder::new("channel means");
    let image = image_input(&mut graph, 4);
    let pooled = graph.global_average_pool(&image);
    let means = graph.flatten(&pooled);
    let weight = weights(&[2, 3], &[1.0, 0.0, -1.0, 0.0, 1.0, 0.0]);
    let logits = graph.linear(&means, Linear { weight, bias: Some(weights(&[2], &[0.0, 1.0])) });
    graph.output(&means, "features", &[Dim::Symbolic("n"), Dim::Fixed(3)]);
    graph.output(&logits, "logits", &[Dim::Symbolic("n"), Dim::Fixed(2)]);
    for (key, value) in metadata {
        graph.metadata(key, value);
    }
    graph.finish()
}

fn random_pixels(n: usize, height: usize, width: usize, channels: usize) -> Vec<u8> {
    let mut random = RandomState::new(41);
    (0..n * height * width * channels).map(|_| (random.uniform() * 256.0) as u8).collect()
}

fn extract(
    extractor: &mut OnnxExtractor,
    pixels: &[u8],
    shape: [usize; 3],
    batch: usize,
) -> Activations {
    let [height, width, channels] = shape;
    let mut all = Activations::empty(extractor.feature_dim(), extractor.class_count());
    for pixels in pixels.chunks(batch * height * width * channels) {
        let n = pixels.len() / (height * width * channels);
        let images = ImageBatch::new(pixels, n, height, width, channels).expect("sound images");
        all.append(&extractor.extract(&images).expect("a working extractor"))
            .expect("equal dimensions");
    }
    all
}

#[test]
fn a_network_known_by_hand() {
    let bytes = channel_means(&METADATA);
    let mut extractor = OnnxExtractor::from_bytes(&bytes, 1).expect("a sound model");
    assert_eq!(
        (extractor.name(), extractor.feature_dim(), extractor.class_count()),
        ("by-hand", 3, 2)
    );
    assert_eq!(extractor.input_size(), 4);
    assert!(
        extractor.sha256().len() == 64
            && extractor.sha256().chars().all(|digit| digit.is_ascii_hexdigit())
    );

    let pixels = [[30, 20, 10].repeat(16), [255, 0, 127].repeat(16)].concat();
    let rgb = extract(&mut extractor, &pixels, [4, 4, 3], 2);
    assert_eq!(rgb.features.as_slice().expect("row-major"), [30.0, 20.0, 10.0, 255.0, 0.0, 127.0]);
    assert_eq!(rgb.logits.as_slice().expect("row-major"), [20.0, 21.0, 128.0, 1.0]);

    let grey = extract(&mut extractor, &[7; 6 * 9], [6, 9, 1], 1);
    assert_eq!(grey.features.as_slice().expect("row-major"), [7.0, 7.0, 7.0]);
}

#[test]
fn every_operation_computes_what_it_says() {
    let mut graph = GraphBuilder::new("operations");
    let image = image_input(&mut graph, 4);
    let window = |kernel, stride, padding| Pool {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
    };
    // Red less green, and the sum over a 3 x 3 neighbourhood of blue.
    let mut kernel = vec![0.0; 2 * 3 * 9];
    kernel[4] = 1.0;
    kernel[9 + 4] = -1.0;
    kernel[27 + 18..].fill(1.0);
    let conv = graph.conv(
        &image,
        Conv {
            weight: weights(&[2, 3, 3, 3], &kernel),
            bias: Some(weights(&[2], &[0.0, -1.0])),
            stride: [1, 1],
            padding: [1, 1],
            groups: 1,
        },
    );
    let hot = graph.relu(&conv);
    let doubled = graph.add(&hot, &hot);
    let largest = graph.max_pool(&doubled, window(2, 2, 0));
    let average = graph.average_pool(&doubled, window(3, 3, 1));
    let both = graph.concat(&[largest, average]);
    let flat = graph.flatten(&both);
    graph.output(&flat, "features", &[Dim::Symbolic("n"), Dim::Fixed(16)]);
    graph.output(&flat, "logits", &[Dim::Symbolic("n"), Dim::Fixed(16)]);
    for (key, value) in METADATA {
        graph.metadata(key, value);
    }
    let mut extractor = OnnxExtractor::from_bytes(&graph.finish(), 1).expect("a sound model");

    let pixels: Vec<u8> = (0..16).flat_map(|i| [10, i, 1]).collect();
    let found = extract(&mut extractor, &pixels, [4, 4, 3], 1).features;
    let red_less_green =
        |row: usize, column: usize| 2.0 * (10.0 - (4 * row + column) as f32).max(0.0);
    let neighbours = |row: usize, column: usize| {
        let along = |at: usize| if at == 0 || at == 3 { 2.0 } else { 3.0 };
        2.0 * (along(row) * along(column) - 1.0_f32)
    };
    let mut expected = Vec::new();
    for value in [&red_less_green as &dyn Fn(usize, usize) -> f32, &neighbours] {
        for (row, column) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let window = [
                value(row, column),
                value(row, column + 1),
                value(row + 1, column),
                value(row + 1, column + 1),
            ];
            expected.push(window.into_iter().fold(0.0, f32::max));
        }
    }
    for value in [&red_less_green as &dyn Fn(usize, usize) -> f32, &neighbours] {
        for (rows, columns) in [(0..2, 0..2), (0..2, 2..4), (2..4, 0..2), (2..4, 2..4)] {
            let window = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
            expected.push(window.map(|(row, column)| value(row, column)).sum::<f32>() / 4.0);
        }
    }
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() < 1e-4, "place {place}: {found} instead of {expected}");
    }
}

#[test]
fn batches_do_not_matter() {
    let mut extractor = OnnxExtractor::embedded(2).expect("the embedded model");
    for shape in [[32, 32, 3], [20, 45, 1]] {
        let pixels = random_pixels(150, shape[0], shape[1], shape[2]);
        let whole = extract(&mut extractor, &pixels, shape, 150);
        for batch in [1, 7, 64] {
            assert_eq!(
                extract(&mut extractor, &pixels, shape, batch),
                whole,
                "batches of {batch} of {shape:?}"
            );
        }
    }
}

#[test]
fn threads_do_not_matter() {
    let pixels = random_pixels(70, 32, 32, 3);
    let [one, two] = [1, 2].map(|threads| {
        let mut extractor = OnnxExtractor::embedded(threads).expect("the embedded model");
        extract(&mut extractor, &pixels, [32, 32, 3], 70)
    });
    assert_eq!(one, two);
}

/// The large network by the convolutions that are asked for, on one thread.
fn large(convolutions: Convolutions) -> Result<OnnxExtractor, MetricsError> {
    let computation = Computation { threads: 1, convolutions, ..Computation::default() };
    OnnxExtractor::from_bytes(&large_network::model(), computation)
}

/// The large network with a documentation text: models with fields that `bench` does not write are not rewritten.
fn with_an_unknown_field() -> Vec<u8> {
    let text = b"computed by ONNX Runtime alone";
    // Field 6 of a model file, of variable length.
    [large_network::model().as_slice(), &[6 << 3 | 2, text.len() as u8], text].concat()
}

/// The convolutions of a large network, which this crate computes itself where the processor can, against ONNX Runtime's:
/// 3e-6 of the largest feature.
#[test]
fn features_of_a_large_network_are_those_of_onnx_runtime() {
    let pixels = random_pixels(6, 40, 40, 3);
    let [(own, engine), (alone, other)] =
        [Convolutions::Auto, Convolutions::OnnxRuntime].map(|convolutions| {
            let mut extractor = large(convolutions).expect("a sound model");
            (extract(&mut extractor, &pixels, [40, 40, 3], 1).features, extractor.convolutions())
        });
    let largest = alone.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let worst = (&own - &alone).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    eprintln!("off by {worst:e} where the largest feature is {largest}");
    assert!(worst < 3e-6 * largest, "{worst} of {largest}");
    assert_eq!(other, ConvolutionEngine::OnnxRuntime);
    assert_eq!(engine == ConvolutionEngine::Own, is_fit());
    assert_eq!(engine == ConvolutionEngine::Own, own != alone, "the engine is not what it says");
}

#[test]
fn own_convolutions_are_had_or_refused_with_the_reason() {
    match large(Convolutions::Own) {
        Ok(extractor) => assert_eq!(extractor.convolutions(), ConvolutionEngine::Own),
        Err(error) => assert!(!is_fit() && error.to_string().contains("AVX2"), "{error}"),
    }
    let own = Computation { threads: 1, convolutions: Convolutions::Own, ..Computation::default() };
    let error = OnnxExtractor::embedded(own).expect_err("a small network");
    assert!(
        matches!(
            error,
            MetricsError::Convolutions { reason: ConvolutionsError::TooSmall { side: 32 }, .. }
        ),
        "{error}"
    );
    if is_fit() {
        let foreign = with_an_unknown_field();
        let error = OnnxExtractor::from_bytes(&foreign, own).expect_err("an unknown field");
        assert!(error.to_string().contains("fields that `bench` does not write"), "{error}");
    }
    // What cannot be rewritten is computed nevertheless.
    let foreign = OnnxExtractor::from_bytes(&with_an_unknown_field(), 1);
    let engine = foreign.expect("a sound model").convolutions();
    assert_eq!(engine, ConvolutionEngine::OnnxRuntime);
    let embedded = OnnxExtractor::embedded(1).expect("the embedded model");
    assert_eq!(embedded.convolutions(), ConvolutionEngine::OnnxRuntime);
}

#[test]
fn batches_and_threads_do_not_matter_to_a_large_network() {
    let (model, pixels) = (large_network::model(), random_pixels(6, 40, 40, 3));
    let with = |threads, batch| {
        let mut extractor = OnnxExtractor::from_bytes(&model, threads).expect("a sound model");
        extract(&mut extractor, &pixels, [40, 40, 3], batch)
    };
    let one = with(1, 1);
    for (threads, batch) in [(1, 4), (2, 6), (3, 1), (3, 6)] {
        assert_eq!(with(threads, batch), one, "{threads} threads, batches of {batch}");
    }
}

/// Whether the processor has what own convolutions are written for.
fn is_fit() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f")
        || (std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("fma"));
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[test]
fn the_embedded_extractor_fits_its_card() {
    let mut extractor = OnnxExtractor::embedded(1).expect("the embedded model");
    assert!((128..=512).contains(&extractor.feature_dim()));
    assert_eq!((extractor.class_count(), extractor.input_size()), (10, 32));
    let pixels = random_pixels(3, 32, 32, 3);
    let activations = extract(&mut extractor, &pixels, [32, 32, 3], 3);
    assert!(activations.features.iter().all(|&feature| feature >= 0.0), "features pass a relu");
    assert_ne!(activations.features.slice(s![0, ..]), activations.features.slice(s![1, ..]));
}

#[test]
fn no_images_have_no_activations() {
    let mut extractor = OnnxExtractor::embedded(1).expect("the embedded model");
    let none = extractor
        .extract(&ImageBatch::new(&[], 0, 32, 32, 3).expect("sound images"))
        .expect("no work");
    assert!(none.is_empty() && none.features.ncols() == extractor.feature_dim());
}

#[test]
fn missing_and_odd_metadata_are_named() {
    for left_out in METADATA.into_iter().filter(|(key, _)| *key != keys::OUTPUT_LOGITS) {
        let rest: Vec<_> = METADATA.into_iter().filter(|entry| *entry != left_out).collect();
        let error = OnnxExtractor::from_bytes(&channel_means(&rest), 1).expect_err("a missing key");
        assert!(
            matches!(error, MetricsError::ModelMetadata { key, .. } if key == left_out.0),
            "{error}"
        );
    }
    let with = |key: &str, value: &'static str| {
        let entries = METADATA.map(|(name, old)| (name, if name == key { value } else { old }));
        OnnxExtractor::from_bytes(&channel_means(&entries), 1)
            .expect_err("an odd value")
            .to_string()
    };
    assert!(with(keys::INPUT_SIZE, "5").contains("[-1, 3, 5, 5]"));
    assert!(with(keys::INPUT_RESIZE, "lanczos").contains("lanczos"));
    assert!(with(keys::OUTPUT_FEATURES, "nowhere").contains("nowhere"));
    assert!(with(keys::OUTPUT_LOGITS, "image").contains("image"));
}

#[test]
fn an_extractor_may_give_features_alone() {
    let features_alone: Vec<_> =
        METADATA.into_iter().filter(|(key, _)| *key != keys::OUTPUT_LOGITS).collect();
    let pixels = random_pixels(70, 4, 4, 3);
    let extract_all = |metadata: &[(&str, &str)]| {
        let mut extractor =
            OnnxExtractor::from_bytes(&channel_means(metadata), 2).expect("a sound model");
        (extractor.class_count(), extract(&mut extractor, &pixels, [4, 4, 3], 33))
    };
    let (classes, alone) = extract_all(&features_alone);
    assert_eq!((classes, alone.logits.dim()), (0, (70, 0)));
    assert_eq!(alone.features, extract_all(&METADATA).1.features);
}

#[test]
fn features_that_are_not_finite_are_errors() {
    let mut graph = GraphBuilder::new("overflow");
    let image = image_input(&mut graph, 4);
    let flat = graph.flatten(&image);
    let output =
        graph.linear(&flat, Linear { weight: weights(&[1, 48], &[f32::MAX; 48]), bias: None });
    for name in ["features", "logits"] {
        graph.output(&output, name, &[Dim::Symbolic("n"), Dim::Fixed(1)]);
    }
    for (key, value) in METADATA {
        graph.metadata(key, value);
    }
    let mut extractor = OnnxExtractor::from_bytes(&graph.finish(), 1).expect("a sound model");
    let pixels = [255; 48];
    let error = extractor.extract(&ImageBatch::new(&pixels, 1, 4, 4, 3).expect("sound images"));
    assert!(error.expect_err("an overflow").to_string().contains("not finite"));
}

#[test]
fn hostile_bytes_are_errors() {
    let sound = channel_means(&METADATA);
    let mut swapped = sound.clone();
    swapped.reverse();
    let cuts = (0..sound.len()).step_by(7).map(|length| sound[..length].to_vec());
    let others = [Vec::new(), b"plain text".to_vec(), vec![0xff; 1000], vec![0; 1000], swapped];
    for bytes in cuts.chain(others) {
        assert!(OnnxExtractor::from_bytes(&bytes, 1).is_err(), "{} bytes", bytes.len());
    }
}

#[test]
fn files_are_named_in_errors() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.onnx");
    let error = OnnxExtractor::from_file(&path, 1).expect_err("no such file").to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
    std::fs::write(&path, b"plain text").expect("a written file");
    let error = OnnxExtractor::from_file(&path, 1).expect_err("no model").to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
    std::fs::write(&path, channel_means(&METADATA)).expect("a written file");
    assert_eq!(OnnxExtractor::from_file(&path, 1).expect("a sound model").name(), "by-hand");
}
