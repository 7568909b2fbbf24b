//! Foreign bytes that features, weights and images come in, read as data and never executed: NumPy's archives of arrays
//! ([`npz`]) and Python's pickles ([`pickle`]).

mod error;
pub mod npz;
pub mod pickle;

pub use error::FormatError;
