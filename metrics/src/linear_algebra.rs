//! Dense symmetric matrices, on the system's OpenBLAS.
//!
//! Eigenvalues come from LAPACK's divide-and-conquer routine `dsyevd`, which is about ten times as fast at
//! 2048 x 2048 as the `dsyev` behind `ndarray-linalg`'s `eigh`.

mod congruence;
mod definite;
mod eigen;
mod gram;
mod square_root;
mod symmetry;
mod threads;

pub(crate) use congruence::triangular_congruence;
pub use definite::is_positive_semidefinite;
pub use eigen::{SymmetricEigen, symmetric_eigen, symmetric_eigenvalues};
pub(crate) use gram::{Between, add_gram, write_gram};
pub use square_root::symmetric_square_root;
pub(crate) use symmetry::{asymmetry, copy_upper_to_lower};
pub(crate) use threads::one_thread_a_call;
pub use threads::{reserve_buffer, set_threads, threads_from_the_start};
