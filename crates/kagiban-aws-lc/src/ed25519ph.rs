//! Ed25519ph (RFC 8032, section 5.1) over a digest that is already there, with an empty context.

use std::ptr;

use aws_lc_sys::{ED25519_keypair_from_seed, ED25519ph_sign_digest, ED25519ph_verify_digest};
use kagiban_base::secret::SecretArray;

use crate::Refused;
use crate::pkey::{DONE, done};

/// Bytes of a SHA-512 digest: PH(M).
pub const DIGEST_LEN: usize = 64;
/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 64;

/// A private key with its public key. The two are bound together here, since signing with one pair's seed and
/// another's public key would give the seed away.
pub struct PrivateKey {
    seed_and_public: SecretArray<64>,
    public: [u8; 32],
}

impl PrivateKey {
    /// The pair that belongs to a seed (RFC 8032, section 5.1.5).
    #[expect(unsafe_code, reason = "foreign call")]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut seed_and_public = SecretArray::<64>::zeroed();
        let mut public = [0; 32];
        let private = seed_and_public.expose_mut().as_mut_ptr();
        // SAFETY: the call writes 32 and 64 bytes and reads 32: the sizes of the three arrays. It cannot fail.
        unsafe { ED25519_keypair_from_seed(public.as_mut_ptr(), private, seed.as_ptr()) };
        Self { seed_and_public, public }
    }

    /// The public key, 32 bytes.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public
    }

    /// Signs a digest. Deterministic.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    #[expect(unsafe_code, reason = "foreign call")]
    pub fn sign_digest(&self, digest: &[u8; DIGEST_LEN]) -> Result<[u8; SIGNATURE_LEN], Refused> {
        let mut signature = [0; SIGNATURE_LEN];
        let (out, key) = (signature.as_mut_ptr(), self.seed_and_public.expose().as_ptr());
        // SAFETY: the call writes 64 bytes and reads 64 of the digest and 64 of the key; the context has no bytes.
        done(unsafe { ED25519ph_sign_digest(out, digest.as_ptr(), key, ptr::null(), 0) })?;
        Ok(signature)
    }
}

/// Whether `signature` is the signature of this public key over the digest.
#[expect(unsafe_code, reason = "foreign call")]
pub fn verify_digest(public: &[u8; 32], digest: &[u8; DIGEST_LEN], signature: &[u8; SIGNATURE_LEN]) -> bool {
    let (digest, signature) = (digest.as_ptr(), signature.as_ptr());
    // SAFETY: the call reads 64, 64 and 32 bytes: the sizes of the arrays; the context has no bytes.
    DONE == unsafe { ED25519ph_verify_digest(digest, signature, public.as_ptr(), ptr::null(), 0) }
}
