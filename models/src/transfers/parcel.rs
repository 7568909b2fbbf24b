//! Many small arrays in one upload.

use std::cell::OnceCell;
use std::rc::Rc;

use tch::kind::Element;
use tch::{Device, Kind, Tensor};

use super::upload;

/// Arrays begin at multiples of this, in bytes, as tensors of their own do.
const ALIGNMENT: usize = 64;

/// Arrays that are uploaded together.
#[derive(Default)]
pub struct Parcel {
    bytes: Vec<u8>,
    sent: Rc<OnceCell<Tensor>>,
}

/// An array in a [`Parcel`], a tensor once that is sent.
pub struct Packed {
    first: usize,
    bytes: usize,
    kind: Kind,
    shape: Vec<i64>,
    sent: Rc<OnceCell<Tensor>>,
}

impl Parcel {
    /// Adds `values` as a tensor of this shape; at most one side may be -1, for as many as there are.
    pub fn add<T: Element>(&mut self, values: &[T], shape: &[i64]) -> Packed {
        // SAFETY: the elements of tensors are numbers without padding, and any bytes are `u8`s.
        let bytes = unsafe {
            std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values))
        };
        let packed = self.begin(T::KIND, shape);
        self.bytes.extend_from_slice(bytes);
        self.end(packed)
    }

    /// Adds bytes, which `write` appends to what it is given, as a tensor of this shape.
    pub fn add_bytes(&mut self, shape: &[i64], write: impl FnOnce(&mut Vec<u8>)) -> Packed {
        let packed = self.begin(Kind::Uint8, shape);
        write(&mut self.bytes);
        self.end(packed)
    }

    /// Uploads all that was added: from now on it can be opened.
    pub fn send(self, device: Device) {
        let Self { bytes, sent } = self;
        // What is sent once only has no other content.
        let _ = sent.set(upload(&bytes, device));
    }

    fn begin(&mut self, kind: Kind, shape: &[i64]) -> Packed {
        let first = self.bytes.len().next_multiple_of(ALIGNMENT);
        self.bytes.resize(first, 0);
        Packed { first, bytes: 0, kind, shape: shape.to_owned(), sent: Rc::clone(&self.sent) }
    }

    fn end(&self, packed: Packed) -> Packed {
        Packed { bytes: self.bytes.len() - packed.first, ..packed }
    }
}

impl Packed {
    /// The array on the device.
    ///
    /// # Panics
    /// If its parcel has not been sent.
    pub fn tensor(&self) -> Tensor {
        let whole = self.sent.get().expect("parcels are sent before they are opened");
        let bytes = whole.narrow(0, self.first as i64, self.bytes as i64);
        bytes.view_dtype(self.kind).view(self.shape.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::made;

    #[test]
    fn arrays_arrive_as_they_were_in_one_upload() {
        let mut parcel = Parcel::default();
        let bytes = parcel.add_bytes(&[3], |bytes| bytes.extend([7, 8, 9]));
        let labels = parcel.add(&[1i64 << 40, -2], &[2]);
        let numbers = parcel.add(&[0.5f32, -0.25, 3.0, 4.0], &[2, -1]);
        let flags = parcel.add(&[true, false, true], &[-1, 1]);
        let before = made();
        parcel.send(Device::Cpu);
        assert_eq!(made().uploads, before.uploads + 1);
        assert_eq!(bytes.tensor(), Tensor::from_slice(&[7u8, 8, 9]));
        assert_eq!(labels.tensor(), Tensor::from_slice(&[1i64 << 40, -2]));
        let expected = Tensor::from_slice(&[0.5f32, -0.25, 3.0, 4.0]).view([2, 2]);
        assert_eq!(numbers.tensor(), expected);
        assert_eq!(flags.tensor(), Tensor::from_slice(&[true, false, true]).view([3, 1]));
        assert_eq!(numbers.tensor().data_ptr() as usize % 64, 0, "as tensors of their own");
        assert_eq!(made().reads, before.reads);
    }
}
