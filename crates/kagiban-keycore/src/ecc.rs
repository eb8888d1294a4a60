//! The NIST's prime curves P-256, P-384 and P-521: ECDSA and ECDH.

use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{DeriveError, GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// A Ecc pair.
pub struct EccKeyPair {
    public: PublicKey,
}

pub(crate) struct EccPublicKey;

impl EccKeyPair {
    pub(crate) fn generate(_spec: KeySpec) -> Result<Self, GenerateError> {
        Err(PrimitiveFailed.into())
    }
    pub(crate) fn decode(_spec: KeySpec, _secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
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
    pub(crate) fn derive_shared_secret(&self, _peer: &[u8]) -> Result<SecretBytes, DeriveError> {
        Err(PrimitiveFailed.into())
    }
}

impl EccPublicKey {
    pub(crate) fn decode(_spec: KeySpec, _spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn verify(&self, _m: Message<'_>, _s: &[u8]) -> bool {
        false
    }
}
