//! Key hierarchy, key material, algorithms and the ciphertext format.
//!
//! Bytes in, bytes out: randomness is an argument, and nothing here knows a clock, a disk, a network or a log. Every
//! primitive comes from aws-lc (through `aws-lc-rs`) or, where that has none, from the crates of RustCrypto; none is
//! written here. The two formats this crate owns are described in `docs/ciphertext-format.md` and
//! `docs/key-hierarchy.md`, completely enough to open them without this program.

mod aead;
pub mod blob;
pub mod channel;
mod der;
mod ecc;
mod ed25519;
pub mod encryption_context;
pub mod hierarchy;
pub mod import;
mod kdf;
pub mod mac;
pub mod material;
pub mod message;
mod ml_dsa;
mod ml_kem;
pub mod passphrase;
pub mod public_key;
mod rng;
pub mod root_key;
pub mod row_binding;
mod rsa;
mod secp256k1;
mod sm2;
mod sm4;
pub mod spec;
pub mod symmetric;
mod symmetric_material;

/// The cryptographic library refused an operation whose inputs are always acceptable: out of memory, or a fault in the
/// library. Never a wrong key or a damaged value; those have errors of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the cryptographic library failed")]
pub struct PrimitiveFailed;
