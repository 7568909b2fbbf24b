//! Faults of devices that tests ask for: none of them can take a GPU out of a machine.

use std::sync::LazyLock;

use tch::TchError;

/// `STEP:TEXT` in the environment lets libtorch refuse the training step after so many, and say this text.
const VARIABLE: &str = "BENCH_TEST_FAULT";

static ASKED: LazyLock<Option<(u64, String)>> = LazyLock::new(|| {
    let asked = std::env::var(VARIABLE).ok()?;
    let (step, text) = asked.split_once(':')?;
    Some((step.parse().ok()?, text.to_owned()))
});

/// The fault that was asked for after so many steps.
///
/// # Errors
/// What libtorch is to say.
pub(crate) fn after(step: u64) -> Result<(), TchError> {
    match &*ASKED {
        Some((asked, text)) if *asked == step => Err(TchError::Torch(text.clone())),
        _ => Ok(()),
    }
}
