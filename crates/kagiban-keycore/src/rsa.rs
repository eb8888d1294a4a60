//! RSA (RFC 8017): OAEP, PSS and PKCS#1 v1.5.

use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{DecryptError, GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{EncryptError, InvalidPublicKey, PublicKey};
use crate::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};

/// A Rsa pair.
pub struct RsaKeyPair {
    public: PublicKey,
}

pub(crate) struct RsaPublicKey;

impl RsaKeyPair {
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
    pub(crate) fn sign(&self, _algorithm: SigningAlgorithm, _message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        Err(PrimitiveFailed)
    }
    pub(crate) fn decrypt(
        &self,
        _algorithm: EncryptionAlgorithm,
        _ciphertext: &[u8],
    ) -> Result<SecretBytes, DecryptError> {
        Err(DecryptError::InvalidCiphertext)
    }
}

impl RsaPublicKey {
    pub(crate) fn decode(_spec: KeySpec, _spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        Err(InvalidPublicKey::Malformed)
    }
    pub(crate) fn verify(&self, _a: SigningAlgorithm, _m: Message<'_>, _s: &[u8]) -> bool {
        false
    }
    pub(crate) fn encrypt(&self, _a: EncryptionAlgorithm, _p: &[u8]) -> Result<Vec<u8>, EncryptError> {
        Err(PrimitiveFailed.into())
    }
}
