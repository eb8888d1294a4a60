//! Ed25519 and Ed25519ph (RFC 8032).

use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};

/// A Ed25519 pair.
pub struct Ed25519KeyPair {
    public: PublicKey,
}

pub(crate) struct Ed25519PublicKey;

impl Ed25519KeyPair {
    pub(crate) fn generate(_random: &dyn Random) -> Result<Self, GenerateError> {
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
    pub(crate) fn sign(&self, _message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        Err(PrimitiveFailed)
    }
}

impl Ed25519PublicKey {
    pub(crate) fn decode(_spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn verify(&self, _m: Message<'_>, _s: &[u8]) -> bool {
        false
    }
}
