//! Who signs heads and digests, and the public half that others check them with.
//!
//! The private half is never here: it is sealed in the store, and `kagiban-service` signs with it. Here is what a stranger
//! needs who has the public half and nothing else.

mod file;

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use kagiban_base::time::Timestamp;

pub use file::NotAKeyFile;

/// Bytes of a key's hash that its fingerprint shows.
const FINGERPRINT_BYTES: usize = 16;

/// The public half of a signing key: RSA of 2,048 bits, as CloudTrail's ListPublicKeys shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    /// 32 lower-case hexadecimal digits.
    pub fingerprint: Box<str>,
    /// RSAPublicKey (RFC 8017, appendix A.1.1), DER.
    pub pkcs1: Box<[u8]>,
    /// What was signed before this moment was not signed with it.
    pub valid_from: Timestamp,
    /// Nor what was signed after this one.
    pub valid_until: Timestamp,
}

impl PublicKey {
    /// A key with the fingerprint that belongs to it.
    pub fn new(pkcs1: &[u8], valid_from: Timestamp, valid_until: Timestamp) -> Self {
        Self { fingerprint: fingerprint(pkcs1), pkcs1: pkcs1.into(), valid_from, valid_until }
    }

    /// Whether the key could have signed at some moment from `start` to `end`.
    pub fn is_valid_between(&self, start: Timestamp, end: Timestamp) -> bool {
        self.valid_from <= end && start <= self.valid_until
    }
}

/// The name of a key: the first half of its SHA-256, in lower-case hexadecimal digits. (CloudTrail's are of the same
/// length; how it makes them is not published, and its tools only compare them.)
pub fn fingerprint(pkcs1: &[u8]) -> Box<str> {
    let hash = digest(&SHA256, pkcs1);
    hash.as_ref().iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// A signature does not belong to a message and a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct WrongSignature;

/// Checks a signature that a [`Signer`] made. Whether the key was valid at that time is the caller's to ask.
///
/// # Errors
/// [`WrongSignature`], for a key that is none too.
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), WrongSignature> {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.pkcs1);
    key.verify(message, signature).map_err(|_| WrongSignature)
}

/// A signature could not be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the audit's signing key does not sign")]
pub struct SigningFailed;

/// Signs: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2), as CloudTrail's digest files need it.
pub trait Signer: fmt::Debug + Send + Sync {
    /// The public half of the key that signs now.
    fn public_key(&self) -> PublicKey;

    /// The signature of `message`: 256 bytes. Takes a third of a millisecond.
    ///
    /// # Errors
    /// [`SigningFailed`]
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed>;

    /// The signature of a message that names its key: never that of a key which took its place in between.
    ///
    /// # Errors
    /// [`SigningFailed`], too when the key of this fingerprint signs no more.
    fn sign_as(&self, fingerprint: &str, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        if *self.public_key().fingerprint == *fingerprint { self.sign(message) } else { Err(SigningFailed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestSigner;

    #[test]
    fn a_signature_fits_its_message_and_key_only() {
        let signers = [(); 2].map(|()| TestSigner::timeless());
        let [key, other] = signers.each_ref().map(|signer| signer.public_key());
        let signature = signers[0].sign(b"message").unwrap();
        assert_eq!(verify(&key, b"message", &signature), Ok(()));
        assert_eq!(verify(&key, b"massage", &signature), Err(WrongSignature));
        assert_eq!(verify(&other, b"message", &signature), Err(WrongSignature));
        assert_eq!(verify(&key, b"message", &signature[1..]), Err(WrongSignature));
        let none = PublicKey::new(b"no key", Timestamp::default(), Timestamp::default());
        assert_eq!(verify(&none, b"message", &signature), Err(WrongSignature));
    }

    #[test]
    fn a_key_is_valid_at_both_ends_of_its_time() {
        let at = Timestamp::from_unix_s;
        let key = PublicKey::new(b"key", at(10), at(20));
        for (start, end, valid) in [(0, 9, false), (0, 10, true), (12, 13, true), (20, 30, true), (21, 30, false)] {
            assert_eq!(key.is_valid_between(at(start), at(end)), valid, "{start} {end}");
        }
    }

    #[test]
    fn fingerprints_are_fixed_for_ever() {
        assert_eq!(&*fingerprint(b"key"), "2c70e12b7a0646f92279f427c7b38e73");
    }
}
