//! What computes: the processor, or one of the GPUs that CUDA shows.

use std::fmt;
use std::str::FromStr;

use crate::error::MetricsError;

/// A device by its name: `cpu`, `cuda:N`, or `cuda` for the first GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The GPU of this number, from 0, in CUDA's order.
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.pad("cpu"),
            Self::Cuda(index) => f.pad(&format!("cuda:{index}")),
        }
    }
}

impl FromStr for Device {
    type Err = MetricsError;

    fn from_str(name: &str) -> Result<Self, MetricsError> {
        let index = match name {
            "cpu" => return Ok(Self::Cpu),
            "cuda" => Some(0),
            // Digits alone: a sign would be another name of the same device.
            other => other
                .strip_prefix("cuda:")
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok()),
        };
        index.map(Self::Cuda).ok_or_else(|| MetricsError::UnknownName {
            kind: "device",
            name: name.to_owned(),
            known: "cpu, cuda, cuda:N".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for device in [Device::Cpu, Device::Cuda(0), Device::Cuda(12)] {
            assert_eq!(device.to_string().parse::<Device>().ok(), Some(device));
        }
        assert_eq!("cuda".parse::<Device>().ok(), Some(Device::Cuda(0)));
        for name in ["", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:+1", "cuda:1.5", "cpu:0"] {
            let error = name.parse::<Device>().expect_err(name).to_string();
            assert!(error.contains("cpu, cuda, cuda:N"), "{error}");
        }
    }
}
