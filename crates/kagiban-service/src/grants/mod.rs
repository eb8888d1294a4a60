//! Grants: permissions on one key for one principal, beside the key's policy.

pub(crate) mod matching;
pub(crate) mod tokens;
