//! ML-DSA (FIPS 204), hedged, with an empty context.

use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// A MlDsa pair.
pub struct MlDsaKeyPair {
    public: PublicKey,
}

pub(crate) struct MlDsaPublicKey;

impl MlDsaKeyPair {
    pub(crate) fn generate(_spec: KeySpec, _random: &dyn Random) -> Result<Self, GenerateError> {
        Err(PrimitiveFailed.into())
    }
    pub(crate) fn decode(_spec: KeySpec, _secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        Err(InvalidKeyMaterial::Malformed)
    }
    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }
    pub(crate) fn encode(&self) -> SecretBytes {
        SecretBytes::default()
    }
    pub(crate) fn sign(&self, _message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        Err(PrimitiveFailed)
    }
}

impl MlDsaPublicKey {
    pub(crate) fn decode(_spec: KeySpec, _spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn verify(&self, _m: Message<'_>, _s: &[u8]) -> bool {
        false
    }
}
