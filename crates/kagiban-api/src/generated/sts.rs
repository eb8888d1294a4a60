//! Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

mod codec;
mod audit;
mod errors;
mod limits;
mod operations;
mod structures;

pub use errors::*;
pub use operations::*;
pub use structures::*;
