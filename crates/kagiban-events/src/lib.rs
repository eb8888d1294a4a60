//! Events and rules: what happened, in the shapes of EventBridge, and what is to follow from it.
//!
//! - [`Pattern`]: the event patterns of EventBridge, read once and then only compared.
//! - [`shape`]: the events that a record of the audit journal makes.
//! - [`rules`]: the rules of an operator's file, and which of them fire.
//!
//! Pure: this crate reads no clock, no disk and no network, and does nothing about an event. What a rule asks for is done in
//! `kagiban-server`.

mod json;
pub mod pattern;
pub mod rules;
pub mod shape;

pub use pattern::{Pattern, PatternError, PatternFault};
pub use rules::{Rules, RulesError};
