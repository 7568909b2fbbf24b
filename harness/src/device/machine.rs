//! What selection asks of a machine: the seam that tests put other machines behind.

use super::Work;
use super::driver::{self, Driver, DriverError};
use super::libraries::{self, LibraryError};

/// A machine, with its driver, GPUs and libraries.
pub trait Machine {
    /// The driver and its GPUs, as they are now.
    ///
    /// # Errors
    /// If there is none, or it does not start.
    fn driver(&self) -> Result<Driver, DriverError>;

    /// Whether the user brings libraries, of whose age nothing is known.
    fn has_own_libraries(&self) -> bool;

    /// Loads the libraries that do `work` on the GPU of number `index`.
    ///
    /// # Errors
    /// If one is missing, does not load, or does not see that GPU.
    fn load(&self, work: Work, index: usize) -> Result<(), LibraryError>;
}

/// The machine that the program runs on.
#[derive(Clone, Copy, Debug)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn driver(&self) -> Result<Driver, DriverError> {
        driver::look()
    }

    fn has_own_libraries(&self) -> bool {
        libraries::are_own()
    }

    fn load(&self, work: Work, index: usize) -> Result<(), LibraryError> {
        libraries::load(work, index)
    }
}
