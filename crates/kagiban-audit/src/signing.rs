//! Who signs heads and digests, and the public half that others check them with.

use std::fmt;

use kagiban_base::time::Timestamp;

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
}
