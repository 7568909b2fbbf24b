//! A small network that is computed both ways before the first large one.

use std::sync::OnceLock;

use bench_onnx::{Conv, Dim, GraphBuilder, OnnxError, Pool, Weights};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;

use crate::operator::operators;
use crate::rewriting::rewritten;

/// Side of the images.
const SIDE: usize = 13;
/// Largest difference, relative to the largest output.
const TOLERANCE: f32 = 1e-4;

/// Whether ONNX Runtime computes the same from a rewritten model, which takes operators of it that are not part of its
/// documentation, as from the model itself. Tried once in a process; it takes some milliseconds.
pub(super) fn passed(environment: &Environment) -> bool {
    static PASSED: OnceLock<bool> = OnceLock::new();
    *PASSED.get_or_init(
        || matches!(largest_difference(environment), Ok(Some(found)) if found < TOLERANCE),
    )
}

/// The largest difference between both ways; none if the model cannot be rewritten.
fn largest_difference(
    environment: &Environment,
) -> Result<Option<f32>, Box<dyn std::error::Error>> {
    let model = model()?;
    let Some(rewritten) = rewritten(&model) else { return Ok(None) };
    let [own, plain] = [compute(environment, &rewritten, 1)?, compute(environment, &model, 1)?];
    let largest = plain.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let differences = own.iter().zip(&plain).map(|(own, plain)| (own - plain).abs() / largest);
    // What is not a number must not be lost among the maxima.
    Ok(differences.reduce(|most, next| if next <= most { most } else { next }))
}

/// Every kind of node there is, with and without stride, padding and ReLU.
fn model() -> Result<Vec<u8>, OnnxError> {
    let mut graph = GraphBuilder::new("self-test");
    let side = Dim::Fixed(SIDE);
    let images = graph.input("images", &[Dim::Symbolic("n"), Dim::Fixed(3), side, side]);
    let mut seed = 1;
    let mut conv = |[inputs, outputs]: [usize; 2], [down, across]: [usize; 2], stride: usize| {
        let weight = values(&mut seed, outputs * inputs * down * across);
        let bias = values(&mut seed, outputs);
        Ok::<_, OnnxError>(Conv {
            weight: Weights::new(&[outputs, inputs, down, across], &weight)?,
            bias: Some(Weights::new(&[outputs], &bias)?),
            stride: [stride; 2],
            padding: [down / 2, across / 2],
            groups: 1,
        })
    };
    let first = graph.conv(&images, conv([3, 16], [3, 3], 1)?);
    let first = graph.relu(&first);
    let window = Pool { kernel: [3, 3], stride: [1, 1], padding: [1, 1] };
    let parts = [
        graph.conv(&first, conv([16, 32], [3, 3], 1)?),
        graph.conv(&first, conv([16, 16], [5, 5], 1)?),
        graph.conv(&first, conv([16, 16], [1, 7], 1)?),
        graph.conv(&first, conv([16, 48], [7, 1], 1)?),
        graph.max_pool(&first, window),
        graph.average_pool(&first, window),
    ];
    let joined = graph.concat(&parts);
    let last = graph.conv(&joined, conv([144, 32], [3, 3], 2)?);
    let pooled = graph.global_average_pool(&last);
    let features = graph.flatten(&pooled);
    graph.output(&features, "features", &[Dim::Symbolic("n"), Dim::Fixed(32)]);
    Ok(graph.finish())
}

/// The features of two images, on `threads` threads.
fn compute(
    environment: &Environment,
    model: &[u8],
    threads: usize,
) -> Result<Vec<f32>, Box<dyn std::error::Error>> {
    let mut session = Session::builder(environment)?
        .with_intra_threads(threads)?
        .with_operators(operators(threads)?)?
        .commit_from_memory(model)?;
    let images = values(&mut 7, 2 * 3 * SIDE * SIDE);
    let input = TensorRef::from_array_view(([2, 3, SIDE, SIDE], images.as_slice()))?;
    let outputs = session.run(ort::inputs![input])?;
    let (_, features) = outputs[0].try_extract_tensor::<f32>()?;
    Ok(features.to_vec())
}

/// Values from -0.5 to 0.5, from a linear congruential generator.
fn values(seed: &mut u32, count: usize) -> Vec<f32> {
    let next = || {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::has_avx512;

    fn environment() -> &'static Environment {
        bench_metrics::runtime::environment().expect("onnx runtime")
    }

    #[test]
    fn both_ways_agree() {
        if has_avx512() {
            let difference = largest_difference(environment())
                .expect("a sound model")
                .expect("a rewritten model");
            assert!(difference < 3e-6, "{difference}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        if has_avx512() {
            let model = rewritten(&model().expect("a sound model")).expect("a rewritten model");
            let [alone, three] =
                [1, 3].map(|threads| compute(environment(), &model, threads).expect("features"));
            assert_eq!(alone, three);
        }
    }
}
