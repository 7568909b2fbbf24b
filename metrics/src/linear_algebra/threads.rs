//! The number of threads of OpenBLAS.

use std::ffi::c_int;

unsafe extern "C" {
    fn openblas_set_num_threads(threads: c_int);
    fn openblas_get_num_threads() -> c_int;
}

/// Sets how many threads OpenBLAS uses in this whole process, from now on; 0 counts as 1.
///
/// OpenBLAS starts with one thread per core, or as `OPENBLAS_NUM_THREADS` says.
/// Sums may differ in their last bits between numbers of threads.
pub fn set_threads(threads: usize) {
    let threads = c_int::try_from(threads.max(1)).unwrap_or(c_int::MAX);
    // SAFETY: the function takes a number and may be called at any time; OpenBLAS cuts it to its own maximum.
    unsafe { openblas_set_num_threads(threads) };
}

/// Runs `work` while OpenBLAS computes every call on the thread that makes it, as fits many independent calls at a time.
/// This holds for the whole process: what runs beside it is slower, and where two such calls overlap, the number of threads
/// may stay 1. Results depend on it in their last digits at most.
pub(crate) fn one_thread_a_call<R>(work: impl FnOnce() -> R) -> R {
    struct Restore(c_int);
    impl Drop for Restore {
        fn drop(&mut self) {
            // SAFETY: as in `set_threads`.
            unsafe { openblas_set_num_threads(self.0) };
        }
    }
    // SAFETY: the function takes nothing, returns a number and may be called at any time.
    let _restore = Restore(unsafe { openblas_get_num_threads() });
    set_threads(1);
    work()
}
