//! Studies on a cluster: a plan of the runs that are missing, and an engine that submits and watches it.
//!
//! Those who carry a plan out share the results folder and nothing else. In it, `.cluster/ID/` holds a plan, whose content
//! gives its id, the scripts that were submitted for it, and their logs. No suite can be called so.

pub mod engines;
pub mod error;
mod plan;
mod resources;
mod starts;
mod watch;
pub mod worker;

pub use plan::{Element, Plan, PlanFolder};
pub use resources::{ResourceArgs, Resources};
pub use watch::{Watched, WatchedRun, cancel, watch};
