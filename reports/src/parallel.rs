//! Work on many things at once, in order.

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use crate::error::ReportError;

/// What `work` makes of each, in their order; the first error, if any.
pub(crate) fn parallel<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> Result<R, ReportError> + Sync + Send,
) -> Result<Vec<R>, ReportError> {
    let made: Vec<Result<R, ReportError>> = all.par_iter().map(work).collect();
    made.into_iter().collect()
}
