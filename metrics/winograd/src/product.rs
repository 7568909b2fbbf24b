//! Products of transformed inputs and kernels.

use std::arch::x86_64::*;

use crate::LANES;

/// Most registers of output channels that are computed at a time.
pub(super) const WIDTH: usize = 3;

/// Most tiles that are computed at a time: what is read and written is rounded up to a multiple of fewer.
pub(super) const TILES: usize = 16;

/// `target = inputs · kernels`: `[tiles, channels]` by `[channels, registers * LANES]`.
///
/// While it computes it fetches the kernels that lie behind these into the cache.
///
/// # Safety
/// The operands must be readable, `target` writable, both with up to `TILES - 1` more tiles, and `registers` from 1 to
/// `WIDTH`.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply(
    inputs: *const f32,
    kernels: *const f32,
    [tiles, channels, registers]: [usize; 3],
    target: *mut f32,
) {
    let line = channels * LANES;
    let (mut tile, mut pass) = (0, 0);
    while tile < tiles {
        // Each pass fetches a part of the next kernels, as large as one register's; the rest nothing new.
        let ahead =
            kernels.wrapping_add(if pass < registers { (registers + pass) * line } else { 0 });
        // SAFETY: the caller's.
        tile += unsafe {
            let inputs = inputs.add(tile * channels);
            let target = target.add(tile * registers * LANES);
            // As many sums as there are registers, less those of the operands.
            match registers {
                1 => block::<TILES, 1>(inputs, kernels, channels, target, ahead),
                2 => block::<12, 2>(inputs, kernels, channels, target, ahead),
                _ => block::<9, 3>(inputs, kernels, channels, target, ahead),
            }
        };
        pass += 1;
    }
}

/// `T` tiles by `N` registers of output channels; returns `T`.
///
/// # Safety
/// As [`multiply`], for so many tiles and registers; `ahead` may be any address.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn block<const T: usize, const N: usize>(
    inputs: *const f32,
    kernels: *const f32,
    channels: usize,
    target: *mut f32,
    ahead: *const f32,
) -> usize {
    let mut sums = [[_mm512_setzero_ps(); N]; T];
    for channel in 0..channels {
        _mm_prefetch::<_MM_HINT_T1>(ahead.wrapping_add(channel * LANES).cast());
        let mut kernel = [_mm512_setzero_ps(); N];
        for (n, kernel) in kernel.iter_mut().enumerate() {
            // SAFETY: the caller's.
            *kernel = unsafe { _mm512_loadu_ps(kernels.add((channel * N + n) * LANES)) };
        }
        for (tile, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's.
            let input = _mm512_set1_ps(unsafe { *inputs.add(tile * channels + channel) });
            for (sum, kernel) in sums.iter_mut().zip(kernel) {
                *sum = _mm512_fmadd_ps(input, kernel, *sum);
            }
        }
    }
    for (index, sum) in sums.as_flattened().iter().enumerate() {
        // SAFETY: the caller's.
        unsafe { _mm512_storeu_ps(target.add(index * LANES), *sum) };
    }
    T
}
