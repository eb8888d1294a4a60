//! Every key spec through the facade: published vectors, keys of other programs, round trips, refusals.
//!
//! The rows come from the table of specs itself, so that a new spec, algorithm or form of message is tested or stops
//! the build. What no vector covers is listed in `coverage.rs`, with reasons.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod coverage;
mod interop;
mod parsers;
mod refusals;
mod round_trips;
mod support;
mod wycheproof;
