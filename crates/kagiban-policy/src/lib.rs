//! The IAM policy language, as key policies use it.
//!
//! Text to tree ([`parse_key_policy`]) and the policy that a key gets when none is given ([`default_key_policy`]).
//! Whatever is stored has passed the parser, so that nothing unreadable is ever evaluated. Pure: no principal is looked
//! up here; that a well-formed one exists is the caller's question.

mod condition;
mod cursor;
mod default;
mod fault;
mod json;
mod parse;
mod principal;
pub mod tree;

pub use default::default_key_policy;
pub use fault::{MalformedPolicy, PrincipalFault, Reason};
pub use parse::parse_key_policy;
