//! Scenarios through the door of IAM and STS: requests signed as SDKs sign them, answers read as SDKs read them.
#![expect(clippy::unwrap_used, reason = "tests")]

/// The clock and the randomness of `kagiban-testkit`, by their files: that crate is built on the service, which is built on
/// this crate, and these scenarios are not to wait for both.
#[path = "../../../kagiban-testkit/src/clock.rs"]
mod clock;
#[path = "../../../kagiban-testkit/src/random.rs"]
mod random;
mod support;
mod world;
