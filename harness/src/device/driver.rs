//! NVIDIA's driver, asked by its own library, which no other library has to be there for.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fmt;

use super::linker::{self, Library};

/// A version of CUDA, or a compute capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CudaVersion {
    /// Before the point.
    pub major: u32,
    /// Behind it.
    pub minor: u32,
}

impl fmt::Display for CudaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A GPU.
#[derive(Clone, Debug, PartialEq)]
pub struct Gpu {
    /// Its name, such as `NVIDIA A100-SXM4-80GB`.
    pub name: String,
    /// Its memory in bytes, whoever uses it.
    pub memory: u64,
    /// What it can do, by NVIDIA's numbering.
    pub capability: CudaVersion,
}

/// A driver that works.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    /// The newest CUDA that it knows.
    pub cuda: CudaVersion,
    /// The GPUs that it shows to this process, in CUDA's order.
    pub gpus: Vec<Gpu>,
}

/// Why there is no driver to be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DriverError {
    /// Its library is not there.
    #[error(
        "no NVIDIA driver is installed ({LIBRARY} is not found); install one of version 580 or newer, or use --device cpu"
    )]
    Missing,
    /// It is there and does not work.
    #[error(
        "the NVIDIA driver does not answer ({call} gives {code}); see whether `nvidia-smi` works, restart the machine after \
         an update of the driver, or use --device cpu"
    )]
    Refuses {
        /// What was called.
        call: &'static str,
        /// What it gave: a code of CUDA's.
        code: i32,
    },
    /// Its library lacks a function that is twelve years old.
    #[error(
        "{LIBRARY} is no driver's: it has no {call}; install an NVIDIA driver, or use --device cpu"
    )]
    Foreign {
        /// The function.
        call: &'static str,
    },
}

/// The driver's own library.
const LIBRARY: &str = "libcuda.so.1";
/// `CUDA_ERROR_NO_DEVICE`: the driver is there and no GPU is, or none is shown to this process.
const NO_DEVICE: c_int = 100;
/// `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `…_MINOR`.
const CAPABILITY: [c_int; 2] = [75, 76];
/// Longest name of a GPU that is asked for.
const NAME_BYTES: usize = 256;

/// The driver of this machine and its GPUs, as they are now.
///
/// # Errors
/// [`DriverError`].
pub(super) fn look() -> Result<Driver, DriverError> {
    let calls = Calls::load()?;
    let code = (calls.init)(0);
    if code == NO_DEVICE {
        return Ok(Driver { cuda: calls.version()?, gpus: Vec::new() });
    }
    answered("cuInit", code)?;
    let mut count = 0;
    answered("cuDeviceGetCount", (calls.count)(&mut count))?;
    let gpus = (0..count).map(|index| calls.gpu(index)).collect::<Result<_, _>>()?;
    Ok(Driver { cuda: calls.version()?, gpus })
}

fn answered(call: &'static str, code: c_int) -> Result<(), DriverError> {
    match code {
        0 => Ok(()),
        code => Err(DriverError::Refuses { call, code }),
    }
}

/// The functions of the driver's library that are used, as `cuda.h` declares them.
struct Calls {
    init: extern "C" fn(c_uint) -> c_int,
    version: extern "C" fn(*mut c_int) -> c_int,
    count: extern "C" fn(*mut c_int) -> c_int,
    get: extern "C" fn(*mut c_int, c_int) -> c_int,
    name: extern "C" fn(*mut c_char, c_int, c_int) -> c_int,
    memory: extern "C" fn(*mut usize, c_int) -> c_int,
    attribute: extern "C" fn(*mut c_int, c_int, c_int) -> c_int,
}

/// A function of a library as one of this type.
macro_rules! function {
    ($library:expr, $symbol:literal, $type:ty) => {
        std::mem::transmute::<*mut c_void, $type>(find($library, $symbol)?)
    };
}

impl Calls {
    fn load() -> Result<Self, DriverError> {
        let library = linker::open(LIBRARY.as_ref()).map_err(|_| DriverError::Missing)?;
        type Number = extern "C" fn(*mut c_int) -> c_int;
        type NumberOf = extern "C" fn(*mut c_int, c_int) -> c_int;
        type Text = extern "C" fn(*mut c_char, c_int, c_int) -> c_int;
        type Attribute = extern "C" fn(*mut c_int, c_int, c_int) -> c_int;
        // SAFETY: the types are those of `cuda.h`, and the library is never unloaded.
        unsafe {
            Ok(Self {
                init: function!(library, c"cuInit", extern "C" fn(c_uint) -> c_int),
                version: function!(library, c"cuDriverGetVersion", Number),
                count: function!(library, c"cuDeviceGetCount", Number),
                get: function!(library, c"cuDeviceGet", NumberOf),
                name: function!(library, c"cuDeviceGetName", Text),
                memory: function!(
                    library,
                    c"cuDeviceTotalMem_v2",
                    extern "C" fn(*mut usize, c_int) -> c_int
                ),
                attribute: function!(library, c"cuDeviceGetAttribute", Attribute),
            })
        }
    }

    fn version(&self) -> Result<CudaVersion, DriverError> {
        let mut version = 0;
        answered("cuDriverGetVersion", (self.version)(&mut version))?;
        let version = u32::try_from(version).unwrap_or(0);
        Ok(CudaVersion { major: version / 1000, minor: version % 1000 / 10 })
    }

    fn gpu(&self, index: c_int) -> Result<Gpu, DriverError> {
        let mut device = 0;
        answered("cuDeviceGet", (self.get)(&mut device, index))?;
        let mut name = [0; NAME_BYTES];
        // One byte is left: the text ends, whatever is written.
        let length = NAME_BYTES as c_int - 1;
        answered("cuDeviceGetName", (self.name)(name.as_mut_ptr(), length, device))?;
        let mut memory = 0;
        answered("cuDeviceTotalMem_v2", (self.memory)(&mut memory, device))?;
        let [mut major, mut minor] = [0; 2];
        for (value, what) in [&mut major, &mut minor].into_iter().zip(CAPABILITY) {
            answered("cuDeviceGetAttribute", (self.attribute)(value, what, device))?;
        }
        // SAFETY: the last byte is still 0.
        let name = unsafe { CStr::from_ptr(name.as_ptr()) };
        let [major, minor] = [major, minor].map(|number| u32::try_from(number).unwrap_or(0));
        Ok(Gpu {
            name: name.to_string_lossy().into_owned(),
            memory: memory as u64,
            capability: CudaVersion { major, minor },
        })
    }
}

/// A function of the driver's library.
fn find(library: Library, symbol: &'static CStr) -> Result<*mut c_void, DriverError> {
    let call = symbol.to_str().unwrap_or_default();
    library.find(symbol).ok_or(DriverError::Foreign { call })
}
