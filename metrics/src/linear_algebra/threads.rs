//! The number of threads of OpenBLAS.

use std::collections::TryReserveError;
use std::ffi::c_int;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use ndarray::Array2;

unsafe extern "C" {
    fn openblas_set_num_threads(threads: c_int);
    fn openblas_get_num_threads() -> c_int;
    fn openblas_get_parallel() -> c_int;
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

/// The threads that this process has had since OpenBLAS was loaded, the first one among them, unless some of them could not
/// be started; `None` where it starts none before they are needed.
pub fn threads_from_the_start() -> Option<usize> {
    /// It has threads of its own, as opposed to none and to those of OpenMP.
    const OWN_THREADS: c_int = 1;
    // SAFETY: both functions take nothing, return a number and may be called at any time.
    let (kind, threads) = unsafe { (openblas_get_parallel(), openblas_get_num_threads()) };
    (kind == OWN_THREADS).then(|| usize::try_from(threads).unwrap_or(1))
}

/// Bytes of a buffer of OpenBLAS, in the largest of its builds, and what is left to others beside it.
const BUFFER: usize = 129 << 20;

/// Lets OpenBLAS take the buffer that a call of one thread works in, which it keeps: where there is no memory for it when it
/// is needed, OpenBLAS tries for ever.
///
/// # Errors
/// If there is too little memory now.
pub fn reserve_buffer() -> Result<(), TryReserveError> {
    Vec::<u8>::new().try_reserve_exact(BUFFER)?;
    // Products of smaller matrices need none.
    let ones = Array2::<f64>::ones((256, 256));
    black_box(ones.dot(&ones));
    Ok(())
}

/// Runs `work` while OpenBLAS computes every call on the thread that makes it, as fits many independent calls at a time.
/// This holds for the whole process until the last of such calls that overlap has ended: what runs beside it is slower.
/// Results depend on it in their last digits at most.
pub(crate) fn one_thread_a_call<R>(work: impl FnOnce() -> R) -> R {
    let _alone = Alone::begin();
    work()
}

/// While there are any, OpenBLAS has one thread.
struct Alone;

/// How many there are, and the threads that OpenBLAS had before.
static ALONE: Mutex<(usize, c_int)> = Mutex::new((0, 1));

impl Alone {
    fn begin() -> Self {
        let mut alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        if alone.0 == 0 {
            // SAFETY: the function takes nothing, returns a number and may be called at any time.
            alone.1 = unsafe { openblas_get_num_threads() };
            set_threads(1);
        }
        alone.0 += 1;
        Self
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let mut alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        alone.0 -= 1;
        if alone.0 == 0 {
            // SAFETY: as in `set_threads`.
            unsafe { openblas_set_num_threads(alone.1) };
        }
    }
}
