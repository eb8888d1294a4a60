//! ML-DSA (FIPS 204), hedged, with an empty context, over messages and over an external mu (algorithm 7, line 6).
//!
//! `aws-lc-rs` signs messages too, but doesn't lend its key for the other; a second copy of every expanded key would be
//! the price of using both.

use std::ffi::c_int;

use aws_lc_sys::{
    EVP_PKEY_pqdsa_new_raw_private_key, EVP_PKEY_pqdsa_new_raw_public_key, NID_MLDSA44, NID_MLDSA65, NID_MLDSA87,
};

use kagiban_base::secret::SecretBytes;

use crate::Refused;
use crate::pkey::Pkey;

/// Bytes of the seed that a private key is made from.
pub const SEED_LEN: usize = 32;
/// Bytes of mu.
pub const MU_LEN: usize = 64;

/// Which of the three parameter sets (FIPS 204, table 1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ParameterSet {
    /// ML-DSA-44
    MlDsa44,
    /// ML-DSA-65
    MlDsa65,
    /// ML-DSA-87
    MlDsa87,
}

impl ParameterSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    const fn nid(self) -> c_int {
        match self {
            Self::MlDsa44 => NID_MLDSA44,
            Self::MlDsa65 => NID_MLDSA65,
            Self::MlDsa87 => NID_MLDSA87,
        }
    }

    /// Bytes of an expanded private key (FIPS 204, table 2).
    pub const fn expanded_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2560,
            Self::MlDsa65 => 4032,
            Self::MlDsa87 => 4896,
        }
    }

    /// Bytes of a raw public key (FIPS 204, table 2).
    pub const fn public_key_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// Bytes of a signature (FIPS 204, table 2).
    pub const fn signature_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

/// A private key, expanded. Wiped by the library when dropped.
pub struct PrivateKey {
    parameter_set: ParameterSet,
    pkey: Pkey,
}

impl PrivateKey {
    /// The key that a seed stands for (FIPS 204, algorithm 6).
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub fn from_seed(parameter_set: ParameterSet, seed: &[u8; SEED_LEN]) -> Result<Self, Refused> {
        // SAFETY: reads as many bytes as said.
        let pkey = unsafe { EVP_PKEY_pqdsa_new_raw_private_key(parameter_set.nid(), seed.as_ptr(), seed.len()) };
        // SAFETY: fresh from the library, and nobody else's.
        let pkey = unsafe { Pkey::from_raw(pkey) }?;
        Ok(Self { parameter_set, pkey })
    }

    /// The expanded private key, for comparing it with one that came along with a seed.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn expanded(&self) -> Result<SecretBytes, Refused> {
        self.pkey.raw_private_key(self.parameter_set.expanded_len())
    }

    /// The raw public key.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn public_key(&self) -> Result<Vec<u8>, Refused> {
        self.pkey.raw_public_key(self.parameter_set.public_key_len())
    }

    /// Signs a message.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        self.pkey.sign_message(message, self.parameter_set.signature_len())
    }

    /// Signs the message that `mu` stands for.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn sign_mu(&self, mu: &[u8; MU_LEN]) -> Result<Vec<u8>, Refused> {
        self.pkey.sign_representative(mu, self.parameter_set.signature_len())
    }
}

/// A public key.
pub struct PublicKey(Pkey);

impl PublicKey {
    /// Takes a raw public key.
    ///
    /// # Errors
    /// [`Refused`] unless there are [`ParameterSet::public_key_len`] bytes; any such bytes are a public key.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub fn from_raw(parameter_set: ParameterSet, raw: &[u8]) -> Result<Self, Refused> {
        // SAFETY: reads as many bytes as said, after it has compared them with what the parameter set takes.
        let pkey = unsafe { EVP_PKEY_pqdsa_new_raw_public_key(parameter_set.nid(), raw.as_ptr(), raw.len()) };
        // SAFETY: fresh from the library, and nobody else's.
        let pkey = unsafe { Pkey::from_raw(pkey) }?;
        Ok(Self(pkey))
    }

    /// Whether `signature` is this key's over the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_message(message, signature).is_ok()
    }

    /// Whether `signature` is this key's over the message that `mu` stands for.
    pub fn verify_mu(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> bool {
        self.0.verify_representative(mu, signature).is_ok()
    }
}
