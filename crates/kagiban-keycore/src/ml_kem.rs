//! ML-KEM (FIPS 203).

use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{DecapsulateError, GenerateError, InvalidKeyMaterial};
use crate::public_key::{Encapsulated, InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// A MlKem pair.
pub struct MlKemKeyPair {
    public: PublicKey,
}

pub(crate) struct MlKemPublicKey;

impl MlKemKeyPair {
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
    pub(crate) fn decapsulate(&self, _ciphertext: &[u8]) -> Result<SecretBytes, DecapsulateError> {
        Err(PrimitiveFailed.into())
    }
}

impl MlKemPublicKey {
    pub(crate) fn decode(_spec: KeySpec, _spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn encapsulate(&self) -> Result<Encapsulated, PrimitiveFailed> {
        Err(PrimitiveFailed)
    }
}
