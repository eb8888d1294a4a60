//! Wrapping keys: pairs made for one import, and the way back out of each wrapping.

use std::fmt;

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::import::compatibility::{WrappingAlgorithm, WrappingKeySpec};
use crate::material::{GenerateError, InvalidKeyMaterial, KeyMaterial, RsaKeyPair, Sm2KeyPair};
use crate::public_key::PublicKey;
use crate::spec::EncryptionAlgorithm;

/// Material could not be taken out of its wrapping.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnwrapMaterialError {
    /// The algorithm is none of this wrapping key's.
    #[error("{algorithm} is no algorithm of a {wrapping_key} wrapping key")]
    Unfit {
        /// The algorithm asked for.
        algorithm: WrappingAlgorithm,
        /// Spec of the wrapping key.
        wrapping_key: WrappingKeySpec,
    },
    /// The bytes were not wrapped so, or under another key. The only answer to every cause.
    #[error("the wrapped key material is not valid")]
    DoesNotUnwrap,
}

/// The pair behind one import: the public half goes to who wraps, the private one into the import token.
pub struct WrappingKey {
    spec: WrappingKeySpec,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Sm2(Sm2KeyPair),
}

impl WrappingKey {
    /// A fresh pair. Blocks for as long as it takes, like [`KeyMaterial::generate`].
    ///
    /// # Errors
    /// [`GenerateError`]
    pub fn generate(spec: WrappingKeySpec, random: &dyn Random) -> Result<Self, GenerateError> {
        let pair = match spec {
            WrappingKeySpec::Sm2 => Pair::Sm2(Sm2KeyPair::generate(random)?),
            _ => Pair::Rsa(RsaKeyPair::generate(spec.key_spec())?),
        };
        Ok(Self { spec, pair })
    }

    /// Takes a pair made ahead; `None` unless it is an RSA or SM2 one.
    pub fn new(pair: KeyMaterial) -> Option<Self> {
        let spec = WrappingKeySpec::ALL.into_iter().find(|spec| spec.key_spec() == pair.spec())?;
        match pair {
            KeyMaterial::Rsa(pair) => Some(Self { spec, pair: Pair::Rsa(pair) }),
            KeyMaterial::Sm2(pair) => Some(Self { spec, pair: Pair::Sm2(pair) }),
            _ => None,
        }
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`InvalidKeyMaterial`]
    pub fn decode(spec: WrappingKeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let pair = match spec {
            WrappingKeySpec::Sm2 => Pair::Sm2(Sm2KeyPair::decode(secret)?),
            _ => Pair::Rsa(RsaKeyPair::decode(spec.key_spec(), secret)?),
        };
        Ok(Self { spec, pair })
    }

    /// The private half as PKCS#8 DER, to be sealed: at most 2400 bytes.
    ///
    /// # Errors
    /// [`PrimitiveFailed`]
    pub fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        match &self.pair {
            Pair::Rsa(pair) => pair.encode(),
            Pair::Sm2(pair) => pair.encode(),
        }
    }

    /// What the pair is made of.
    pub fn spec(&self) -> WrappingKeySpec {
        self.spec
    }

    /// The public half; its [`PublicKey::spki_der`] is what GetParametersForImport answers.
    pub fn public_key(&self) -> &PublicKey {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key(),
            Pair::Sm2(pair) => pair.public_key(),
        }
    }

    /// The material in `encrypted`, as it was before it was wrapped:
    ///
    /// - `RSAES_OAEP_*`: RSA-OAEP (RFC 8017, section 7.1), the named hash for label and mask, no label.
    /// - `RSA_AES_KEY_WRAP_*`: as many bytes as the modulus has, which are RSA-OAEP as above of an AES key of 32 bytes;
    ///   then the material under that key by AES key wrap with padding (RFC 5649).
    /// - `SM2PKE`: the DER of GM/T 0009.
    ///
    /// # Errors
    /// [`UnwrapMaterialError`]
    pub fn unwrap_material(
        &self,
        algorithm: WrappingAlgorithm,
        encrypted: &[u8],
    ) -> Result<SecretBytes, UnwrapMaterialError> {
        if !algorithm.fits(self.spec) {
            return Err(UnwrapMaterialError::Unfit { algorithm, wrapping_key: self.spec });
        }
        match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => self.decrypt(EncryptionAlgorithm::RsaesOaepSha1, encrypted),
            WrappingAlgorithm::RsaesOaepSha256 => self.decrypt(EncryptionAlgorithm::RsaesOaepSha256, encrypted),
            WrappingAlgorithm::RsaAesKeyWrapSha1 => self.key_wrap(EncryptionAlgorithm::RsaesOaepSha1, encrypted),
            WrappingAlgorithm::RsaAesKeyWrapSha256 => self.key_wrap(EncryptionAlgorithm::RsaesOaepSha256, encrypted),
            WrappingAlgorithm::Sm2pke => self.decrypt(EncryptionAlgorithm::Sm2pke, encrypted),
            WrappingAlgorithm::RsaesPkcs1V15 => Err(UnwrapMaterialError::DoesNotUnwrap),
        }
    }

    fn decrypt(&self, algorithm: EncryptionAlgorithm, encrypted: &[u8]) -> Result<SecretBytes, UnwrapMaterialError> {
        let decrypted = match &self.pair {
            Pair::Rsa(pair) => pair.decrypt(algorithm, encrypted),
            Pair::Sm2(pair) => pair.decrypt(encrypted),
        };
        decrypted.map_err(|_| UnwrapMaterialError::DoesNotUnwrap)
    }

    fn key_wrap(&self, algorithm: EncryptionAlgorithm, encrypted: &[u8]) -> Result<SecretBytes, UnwrapMaterialError> {
        let modulus_len = self.spec.key_spec().rsa_bits().unwrap_or_default() / 8;
        let (encrypted_key, wrapped) =
            encrypted.split_at_checked(modulus_len).ok_or(UnwrapMaterialError::DoesNotUnwrap)?;
        let key = self.decrypt(algorithm, encrypted_key)?;
        unwrap_aes_kwp(&key, wrapped).ok_or(UnwrapMaterialError::DoesNotUnwrap)
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingKey({})", self.spec)
    }
}

/// AES-256 key wrap with padding (RFC 5649, section 4.2); `None` for every fault, a key of another length among them.
fn unwrap_aes_kwp(key: &SecretBytes, wrapped: &[u8]) -> Option<SecretBytes> {
    let kek = AesKek::new(&AES_256, key.expose()).ok()?;
    let mut out = SecretBytes::zeroed(wrapped.len());
    let len = kek.unwrap_with_padding(wrapped, out.expose_mut()).ok()?.len();
    out.truncate(len);
    Some(out)
}
