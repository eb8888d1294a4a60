//! Scenarios through the door of IAM and STS: requests signed as SDKs sign them, answers read as SDKs read them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access_keys;
mod account;
mod audit;
mod groups;
mod mfa_devices;
mod oidc_providers;
mod permissions;
mod policies;
mod policy_permissions;
mod races;
mod roles;
mod simulation;
mod sts;
mod sts_assume_role;
mod sts_tokens;
mod sts_web_identity;
mod support;
mod users;
mod world;
