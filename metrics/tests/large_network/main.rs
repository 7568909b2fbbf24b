//! A network of large images, whose convolutions this crate computes itself where the processor can: against ONNX
//! Runtime alone, which computes a model with a field that this crate does not write, such as a documentation text.

mod network;

use bench_metrics::{Activations, Extractor, ImageBatch, OnnxExtractor, RandomState};

const SIDE: usize = 40;
const IMAGES: usize = 6;

fn pixels() -> Vec<u8> {
    let mut random = RandomState::new(43);
    (0..IMAGES * SIDE * SIDE * 3).map(|_| (random.uniform() * 256.0) as u8).collect()
}

fn extract(model: &[u8], threads: usize, batch: usize) -> Activations {
    let mut extractor = OnnxExtractor::from_bytes(model, threads).expect("a sound model");
    let mut all = Activations::empty(extractor.feature_dim(), extractor.class_count());
    for pixels in pixels().chunks(batch * SIDE * SIDE * 3) {
        let images = ImageBatch::new(pixels, pixels.len() / (SIDE * SIDE * 3), SIDE, SIDE, 3);
        let activations = extractor.extract(&images.expect("sound images"));
        all.append(&activations.expect("a working extractor")).expect("equal dimensions");
    }
    all
}

/// 3e-6 of the largest feature.
#[test]
fn features_are_those_of_onnx_runtime() {
    let (own, alone) = (extract(&network::model(), 1, 1), extract(&network::documented(), 1, 1));
    let largest = alone.features.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let worst = own
        .features
        .iter()
        .zip(&alone.features)
        .map(|(own, alone)| (own - alone).abs())
        .fold(0.0, f32::max);
    eprintln!("off by {worst:e} where the largest feature is {largest}");
    assert!(worst < 3e-6 * largest, "{worst} of {largest}");
    if has_avx512() {
        assert_ne!(own.features, alone.features, "both were computed in the same way");
    }
}

#[test]
fn batches_and_threads_do_not_matter() {
    let model = network::model();
    let one = extract(&model, 1, 1);
    for (threads, batch) in [(1, 4), (2, IMAGES), (3, 1), (3, IMAGES)] {
        assert_eq!(extract(&model, threads, batch), one, "{threads} threads, batches of {batch}");
    }
}

fn has_avx512() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}
