//! The convolution as an operator of ONNX Runtime.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bench_onnx::proto;
use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput,
};
use ort::value::TensorElementType;
use rayon::prelude::*;

use crate::convolution::{Convolution, Output, Part, Scratch};
use crate::error::WinogradError;
use crate::register;
use crate::shape::Shape;

/// Domain of the operator in model files.
pub(super) const DOMAIN: &str = "bench";
/// Name of the operator: input and output in the blocked layout. Rewritten models have two inputs more, constant weights
/// `[outputs, inputs, taps down, taps across]` and bias `[outputs]`, which [`Operators::of`] takes out.
pub(super) const NAME: &str = "WinogradConv";
/// Attribute: zeros above, left, below and right of the image.
pub(super) const PADS: &str = "pads";
/// Attribute: 1 if negative outputs become 0.
pub(super) const RELU: &str = "relu";

/// The operators of one model, whose sessions share the transformed weights.
#[derive(Clone, Debug)]
pub struct Operators {
    /// Threads of a session.
    threads: usize,
    /// Convolutions by the names of their nodes.
    convolutions: Arc<HashMap<String, Arc<Convolution>>>,
}

impl Operators {
    /// Those of a rewritten model, which goes without the weights that they transform, for sessions that each compute on
    /// `threads` threads.
    ///
    /// # Errors
    /// [`WinogradError::Model`] for a node of this operator that it cannot compute.
    pub(super) fn of(model: &mut proto::Model, threads: usize) -> Result<Self, WinogradError> {
        let Some(graph) = model.graph.as_mut() else {
            return Err(WinogradError::Model("it has no graph".to_owned()));
        };
        let tensors: HashMap<&str, &proto::Tensor> =
            graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let is_own = |node: &proto::Node| node.op_type == NAME && node.domain == DOMAIN;
        let nodes: Vec<&proto::Node> = graph.node.iter().filter(|node| is_own(node)).collect();
        let prepared = |node: &&proto::Node| {
            let convolution = prepared(node, &tensors).ok_or_else(|| {
                let reason = format!("its {NAME} {} has no weights that can be had", node.name);
                WinogradError::Model(reason)
            })?;
            Ok((node.name.clone(), Arc::new(convolution)))
        };
        let convolutions = nodes.par_iter().map(prepared).collect::<Result<_, WinogradError>>()?;
        for node in graph.node.iter_mut().filter(|node| is_own(node)) {
            node.input.truncate(1);
        }
        let read: HashSet<&str> =
            graph.node.iter().flat_map(|node| &node.input).map(String::as_str).collect();
        graph.initializer.retain(|tensor| read.contains(tensor.name.as_str()));
        Ok(Self { threads, convolutions: Arc::new(convolutions) })
    }

    /// The domain that one session takes.
    ///
    /// # Errors
    /// [`WinogradError::Operator`].
    pub fn domain(&self) -> Result<OperatorDomain, WinogradError> {
        OperatorDomain::new(DOMAIN)
            .and_then(|domain| domain.add(WinogradConv(self.clone())))
            .map_err(|error| WinogradError::Operator(error.to_string()))
    }
}

/// The convolution of a node whose weights are among `tensors`; `None` where they do not fit it.
fn prepared(node: &proto::Node, tensors: &HashMap<&str, &proto::Tensor>) -> Option<Convolution> {
    let [_, weight, bias] = &node.input[..] else { return None };
    let [weight, bias] = [weight, bias].map(|name| tensors.get(name.as_str()));
    let (weight, bias) = (weight?, bias?);
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let &[top, left, ..] = attribute(PADS)?.ints.as_slice() else { return None };
    let relu = attribute(RELU)?.i == Some(1);
    let sizes = |values: &[i64]| -> Option<Vec<usize>> {
        values.iter().map(|&value| usize::try_from(value).ok()).collect()
    };
    let &[outputs, inputs, down, across] = sizes(&weight.dims)?.as_slice() else { return None };
    let &[top, left] = sizes(&[top, left])?.as_slice() else { return None };
    let (taps, padding) = ([down, across], [top, left]);
    let shape = Shape { lanes: register::lanes()?, inputs, outputs, taps, padding };
    Convolution::new(shape, &values(weight), &values(bias), relu)
}

/// The values of a tensor of `f32`.
fn values(tensor: &proto::Tensor) -> Vec<f32> {
    tensor.raw_data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

struct WinogradConv(Operators);

struct ConvKernel {
    convolution: Arc<Convolution>,
    threads: usize,
}

thread_local! {
    /// One for all convolutions that a thread computes, so that it stays in the thread's cache.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Operator for WinogradConv {
    type Kernel<'attr> = ConvKernel;

    fn name(&self) -> &str {
        NAME
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [OperatorInput::required(TensorElementType::Float32)]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<ConvKernel> {
        let Operators { threads, convolutions } = &self.0;
        let name = context.node_name()?;
        let convolution = convolutions.get(&name).ok_or_else(|| unfit("it is of another model"))?;
        Ok(ConvKernel { convolution: Arc::clone(convolution), threads: *threads })
    }
}

impl Kernel for ConvKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let input = context.input(0)?.ok_or_else(|| unfit("it has no input"))?;
        let (dims, images) = input.try_extract_tensor::<f32>()?;
        let &[n, inputs, height, width] = &dims[..] else {
            return Err(unfit("its input has not four dimensions"));
        };
        let shape = self.convolution.shape();
        let size = [height as usize, width as usize];
        let output_size = shape.output_size(size).filter(|_| inputs as usize == shape.inputs);
        let output_size = output_size.ok_or_else(|| unfit("its input has another shape"))?;
        let [output_height, output_width] = output_size.map(|side| side as i64);
        let mut output = context
            .output(0, [n, shape.outputs as i64, output_height, output_width])?
            .ok_or_else(|| unfit("it has no output"))?;
        let (_, outputs) = output.try_extract_tensor_mut::<f32>()?;
        let parts = self.convolution.parts(output_size, self.threads);
        let images = images.chunks_exact(shape.inputs * size[0] * size[1]);
        let outputs = outputs.chunks_exact_mut(shape.outputs * output_size[0] * output_size[1]);
        for (image, output) in images.zip(outputs) {
            let output = Output::new(output);
            context.par_for(parts.len(), 0, |part| {
                let tiles = parts[part].clone();
                // SAFETY: an output of this size, and every part has tiles of its own.
                SCRATCH.with_borrow_mut(|scratch| unsafe {
                    self.convolution.run(Part { image, size, tiles }, scratch, output);
                });
            })?;
        }
        Ok(())
    }
}

fn unfit(reason: &str) -> ort::Error {
    ort::Error::new(format!("a {NAME} cannot be computed: {reason}"))
}
