//! ECDSA over secp256k1.

use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{GenerateError, InvalidKeyMaterial, SignError};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};

/// A Secp256k1 pair.
pub struct Secp256k1KeyPair {
    public: PublicKey,
}

pub(crate) struct Secp256k1PublicKey;

impl Secp256k1KeyPair {
    pub(crate) fn generate() -> Result<Self, GenerateError> {
        Err(PrimitiveFailed.into())
    }
    pub(crate) fn decode(_secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        Err(InvalidKeyMaterial::Malformed)
    }
    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }
    pub(crate) fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        Err(PrimitiveFailed)
    }
    pub(crate) fn sign(&self, _message: Message<'_>, _random: &dyn Random) -> Result<Vec<u8>, SignError> {
        Err(PrimitiveFailed.into())
    }
}

impl Secp256k1PublicKey {
    pub(crate) fn decode(_spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn verify(&self, _m: Message<'_>, _s: &[u8]) -> bool {
        false
    }
}
