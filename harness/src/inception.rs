//! InceptionV3 as the program keeps it: its weights and the networks built from them, in the cache folder.

mod built;
mod error;
mod known;
mod stored;

pub use built::{BuiltNetwork, all as built_networks, network};
pub use error::InceptionError;
pub use stored::{FetchRequest, StoredWeights, fetch, import, read_stored, stored, stored_path};
