//! Who is calling: Signature Version 4, access keys, sessions, and what vouches for somebody
//! beside a key: codes of MFA devices and tokens of OpenID Connect providers.
//!
//! Pure: time, randomness and secrets are arguments, and nothing here looks anything up. A request is checked in steps
//! that the types keep in order, because the caller has to fetch the access key in the middle:
//! [`sigv4::parse`] says which access key was presented, [`sigv4::Presented::check`] holds its scope and its date
//! against the present, and [`sigv4::Checked::verify`] is the only way to a [`sigv4::Verified`].

pub mod access_key;
mod base32;
pub mod message_signature;
pub mod names;
pub mod session;
pub mod sigv4;
pub mod totp;
pub mod unique_id;
pub mod web_identity;
