//! The AWS KMS API as types: operations, inputs, outputs, errors, and the JSON 1.1 codec.
//!
//! Everything with a name in the API is generated from `model/kms.json` (`cargo run -p xtask -- codegen`); the rest of
//! this crate is what the generated code stands on. Decoding and enforcing the model's limits is one act: a value of
//! an [`Input`] type came through [`decode`], so it is within them. Rules that the model cannot express (which key
//! identifier forms an operation takes, how long a page may be) are not here.

/// Written by the generator, in its own layout.
#[rustfmt::skip]
mod generated {
    pub(crate) mod kms;
}
mod json;
mod message;
mod pattern;
mod string_enum;
mod validate;
pub mod wire;

pub use generated::kms::*;
pub use message::{DecodeError, Input, InputVisitor, Output, decode, encode};
