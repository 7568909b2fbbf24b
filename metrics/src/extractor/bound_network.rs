//! A session whose inputs and outputs are bound to it, as devices beside the processor want it.

use ndarray::ArrayViewMut2;
use ort::ep::{ArenaExtendStrategy, CUDA, cuda::ConvAlgorithmSearch};
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{IoBinding, Session};
use ort::value::Tensor;

use bench_onnx::pixels::{COLUMNS, PIXELS, ROWS, fed_by_pixels};

use super::description::Description;
use super::device_batches::{DeviceNetwork, Feed, Input, RunError};
use super::outputs::{Outputs, image_input};
use super::outside::OutsideTensors;
use super::resize::{Matrices, ResizeRule};
use crate::device::Device;
use crate::runtime;

/// A model on a device.
#[derive(Debug)]
pub(super) struct BoundNetwork {
    session: Session,
    binding: IoBinding,
    outputs: Outputs,
    /// Name of the input that takes values; `None` for a model that takes pixels.
    values: Option<String>,
    resize: ResizeRule,
    side: usize,
    /// Height and width of the images whose resizing is bound.
    resized: Option<[usize; 2]>,
}

/// What a network of `description` takes: pixels where its graph can resize them as the processor would.
pub(super) fn feed_of(description: &Description) -> Feed {
    match description.resize.is_linear() && !description.crop {
        true => Feed::Pixels,
        false => Feed::Values,
    }
}

impl BoundNetwork {
    /// Loads the model of these bytes and of the tensors outside of them on `device`; what the device cannot compute, `threads` threads do.
    ///
    /// # Errors
    /// [`RunError`].
    pub(super) fn open(
        (bytes, outside): (&[u8], &OutsideTensors),
        description: &Description,
        feed: Feed,
        device: Device,
        threads: usize,
    ) -> Result<Self, RunError> {
        let model = |error: &dyn ToString| RunError::Model(error.to_string());
        let fed;
        let bytes = match feed {
            Feed::Values => bytes,
            Feed::Pixels => {
                let Description { mean, std, .. } = *description;
                fed = fed_by_pixels(bytes, mean, std).map_err(|error| model(&error))?;
                &fed
            }
        };
        let session = session((bytes, outside), device, threads)?;
        let side = description.size;
        let values = match feed {
            Feed::Values => Some(image_input(&session, side).map_err(RunError::Model)?),
            Feed::Pixels => None,
        };
        let outputs = Outputs::of(&session, description).map_err(RunError::Model)?;
        let binding = bound(&session, &outputs).map_err(|error| run_error(&error))?;
        let resize = description.resize;
        Ok(Self { session, binding, outputs, values, resize, side, resized: None })
    }

    /// Numbers of features, of classes and of spatial features.
    pub(super) fn columns(&self) -> [usize; 3] {
        self.outputs.columns()
    }

    /// Binds the matrices that resize images of `height` x `width`, unless they are.
    fn bind_resizing(&mut self, [height, width]: [usize; 2]) -> ort::Result<()> {
        if self.resized == Some([height, width]) {
            return Ok(());
        }
        let side = self.side;
        let Matrices { rows, columns } =
            self.resize.matrices(height, width, side).ok_or_else(|| {
                ort::Error::new(format!("{} is no rule of matrices", self.resize.name()))
            })?;
        self.resized = None;
        self.binding.bind_input(ROWS, &Tensor::from_array(([side, height], rows))?)?;
        self.binding.bind_input(COLUMNS, &Tensor::from_array(([width, side], columns))?)?;
        self.resized = Some([height, width]);
        Ok(())
    }

    fn bind(&mut self, input: Input, batch: usize) -> ort::Result<()> {
        match (input, &self.values) {
            (Input::Values(values), Some(name)) => {
                let shape = [batch, 3, self.side, self.side];
                self.binding.bind_input(name.as_str(), &Tensor::from_array((shape, values))?)
            }
            (Input::Pixels { bytes, extents: [height, width, channels] }, None) => {
                self.bind_resizing([height, width])?;
                let shape = [batch, height, width, channels];
                self.binding.bind_input(PIXELS, &Tensor::from_array((shape, bytes))?)
            }
            (_, None) => Err(ort::Error::new("values for a model that takes pixels")),
            (_, Some(name)) => Err(ort::Error::new(format!("pixels for the input {name:?}"))),
        }
    }
}

impl DeviceNetwork for BoundNetwork {
    fn run(
        &mut self,
        input: Input,
        batch: usize,
        targets: [ArrayViewMut2<'_, f32>; 3],
    ) -> Result<(), RunError> {
        self.bind(input, batch).map_err(|error| run_error(&error))?;
        let found = self.session.run_binding(&self.binding).map_err(|error| run_error(&error))?;
        self.outputs.copy(&found, batch, targets).map_err(RunError::Model)
    }
}

/// A session on `device`.
fn session(
    (bytes, outside): (&[u8], &OutsideTensors),
    device: Device,
    threads: usize,
) -> Result<Session, RunError> {
    let environment = runtime::environment().map_err(|error| RunError::Model(error.to_string()))?;
    let open = || -> ort::Result<Session> {
        let builder = Session::builder(environment)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_intra_threads(threads)?;
        let builder = match device {
            Device::Cpu => builder,
            Device::Cuda(index) => builder
                .with_deterministic_compute(true)?
                .with_execution_providers([cuda(index).build().error_on_failure()])?,
        };
        outside.add_to(builder)?.commit_from_memory(bytes)
    };
    open().map_err(|error| run_error(&error))
}

/// The CUDA provider as features want it: sums in full single precision, and the algorithm of every convolution chosen by rule
/// and not by a race, so that it is the same one each time.
fn cuda(index: usize) -> CUDA {
    CUDA::default()
        .with_device_id(i32::try_from(index).unwrap_or(i32::MAX))
        .with_tf32(false)
        .with_conv_algorithm_search(ConvAlgorithmSearch::Heuristic)
        .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
}

/// A binding whose outputs come into the processor's memory.
fn bound(session: &Session, outputs: &Outputs) -> ort::Result<IoBinding> {
    let mut binding = session.create_binding()?;
    let memory =
        MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::CPUOutput)?;
    for name in outputs.names() {
        binding.bind_output_to_device(name, &memory)?;
    }
    Ok(binding)
}

/// What an error of ONNX Runtime means, by the words that it and CUDA's libraries use.
fn run_error(error: &ort::Error) -> RunError {
    // Some of its texts end in a line end, or have some inside.
    classified(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn classified(text: String) -> RunError {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let memory = ["out of memory", "failed to allocate", "alloc_failed", "bad_alloc"];
    let device = ["cuda", "cudnn", "cublas", "curand", "cufft", "nvrtc", "no kernel image"];
    match () {
        () if has(&memory) => RunError::OutOfMemory(text),
        () if has(&device) => RunError::Device(text),
        () => RunError::Model(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart() {
        // As ONNX Runtime 1.31 writes them.
        let memory = [
            "BFCArena::AllocateRawInternal(size_t, bool, Stream *) Failed to allocate memory for requested buffer of size 9",
            "CUDA failure 2: out of memory ; GPU=0",
            "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED",
        ];
        for text in memory {
            assert_eq!(classified(text.to_owned()), RunError::OutOfMemory(text.to_owned()));
        }
        let device = [
            "CUDA failure 999: unknown error ; GPU=0",
            "CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED",
        ];
        for text in device {
            assert_eq!(classified(text.to_owned()), RunError::Device(text.to_owned()));
        }
        let model = "Non-zero status code returned while running Concat node";
        assert_eq!(classified(model.to_owned()), RunError::Model(model.to_owned()));
    }
}
