//! A small network that is computed both ways before the first large one.

use std::sync::OnceLock;

use bench_onnx::{Bytes, Conv, Dim, GraphBuilder, OnnxError, Pool, Weights, proto};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use prost::Message as _;

use crate::error::WinogradError;
use crate::operator::Operators;
use crate::rewriting::rewritten;

/// Side of the images.
const SIDE: usize = 13;
/// Largest difference, relative to the largest magnitude of an output. Two orders of summation differ by some 1e-6.
const TOLERANCE: f32 = 1e-5;

/// Whether ONNX Runtime computes the same from a rewritten model, which takes operators of it that are not part of its
/// documentation, as from the model itself. Tried once in a process; it takes some milliseconds.
///
/// # Errors
/// [`WinogradError::Differs`], [`WinogradError::SelfTest`].
pub(super) fn passed(environment: &Environment) -> Result<(), WinogradError> {
    static PASSED: OnceLock<Result<(), WinogradError>> = OnceLock::new();
    PASSED
        .get_or_init(|| {
            let model = model().map_err(failed)?;
            let rewritten = rewritten(&model).map_err(failed)?.encode_to_vec();
            gate(environment, &rewritten, &model).map(drop)
        })
        .clone()
}

fn failed(error: impl std::fmt::Display) -> WinogradError {
    WinogradError::SelfTest(error.to_string())
}

/// Computes `rewritten` and the `plain` model that it was made from, and gives their difference if it is no larger than
/// it may be.
fn gate(environment: &Environment, rewritten: &[u8], plain: &[u8]) -> Result<f32, WinogradError> {
    let own = compute(environment, rewritten, 1).map_err(failed)?;
    let plain = compute(environment, plain, 1).map_err(failed)?;
    let difference = difference(&own, &plain);
    match difference <= TOLERANCE {
        true => Ok(difference),
        // Also where it is no number.
        false => Err(WinogradError::Differs { difference, tolerance: TOLERANCE }),
    }
}

/// The largest difference, relative to the largest magnitude of `plain`; not a number where a value is none.
fn difference(own: &[f32], plain: &[f32]) -> f32 {
    if own.is_empty() || own.len() != plain.len() {
        return f32::NAN;
    }
    let largest = plain.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let differences = own.iter().zip(plain).map(|(own, plain)| (own - plain).abs() / largest);
    // What is not a number must not be lost among the maxima.
    differences.fold(0.0, |most, next| if next <= most || most.is_nan() { most } else { next })
}

/// Every kind of node there is, with and without stride, padding and ReLU.
fn model() -> Result<Bytes, OnnxError> {
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
    Ok(graph.finish().into())
}

/// The features of two images, on `threads` threads.
fn compute(
    environment: &Environment,
    model: &[u8],
    threads: usize,
) -> Result<Vec<f32>, Box<dyn std::error::Error>> {
    let mut model = proto::Model::decode(model)?;
    let operators = Operators::of(&mut model, threads)?;
    let mut session = Session::builder(environment)?
        .with_intra_threads(threads)?
        .with_operators(operators.domain()?)?
        .commit_from_memory(&model.encode_to_vec())?;
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
    use crate::has_registers;
    use crate::operator::{NAME, RELU};

    fn environment() -> &'static Environment {
        bench_metrics::runtime::environment().expect("onnx runtime")
    }

    /// The self-test's model and what it is rewritten to.
    fn models() -> (Bytes, Vec<u8>) {
        let plain = model().expect("a sound model");
        let rewritten = rewritten(&plain).expect("a rewritten model");
        (plain, rewritten.encode_to_vec())
    }

    #[test]
    fn both_ways_agree() {
        if has_registers() {
            let (plain, rewritten) = models();
            let difference = gate(environment(), &rewritten, &plain).expect("the same features");
            assert!(difference < 3e-6, "{difference}");
            assert_eq!(passed(environment()), Ok(()));
        }
    }

    #[test]
    fn the_gate_is_relative_and_takes_nothing_that_is_no_number() {
        assert_eq!(TOLERANCE, 1e-5);
        assert_eq!(difference(&[2.0, -8.5], &[2.0, -8.0]), 0.0625);
        assert!(difference(&[1.0, f32::NAN, 1.0], &[1.0, 1.0, 1.0]).is_nan());
        assert!(difference(&[0.0], &[0.0]).is_nan(), "features that are all 0 tell nothing");
        assert!(difference(&[1.0], &[1.0, 2.0]).is_nan() && difference(&[], &[]).is_nan());
    }

    /// The rewritten model with `damage` done to its first convolution of this crate, or of ONNX Runtime.
    fn damaged(own: bool, damage: impl FnOnce(&mut proto::Node, &mut [f32])) -> Vec<u8> {
        let (_, rewritten) = models();
        let mut model = proto::Model::decode(rewritten.as_slice()).expect("a model");
        let graph = model.graph.as_mut().expect("a graph");
        let wanted = |node: &&mut proto::Node| {
            if own { node.op_type == NAME } else { node.op_type == "Conv" }
        };
        let node = graph.node.iter_mut().find(wanted).expect("such a convolution");
        let weight = graph.initializer.iter_mut().find(|tensor| tensor.name == node.input[1]);
        let weight = weight.expect("weights");
        let mut values: Vec<f32> = weight
            .raw_data
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect();
        damage(node, &mut values);
        weight.raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        model.encode_to_vec()
    }

    #[test]
    fn wrong_kernels_fail_the_gate() {
        if !has_registers() {
            return;
        }
        let (plain, _) = models();
        let turned = damaged(true, |_, weights| {
            weights.chunks_exact_mut(9).for_each(<[f32]>::reverse);
        });
        // 16 inputs and as many outputs: the order of a layout that is not the one that is read.
        let transposed = damaged(true, |_, weights| {
            for output in 0..16 {
                for input in 0..output {
                    let (a, b) = ((output * 16 + input) * 9, (input * 16 + output) * 9);
                    (0..9).for_each(|tap| weights.swap(a + tap, b + tap));
                }
            }
        });
        let not_blocked = damaged(false, |_, weights| weights.rotate_left(16));
        let coarse = damaged(true, |_, weights| {
            // As if a kernel were kept in half precision.
            for weight in weights {
                *weight = f32::from_bits(weight.to_bits() & !0x1fff);
            }
        });
        let with_relu = damaged(true, |node, _| {
            let relu = node.attribute.iter_mut().find(|attribute| attribute.name == RELU);
            relu.expect("the attribute").i = Some(1);
        });
        let infinite = damaged(true, |_, weights| weights[0] = f32::INFINITY);
        for (what, model) in [
            ("taps in the opposite order", turned),
            ("inputs and outputs exchanged", transposed),
            ("kernels in another order than the layout's", not_blocked),
            ("kernels of eleven bits", coarse),
            ("a relu that is none of the model's", with_relu),
            ("a value that is no number", infinite),
        ] {
            let error = gate(environment(), &model, &plain).expect_err(what);
            assert!(matches!(error, WinogradError::Differs { .. }), "{what}: {error}");
            assert!(error.to_string().contains("more than 1e-5"), "{what}: {error}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        if has_registers() {
            let model = rewritten(&model().expect("a sound model")).expect("a rewritten model");
            let model = model.encode_to_vec();
            let [alone, three] =
                [1, 3].map(|threads| compute(environment(), &model, threads).expect("features"));
            assert_eq!(alone, three);
        }
    }
}
