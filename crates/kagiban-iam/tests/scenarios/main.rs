//! Scenarios through the door of IAM and STS: requests signed as SDKs sign them, answers read as SDKs read them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access_keys;
mod account;
/// The clock and the randomness of `kagiban-testkit`, by their files: that crate is built on the service, which is built on
/// this crate, and these scenarios are not to wait for both.
#[path = "../../../kagiban-testkit/src/clock.rs"]
mod clock;
mod groups;
mod mfa_devices;
mod oidc_providers;
mod permissions;
mod policies;
mod policy_permissions;
#[path = "../../../kagiban-testkit/src/random.rs"]
mod random;
mod roles;
mod sts;
mod sts_assume_role;
mod sts_tokens;
mod sts_web_identity;
mod simulation;
mod support;
mod users;
mod world;
