//! The recovery key: what opens a deployment's domain keys and backups when nothing else can.
//!
//! It is an X25519 identity of the age format (age-encryption.org/v1), so what is sealed to it opens with any
//! implementation of age and without Kagiban. Its public half, the recipient, is stored; its private half is made where the
//! operator sits, split into shares that people keep (Shamir's scheme over GF(256)), and stored nowhere.
//!
//! This crate does arithmetic on bytes that it is given. It reads no file, asks nobody for a share, and keeps no key. Of
//! randomness, identities and shares take what they are given; age draws the one-time keys of each sealing by itself, from the
//! operating system, and takes no other source.

mod identity;
mod lines;
mod sealing;
mod share;
mod sheet;
mod split;

pub use identity::{InvalidIdentity, InvalidRecipient, RecoveryIdentity, RecoveryRecipient};
pub use lines::{InvalidLine, shares_in};
pub use sealing::{Decrypting, Encrypting, OpenError, SealError};
pub use share::{Fingerprint, InvalidShare, Share};
pub use sheet::sheet;
pub use split::{CombineError, InvalidSplit, SHARES_MAX, SplitError, combine, split};
