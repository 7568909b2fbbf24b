//! The convolution as an operator of ONNX Runtime.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput,
};
use ort::value::{DynTensorValueType, TensorElementType};

use crate::convolution::{Convolution, Output, Part, Scratch};
use crate::error::WinogradError;
use crate::register;
use crate::shape::Shape;

/// Domain of the operator in model files.
pub(super) const DOMAIN: &str = "bench";
/// Name of the operator: inputs and outputs in the blocked layout, constant weights `[outputs, inputs, taps down, taps
/// across]` and bias `[outputs]`. Nodes of one name have the same weights.
pub(super) const NAME: &str = "WinogradConv";
/// Attribute: zeros above, left, below and right of the image.
pub(super) const PADS: &str = "pads";
/// Attribute: 1 if negative outputs become 0.
pub(super) const RELU: &str = "relu";

/// The operators of one model, whose sessions, each computing on so many threads, share the transformed weights.
#[derive(Clone, Debug)]
pub struct Operators {
    threads: usize,
    prepared: Prepared,
}

/// Convolutions by the names of their nodes.
type Prepared = Arc<Mutex<HashMap<String, Arc<Convolution>>>>;

impl Operators {
    pub(super) fn new(threads: usize) -> Self {
        Self { threads, prepared: Prepared::default() }
    }

    /// The domain that one session takes.
    ///
    /// # Errors
    /// [`WinogradError::Operator`].
    pub fn domain(&self) -> Result<OperatorDomain, WinogradError> {
        let operator = WinogradConv(self.clone());
        OperatorDomain::new(DOMAIN)
            .and_then(|domain| domain.add(operator))
            .map_err(|error| WinogradError::Operator(error.to_string()))
    }
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
        let input = || OperatorInput::required(TensorElementType::Float32);
        [input(), input(), input()]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<ConvKernel> {
        let name = context.node_name()?;
        let Operators { threads, prepared } = &self.0;
        let mut prepared = prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let convolution = match prepared.get(&name) {
            Some(convolution) => Arc::clone(convolution),
            None => {
                let convolution = Arc::new(prepare(context)?);
                prepared.insert(name, Arc::clone(&convolution));
                convolution
            }
        };
        Ok(ConvKernel { convolution, threads: *threads })
    }
}

/// The convolution of a node.
fn prepare(context: &KernelContext<'_>) -> ort::Result<Convolution> {
    let weight = context.constant_input::<DynTensorValueType>(1)?;
    let bias = context.constant_input::<DynTensorValueType>(2)?;
    let (dims, weight) = weight.try_extract_tensor::<f32>()?;
    let (_, bias) = bias.try_extract_tensor::<f32>()?;
    let pads: Option<Vec<i64>> = context.get(PADS);
    let relu: Option<i64> = context.get(RELU);
    let (&[outputs, inputs, down, across], Some(&[top, left, ..])) = (&dims[..], pads.as_deref())
    else {
        return Err(unfit("its weights have not four dimensions, or it has no padding"));
    };
    let shape = Shape {
        lanes: register::lanes().ok_or_else(|| unfit("the processor has no AVX2"))?,
        inputs: inputs as usize,
        outputs: outputs as usize,
        taps: [down as usize, across as usize],
        padding: [top as usize, left as usize],
    };
    Convolution::new(shape, weight, bias, relu == Some(1))
        .ok_or_else(|| unfit("its shape is not supported"))
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
