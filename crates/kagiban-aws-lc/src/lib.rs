//! Safe functions for what aws-lc can do and `aws-lc-rs` has no API for: Ed25519ph, ML-DSA over an external mu, and
//! ML-KEM from a seed.
//!
//! The one crate with unsafe code. It holds nothing but calls: no encoding, no policy, no choice of algorithm, and it
//! takes sizes as array types where they are fixed, so that a caller cannot get one wrong. A function leaves here when
//! `aws-lc-rs` learns to do the same. The library's version is that of `aws-lc-rs`; Cargo refuses a second one.
//!
//! What keeps the calls sound, said once: pointers and lengths passed down always come from one slice or array that
//! outlives the call; every object the library returns is owned by a type here that frees it once; a key is never
//! changed after it was made, and the library allows any number of threads to use it then (its `evp.h`, "EVP_PKEY").

pub mod ed25519ph;
pub mod ml_dsa;
pub mod ml_kem;
mod pkey;

/// The library refused: bytes that are no key, a signature or secret that could not be made, or no memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the cryptographic library refused")]
pub struct Refused;
