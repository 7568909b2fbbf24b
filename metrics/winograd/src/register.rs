//! Registers of `f32`, as wide as the blocks of ONNX Runtime's blocked layout on the same processor.

use std::arch::x86_64::*;

/// Channels that lie side by side in the blocked layout, `[n, channels / lanes, height, width, lanes]`, on this processor:
/// as many `f32` as its widest register holds. `None` if it has neither AVX-512 nor AVX2 with fused multiplications.
///
/// Source: ONNX Runtime's `MlasNchwcGetBlockSize`, which is 16 with AVX-512 and 8 on other x86-64 processors.
pub(super) fn lanes() -> Option<usize> {
    [Wide::LANES, Narrow::LANES].into_iter().find(|&lanes| supports(lanes))
}

/// Whether this processor computes with registers of so many values.
pub(super) fn supports(lanes: usize) -> bool {
    match lanes {
        Wide::LANES => is_x86_feature_detected!("avx512f"),
        Narrow::LANES => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        _ => false,
    }
}

/// Several `f32` that are computed with at a time.
///
/// There is a value only where the processor has such registers: what makes one demands that. All is inlined, so that it
/// ends in a function that has the instructions enabled.
pub(super) trait Register: Copy {
    /// Values in it.
    const LANES: usize;

    /// The values from `source` on.
    ///
    /// # Safety
    /// They must be readable, and the processor must [support](supports) so many lanes.
    unsafe fn load(source: *const f32) -> Self;

    /// One value everywhere.
    ///
    /// # Safety
    /// The processor must [support](supports) so many lanes.
    unsafe fn splat(value: f32) -> Self;

    /// Writes the values from `target` on.
    ///
    /// # Safety
    /// There they must be writable.
    unsafe fn store(self, target: *mut f32);

    /// `self * factor + summand`, rounded once.
    fn multiply_add(self, factor: Self, summand: Self) -> Self;

    /// `summand - self * factor`, rounded once.
    fn multiply_subtract(self, factor: Self, summand: Self) -> Self;

    fn add(self, other: Self) -> Self;

    fn subtract(self, other: Self) -> Self;

    /// The larger of each two; `other` where one of them is not a number.
    fn max(self, other: Self) -> Self;
}

/// A register of AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Wide(__m512);

/// A register of AVX.
#[derive(Clone, Copy)]
pub(super) struct Narrow(__m256);

macro_rules! register {
    ($name:ident of $lanes:literal, $load:ident, $splat:ident, $store:ident, $multiply_add:ident, $multiply_subtract:ident,
     $add:ident, $subtract:ident, $max:ident) => {
        impl Register for $name {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn load(source: *const f32) -> Self {
                // SAFETY: the caller's.
                Self(unsafe { $load(source) })
            }

            #[inline(always)]
            unsafe fn splat(value: f32) -> Self {
                // SAFETY: the caller's.
                Self(unsafe { $splat(value) })
            }

            #[inline(always)]
            unsafe fn store(self, target: *mut f32) {
                // SAFETY: the caller's.
                unsafe { $store(target, self.0) }
            }

            #[inline(always)]
            fn multiply_add(self, factor: Self, summand: Self) -> Self {
                // SAFETY: there is a value, so the processor has these registers.
                Self(unsafe { $multiply_add(self.0, factor.0, summand.0) })
            }

            #[inline(always)]
            fn multiply_subtract(self, factor: Self, summand: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { $multiply_subtract(self.0, factor.0, summand.0) })
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn subtract(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { $subtract(self.0, other.0) })
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { $max(self.0, other.0) })
            }
        }
    };
}

register!(
    Wide of 16, _mm512_loadu_ps, _mm512_set1_ps, _mm512_storeu_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_add_ps,
    _mm512_sub_ps, _mm512_max_ps
);
register!(
    Narrow of 8, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_add_ps,
    _mm256_sub_ps, _mm256_max_ps
);
