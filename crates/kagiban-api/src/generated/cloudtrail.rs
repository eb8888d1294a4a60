//! Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

mod codec;
mod enums;
mod audit;
mod errors;
mod limits;
mod operations;
mod structures;

pub use enums::*;
pub use errors::*;
pub use operations::*;
pub use structures::*;
