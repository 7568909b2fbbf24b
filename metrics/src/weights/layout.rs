//! Where a tensor's elements lie in a file.

/// Type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// IEEE single precision, the type of weights.
    Float32,
    /// IEEE double precision.
    Float64,
    /// IEEE half precision.
    Float16,
    /// The upper half of an IEEE single precision number.
    BFloat16,
    /// Signed, 8 bytes.
    Int64,
    /// Signed, 4 bytes.
    Int32,
    /// Signed, 2 bytes.
    Int16,
    /// Signed, 1 byte.
    Int8,
    /// Unsigned, 1 byte.
    UInt8,
    /// 0 or 1, 1 byte.
    Bool,
}

impl ElementType {
    /// The name that PyTorch gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Float16 => "float16",
            Self::BFloat16 => "bfloat16",
            Self::Int64 => "int64",
            Self::Int32 => "int32",
            Self::Int16 => "int16",
            Self::Int8 => "int8",
            Self::UInt8 => "uint8",
            Self::Bool => "bool",
        }
    }

    /// Whether it is one of the two 16-bit types of numbers with a fraction.
    pub(super) fn is_half(self) -> bool {
        matches!(self, Self::Float16 | Self::BFloat16)
    }

    /// Bytes of an element.
    pub fn size(self) -> usize {
        match self {
            Self::Float64 | Self::Int64 => 8,
            Self::Float32 | Self::Int32 => 4,
            Self::Float16 | Self::BFloat16 | Self::Int16 => 2,
            Self::Int8 | Self::UInt8 | Self::Bool => 1,
        }
    }
}

/// A run of elements of one type in a file, little-endian, that tensors are views of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage {
    pub(super) element: ElementType,
    /// Number of elements.
    pub(super) count: usize,
    /// Offset of the first element in the file, in bytes.
    pub(super) start: usize,
}

/// A tensor as a view of its file: element (i, j, …) stands `i * strides[0] + j * strides[1] + …` elements behind
/// the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorLayout {
    element: ElementType,
    shape: Vec<usize>,
    strides: Vec<usize>,
    /// Offset of element (0, 0, …) in the file, in bytes.
    start: usize,
}

impl TensorLayout {
    /// A view of `storage`, which must lie inside the file, from its element `offset` on.
    ///
    /// # Errors
    /// The reason, if the view reaches beyond the storage or has more elements than it.
    pub(super) fn new(
        storage: Storage,
        offset: usize,
        shape: Vec<usize>,
        strides: Vec<usize>,
    ) -> Result<Self, String> {
        let Storage { element, count, start } = storage;
        let fits = || -> Option<usize> {
            if shape.len() != strides.len() {
                return None;
            }
            let elements = shape.iter().try_fold(1_usize, |n, &dim| n.checked_mul(dim))?;
            let mut last = offset;
            for (&dim, &stride) in shape.iter().zip(&strides) {
                last = last.checked_add(dim.saturating_sub(1).checked_mul(stride)?)?;
            }
            let inside = last < count || (elements == 0 && offset <= count);
            (inside && elements <= count).then(|| start + offset * element.size())
        };
        match fits() {
            Some(start) => Ok(Self { element, shape, strides, start }),
            None => Err(format!(
                "shape {shape:?} with strides {strides:?} from element {offset} on does not fit into {count} elements"
            )),
        }
    }

    /// Strides of a row-major tensor of `shape`, in elements.
    pub(super) fn row_major_strides(shape: &[usize]) -> Vec<usize> {
        let mut strides = vec![1_usize; shape.len()];
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
        }
        strides
    }

    /// Type of the elements.
    pub fn element(&self) -> ElementType {
        self.element
    }

    /// Lengths of the axes; none for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Steps along the axes in the file, in elements.
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The `float32` elements in row-major order, from the `bytes` of the file.
    pub(super) fn row_major(&self, bytes: &[u8]) -> Vec<f32> {
        debug_assert_eq!(self.element, ElementType::Float32);
        let elements = bytes[self.start..].as_chunks::<4>().0;
        if self.strides == Self::row_major_strides(&self.shape) {
            let count = self.shape.iter().product();
            return elements
                .iter()
                .take(count)
                .map(|element| f32::from_le_bytes(*element))
                .collect();
        }
        self.gathered(|position| f32::from_le_bytes(elements[position]))
    }

    /// The elements of half precision in row-major order, from the `bytes` of the file.
    pub(super) fn row_major_of_half(&self, bytes: &[u8]) -> Vec<f32> {
        debug_assert!(self.element.is_half());
        let elements = bytes[self.start..].as_chunks::<2>().0;
        let convert = match self.element {
            ElementType::BFloat16 => |bits: u16| f32::from_bits(u32::from(bits) << 16),
            _ => of_half,
        };
        self.gathered(|position| convert(u16::from_le_bytes(elements[position])))
    }

    /// The elements in row-major order, given the element at a position of the storage.
    fn gathered(&self, element: impl Fn(usize) -> f32) -> Vec<f32> {
        let count = self.shape.iter().product();
        let mut values = Vec::with_capacity(count);
        let mut index = vec![0; self.shape.len()];
        let mut position = 0;
        for _ in 0..count {
            values.push(element(position));
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                position += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                position -= self.shape[axis] * self.strides[axis];
                index[axis] = 0;
            }
        }
        values
    }
}

/// The number that an IEEE half precision number stands for.
fn of_half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    match exponent {
        0 => sign * fraction * 2_f32.powi(-14),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction) * 2_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIX: Storage = Storage { element: ElementType::Float32, count: 6, start: 4 };

    fn file() -> Vec<u8> {
        (-1..6).flat_map(|value| (value as f32).to_le_bytes()).collect()
    }

    #[test]
    fn strides_are_followed() {
        let read = |offset, shape: &[usize], strides: &[usize]| {
            TensorLayout::new(SIX, offset, shape.to_vec(), strides.to_vec())
                .expect("a view inside the storage")
                .row_major(&file())
        };
        assert_eq!(read(0, &[2, 3], &[3, 1]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(read(0, &[2, 3], &[1, 2]), [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]);
        assert_eq!(read(1, &[2, 1, 2], &[3, 7, 1]), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(read(5, &[], &[]), [5.0]);
        assert_eq!(read(6, &[0, 3], &[3, 1]), [0.0; 0]);
    }

    #[test]
    fn half_precision_is_converted() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_5e-8),
            (0x8000, 0.0),
        ] {
            assert_eq!(of_half(bits), value, "{bits:x}");
        }
        assert!(of_half(0x7c00).is_infinite() && of_half(0x7c01).is_nan());
    }

    #[test]
    fn views_beyond_the_storage_are_refused() {
        for (offset, shape, strides) in [
            (0, vec![7], vec![1]),
            (1, vec![6], vec![1]),
            (0, vec![2, 3], vec![4, 1]),
            (0, vec![7], vec![0]),
            (0, vec![usize::MAX, usize::MAX], vec![0, 0]),
            (0, vec![2], vec![usize::MAX]),
            (usize::MAX, vec![2], vec![1]),
            (7, vec![0], vec![1]),
            (0, vec![2], vec![1, 1]),
        ] {
            assert!(
                TensorLayout::new(SIX, offset, shape.clone(), strides.clone()).is_err(),
                "{offset} {shape:?} {strides:?}"
            );
        }
    }

    #[test]
    fn row_major_strides_end_in_one() {
        assert_eq!(TensorLayout::row_major_strides(&[4, 3, 2]), [6, 2, 1]);
        assert!(TensorLayout::row_major_strides(&[]).is_empty());
    }
}
