//! Products of transformed inputs and kernels.

use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};

use crate::register::Register;

/// Most registers of output channels that are computed at a time.
pub(super) const WIDTH: usize = 3;

/// Most tiles that are computed at a time: what is read and written is rounded up to a multiple of fewer.
pub(super) const TILES: usize = 16;

/// `target = inputs · kernels`: `[tiles, channels]` by `[channels, registers * lanes]`.
///
/// While it computes it fetches the kernels that lie behind these into the cache.
///
/// # Safety
/// The operands must be readable, `target` writable, both with up to `TILES - 1` more tiles, and `registers` from 1 to
/// `WIDTH`; the processor must have the registers.
#[inline(always)]
pub(super) unsafe fn multiply<R: Register>(
    inputs: *const f32,
    kernels: *const f32,
    [tiles, channels, registers]: [usize; 3],
    target: *mut f32,
) {
    let line = channels * R::LANES;
    let (mut tile, mut pass) = (0, 0);
    while tile < tiles {
        // Each pass fetches a part of the next kernels, as large as one register's; the rest nothing new.
        let ahead =
            kernels.wrapping_add(if pass < registers { (registers + pass) * line } else { 0 });
        // SAFETY: the caller's.
        tile += unsafe {
            let inputs = inputs.add(tile * channels);
            let target = target.add(tile * registers * R::LANES);
            // As many sums as there are registers, less those of the operands: 32 with AVX-512, else 16.
            match (R::LANES, registers) {
                (16, 1) => block::<R, TILES, 1>(inputs, kernels, channels, target, ahead),
                (16, 2) => block::<R, 12, 2>(inputs, kernels, channels, target, ahead),
                (16, _) => block::<R, 9, 3>(inputs, kernels, channels, target, ahead),
                (_, 1) => block::<R, 12, 1>(inputs, kernels, channels, target, ahead),
                (_, 2) => block::<R, 6, 2>(inputs, kernels, channels, target, ahead),
                (_, _) => block::<R, 4, 3>(inputs, kernels, channels, target, ahead),
            }
        };
        pass += 1;
    }
}

/// `T` tiles by `N` registers of output channels; returns `T`.
///
/// # Safety
/// As [`multiply`], for so many tiles and registers; `ahead` may be any address.
#[inline(always)]
unsafe fn block<R: Register, const T: usize, const N: usize>(
    inputs: *const f32,
    kernels: *const f32,
    channels: usize,
    target: *mut f32,
    ahead: *const f32,
) -> usize {
    // SAFETY: the caller's.
    let mut sums = [[unsafe { R::splat(0.0) }; N]; T];
    for channel in 0..channels {
        // SAFETY: every x86-64 processor prefetches, from any address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(ahead.wrapping_add(channel * R::LANES).cast()) };
        // SAFETY: as above.
        let mut kernel = [unsafe { R::splat(0.0) }; N];
        for (n, kernel) in kernel.iter_mut().enumerate() {
            // SAFETY: as above.
            *kernel = unsafe { R::load(kernels.add((channel * N + n) * R::LANES)) };
        }
        for (tile, sums) in sums.iter_mut().enumerate() {
            // SAFETY: as above.
            let input = unsafe { R::splat(*inputs.add(tile * channels + channel)) };
            for (sum, kernel) in sums.iter_mut().zip(kernel) {
                *sum = input.multiply_add(kernel, *sum);
            }
        }
    }
    for (index, sum) in sums.as_flattened().iter().enumerate() {
        // SAFETY: as above.
        unsafe { sum.store(target.add(index * R::LANES)) };
    }
    T
}
