//! The API's types and codec through their public face: what is accepted, what is refused, and in which words.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod encoding;
mod hostile;
mod json;
mod limits;
mod model;
mod names;
mod query;
mod query_answers;
mod round_trip;
mod texts;
