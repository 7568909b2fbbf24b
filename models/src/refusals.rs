//! Where libtorch refuses an operation, for want of memory or of a device above all, most methods of tch panic: here those panics are errors.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use tch::TchError;

use crate::ModelError;

/// How the panics begin, in which tch unwraps what libtorch said.
const UNWRAPPED: &str = "called `Result::unwrap()` on an `Err` value: Torch(";

/// Lets those panics pass in silence, for [`as_errors`] tells of them.
pub fn keep_silent() {
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if refusal(panic.payload()).is_none() {
            others(panic);
        }
    }));
}

/// What `work` gives; where libtorch refused an operation of it, the work is lost.
///
/// # Errors
/// Those of `work`, and [`ModelError::Torch`].
pub fn as_errors<T, E: From<ModelError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| match refusal(&*panic) {
        Some(text) => Err(ModelError::from(TchError::Torch(text)).into()),
        None => panic::resume_unwind(panic),
    })
}

/// The first line of what libtorch said, if that is why the work panicked; its own calls follow.
fn refusal(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<String>()?.strip_prefix(UNWRAPPED)?;
    // A string as Rust writes it.
    let text = text.trim_start_matches('"').trim_end_matches("\")");
    Some(text.split("\\n").next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libtorch_refuses_is_an_error_and_other_panics_go_on() {
        use tch::{Kind, Tensor};
        let two = || Tensor::ones([2], (Kind::Float, tch::Device::Cpu));
        let refused = as_errors::<(), ModelError>(|| {
            let _ = two().matmul(&Tensor::ones([3], (Kind::Float, tch::Device::Cpu)));
            Ok(())
        });
        let text = refused.unwrap_err().to_string();
        assert!(
            text.starts_with("libtorch: ") && text.contains('2') && !text.contains("\\n"),
            "{text}"
        );
        let panic = panic::catch_unwind(|| as_errors::<(), ModelError>(|| panic!("a fault")));
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "a fault");
    }
}
