//! The number of threads of OpenBLAS.

use std::ffi::c_int;

unsafe extern "C" {
    fn openblas_set_num_threads(threads: c_int);
}

/// Sets how many threads OpenBLAS uses in this whole process, from now on; 0 counts as 1.
///
/// Nothing in this crate calls it: OpenBLAS starts with one thread per core, or as `OPENBLAS_NUM_THREADS` says.
/// Sums may differ in their last bits between numbers of threads.
pub fn set_threads(threads: usize) {
    let threads = c_int::try_from(threads.max(1)).unwrap_or(c_int::MAX);
    // SAFETY: the function takes a number and may be called at any time; OpenBLAS cuts it to its own maximum.
    unsafe { openblas_set_num_threads(threads) };
}
