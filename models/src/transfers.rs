//! The ways of numbers between the host and the device; there are no others in this crate.
//!
//! Each keeps the host waiting for a GPU, or the GPU for the host, so a training step makes one upload (a [`Parcel`]) and reads
//! nothing. The counts let tests hold it to that where there is no GPU.

mod parcel;

use std::cell::Cell;

use tch::kind::Element;
use tch::{Device, Kind, Tensor};

pub use parcel::{Packed, Parcel};

use crate::ModelError;

/// Transfers of one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfers {
    /// From the host to the device.
    pub uploads: u64,
    /// From the device to the host.
    pub reads: u64,
}

thread_local! {
    static MADE: Cell<Transfers> = const { Cell::new(Transfers { uploads: 0, reads: 0 }) };
}

/// The transfers that this thread has made so far, those that cost nothing on a CPU included.
pub fn made() -> Transfers {
    MADE.get()
}

/// `values` `[n]` on `device`.
pub fn upload<T: Element>(values: &[T], device: Device) -> Tensor {
    let Transfers { uploads, reads } = MADE.get();
    MADE.set(Transfers { uploads: uploads + 1, reads });
    let values = Tensor::from_slice(values);
    if !device.is_cuda() {
        return values.to_device(device);
    }
    // From pinned memory the copy goes on while the host does; libtorch keeps the memory until it is done. The method without
    // `internal` warns of its own argument, which this binding cannot leave out.
    values.internal_pin_memory(device).to_device_(device, T::KIND, true, false)
}

/// The numbers of a tensor `[n]` of this kind.
///
/// # Errors
/// If the tensor has another shape or kind, or the device fails.
pub fn read<T: Element>(tensor: &Tensor) -> Result<Vec<T>, ModelError>
where
    Vec<T>: for<'a> TryFrom<&'a Tensor, Error = tch::TchError>,
{
    count_read();
    Ok(Vec::<T>::try_from(tensor)?)
}

/// The bytes of a tensor of any shape and kind, as the host has numbers, in the order of its indices.
///
/// # Errors
/// If the device fails.
pub(crate) fn read_bytes(tensor: &Tensor) -> Result<Vec<u8>, ModelError> {
    count_read();
    let tensor = tensor.f_to_device(Device::Cpu)?.f_contiguous()?;
    let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(bytes)
}

/// A tensor of one number.
///
/// # Errors
/// If it has none or several, or the device fails.
pub(crate) fn read_number(tensor: &Tensor) -> Result<f64, ModelError> {
    count_read();
    Ok(f64::try_from(tensor.f_to_kind(Kind::Double)?)?)
}

fn count_read() {
    let Transfers { uploads, reads } = MADE.get();
    MADE.set(Transfers { uploads, reads: reads + 1 });
}
