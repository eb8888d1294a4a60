//! The APIs of AWS KMS, IAM, STS and what is offered of CloudTrail as types: operations, inputs, outputs, errors, and the codecs of their protocols.
//!
//! KMS, which speaks JSON 1.1 as [`cloudtrail`] does, stands at the root; [`iam`] and [`sts`] share the protocol of [`query`]. Everything with
//! a name in an API is generated from the files in `model` (`cargo run -p xtask -- codegen`); the rest of this crate is
//! what the generated code stands on. Decoding and enforcing the model's limits is one act: a value of an [`Input`] type
//! came through [`decode`], so it is within them, and a [`query::QueryInput`] likewise. Rules that a model cannot express
//! (which key identifier forms an operation takes, how long a page may be) are not here.

/// Written by the generator, in its own layout.
#[rustfmt::skip]
mod generated {
    pub mod cloudtrail;
    pub mod iam;
    pub(crate) mod kms;
    pub mod sts;
}
pub mod audit;
mod json;
mod message;
mod pattern;
pub mod query;
mod sink;
mod string_enum;
mod time;
mod validate;
pub mod wire;

pub use generated::kms::*;
pub use generated::{cloudtrail, iam, sts};
pub use message::{DecodeError, Input, InputVisitor, Output, decode, encode};
