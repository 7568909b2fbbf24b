//! Learning-rate schedules, in generator updates.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// How a learning rate changes. After `t` of `total` updates it is multiplied by
/// [`factor`](Self::factor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Not at all.
    Constant,
    /// Half a cosine from 1 to `end` (Loshchilov and Hutter 2017, without restarts), then constant.
    Cosine,
    /// `end^(t / total)`, for ever.
    Exponential,
    /// Straight from 1 to `end`, then constant.
    Linear,
}

impl Schedule {
    /// The factor in `[0, 1]` at update `t`, which is `end` at `t = total` unless constant.
    pub fn factor(self, t: u64, total: u64, end: f64) -> f64 {
        let progress = t as f64 / total.max(1) as f64;
        let bounded = progress.min(1.0);
        match self {
            Self::Constant => 1.0,
            Self::Cosine => end + (1.0 - end) * (1.0 + (PI * bounded).cos()) / 2.0,
            Self::Exponential => end.powf(progress),
            Self::Linear => 1.0 + (end - 1.0) * bounded,
        }
    }
}
