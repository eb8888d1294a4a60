//! Key material by kind. Each kind is a type of its own, so that no algorithm can be handed the wrong one; and
//! [`KeyMaterial`], which is any of them, for who learns the kind from a record.

use std::fmt;

use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::der::NotThisKey;
pub use crate::ecc::EccKeyPair;
pub use crate::ed25519::Ed25519KeyPair;
pub use crate::mac::HmacMaterial;
use crate::mac::{UnfitMacAlgorithm, VerifyMacError};
use crate::message::{Message, UnfitMessage};
pub use crate::ml_dsa::MlDsaKeyPair;
pub use crate::ml_kem::MlKemKeyPair;
use crate::public_key::{InvalidPublicKey, PublicKey, UnfitEncryptionAlgorithm, UnfitKey};
pub use crate::rsa::RsaKeyPair;
pub use crate::secp256k1::Secp256k1KeyPair;
pub use crate::sm2::Sm2KeyPair;
use crate::spec::{EncryptionAlgorithm, Family, KeySpec, MacAlgorithm, SigningAlgorithm};
pub use crate::symmetric_material::{SymmetricCipher, SymmetricMaterial, WrongMaterialLength};

/// Material could not be generated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GenerateError {
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Bytes are not key material of the spec asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidKeyMaterial {
    /// Plain bytes, but not as many as the spec takes.
    #[error(transparent)]
    Length(#[from] WrongMaterialLength),
    /// Plain bytes for an HMAC key, too few or too many.
    #[error("HMAC key material of {len} bytes, not {min} to {max}")]
    HmacLength {
        /// Bytes there are.
        len: usize,
        /// As many as the hash has.
        min: usize,
        /// [`crate::mac::MATERIAL_LEN_MAX`]
        max: usize,
    },
    /// A private key, but of another algorithm, curve or size.
    #[error("a private key that is not of spec {spec}")]
    OtherSpec {
        /// The spec asked for.
        spec: KeySpec,
    },
    /// No private key: not PKCS#8 DER, something left over, parts that contradict each other.
    #[error("not a valid private key")]
    Malformed,
}

impl InvalidKeyMaterial {
    pub(crate) fn of(error: NotThisKey, spec: KeySpec) -> Self {
        match error {
            NotThisKey::Malformed => Self::Malformed,
            NotThisKey::OtherAlgorithm => Self::OtherSpec { spec },
        }
    }
}

/// A message was not signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// Algorithm, form of the message or length of the digest.
    #[error(transparent)]
    Unfit(#[from] UnfitMessage),
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A ciphertext was not decrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecryptError {
    /// The algorithm is none of this key's.
    #[error(transparent)]
    Unfit(#[from] UnfitEncryptionAlgorithm),
    /// The ciphertext is not this key's. The only answer to every cause.
    #[error("the ciphertext is not valid")]
    InvalidCiphertext,
}

/// No shared secret could be derived.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeriveError {
    /// The key doesn't agree on secrets.
    #[error(transparent)]
    Unfit(#[from] UnfitKey),
    /// The other side's public key.
    #[error(transparent)]
    PublicKey(#[from] InvalidPublicKey),
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
}

/// A shared secret could not be taken out of its ciphertext.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecapsulateError {
    /// The key doesn't encapsulate.
    #[error(transparent)]
    Unfit(#[from] UnfitKey),
    /// The ciphertext is not as long as those of this spec.
    #[error("a ciphertext of {len} bytes where {expected} are needed")]
    WrongCiphertextLength {
        /// Bytes there are.
        len: usize,
        /// Bytes there must be.
        expected: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
}

/// Any key material, parsed and ready to use: what a cache keeps, shared between threads by reference. What is secret
/// in it is wiped when dropped, by us or by the library that holds it.
pub enum KeyMaterial {
    /// A `SYMMETRIC_DEFAULT` key of AES-256 or SM4. Sealing and opening take more than a key: [`crate::symmetric`].
    Symmetric(SymmetricMaterial),
    /// The key of an HMAC.
    Hmac(HmacMaterial),
    /// An RSA pair.
    Rsa(RsaKeyPair),
    /// A pair on one of the NIST's prime curves.
    Ecc(EccKeyPair),
    /// A pair on secp256k1.
    Secp256k1(Secp256k1KeyPair),
    /// An Ed25519 pair.
    Ed25519(Ed25519KeyPair),
    /// An ML-DSA pair.
    MlDsa(MlDsaKeyPair),
    /// An ML-KEM pair.
    MlKem(MlKemKeyPair),
    /// An SM2 pair.
    Sm2(Sm2KeyPair),
}

impl KeyMaterial {
    /// Fresh material. Blocks for as long as it takes: an RSA pair takes a tenth of a second to more than one.
    ///
    /// `SYMMETRIC_DEFAULT` gives AES-256 here; for the Regions of China there is [`SymmetricMaterial::generate_for`].
    /// Material that is but random bytes is made from `random`; RSA and elliptic curve keys, which take more than that,
    /// come from the library's own generator.
    ///
    /// # Errors
    /// [`GenerateError`]
    pub fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, GenerateError> {
        match spec.family() {
            Family::Symmetric => Ok(Self::Symmetric(SymmetricMaterial::generate(random)?)),
            Family::Rsa => Ok(Self::Rsa(RsaKeyPair::generate(spec)?)),
            Family::Ecc => Ok(Self::Ecc(EccKeyPair::generate(spec)?)),
            Family::Secp256k1 => Ok(Self::Secp256k1(Secp256k1KeyPair::generate()?)),
            Family::Ed25519 => Ok(Self::Ed25519(Ed25519KeyPair::generate(random)?)),
            Family::MlDsa => Ok(Self::MlDsa(MlDsaKeyPair::generate(spec, random)?)),
            Family::MlKem => Ok(Self::MlKem(MlKemKeyPair::generate(spec, random)?)),
            Family::Hmac => Ok(Self::Hmac(HmacMaterial::generate(spec, random)?)),
            Family::Sm2 => Ok(Self::Sm2(Sm2KeyPair::generate(random)?)),
        }
    }

    /// Takes unwrapped or imported bytes as material of this spec: plain bytes of the one length for symmetric specs,
    /// PKCS#8 (RFC 5208) for pairs. Strict: the bytes are all used, the algorithm is the spec's, the parts agree with
    /// each other, a public key that comes along is the private key's.
    ///
    /// # Errors
    /// [`InvalidKeyMaterial`]
    pub fn decode(spec: KeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        match spec.family() {
            Family::Symmetric => Ok(Self::Symmetric(SymmetricMaterial::from_secret(secret)?)),
            Family::Rsa => Ok(Self::Rsa(RsaKeyPair::decode(spec, secret)?)),
            Family::Ecc => Ok(Self::Ecc(EccKeyPair::decode(spec, secret)?)),
            Family::Secp256k1 => Ok(Self::Secp256k1(Secp256k1KeyPair::decode(secret)?)),
            Family::Ed25519 => Ok(Self::Ed25519(Ed25519KeyPair::decode(secret)?)),
            Family::MlDsa => Ok(Self::MlDsa(MlDsaKeyPair::decode(spec, secret)?)),
            Family::MlKem => Ok(Self::MlKem(MlKemKeyPair::decode(spec, secret)?)),
            Family::Hmac => Ok(Self::Hmac(HmacMaterial::decode(spec, secret)?)),
            Family::Sm2 => Ok(Self::Sm2(Sm2KeyPair::decode(secret)?)),
        }
    }

    /// The bytes that are wrapped at rest and that GenerateDataKeyPair hands out: plain bytes, or PKCS#8 version 1 DER.
    /// [`Self::decode`] takes them; the same material always gives the same bytes, however it was decoded.
    ///
    /// # Errors
    /// [`PrimitiveFailed`]
    pub fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        match self {
            Self::Symmetric(material) => Ok(SecretBytes::from_slice(material.expose())),
            Self::Rsa(pair) => pair.encode(),
            Self::Ecc(pair) => pair.encode(),
            Self::Secp256k1(pair) => pair.encode(),
            Self::Ed25519(pair) => pair.encode(),
            Self::MlDsa(pair) => Ok(pair.encode()),
            Self::MlKem(pair) => Ok(pair.encode()),
            Self::Hmac(material) => Ok(material.encode()),
            Self::Sm2(pair) => pair.encode(),
        }
    }

    /// The spec. Material of the same bytes could be of one spec only.
    pub fn spec(&self) -> KeySpec {
        match self {
            Self::Symmetric(_) => KeySpec::SymmetricDefault,
            Self::Rsa(pair) => pair.public_key().spec(),
            Self::Ecc(pair) => pair.public_key().spec(),
            Self::Secp256k1(pair) => pair.public_key().spec(),
            Self::Ed25519(pair) => pair.public_key().spec(),
            Self::MlDsa(pair) => pair.public_key().spec(),
            Self::MlKem(pair) => pair.public_key().spec(),
            Self::Hmac(material) => material.spec(),
            Self::Sm2(_) => KeySpec::Sm2,
        }
    }

    /// The public half; `None` for symmetric material.
    pub fn public_key(&self) -> Option<&PublicKey> {
        match self {
            Self::Symmetric(_) | Self::Hmac(_) => None,
            Self::Rsa(pair) => Some(pair.public_key()),
            Self::Ecc(pair) => Some(pair.public_key()),
            Self::Secp256k1(pair) => Some(pair.public_key()),
            Self::Ed25519(pair) => Some(pair.public_key()),
            Self::MlDsa(pair) => Some(pair.public_key()),
            Self::MlKem(pair) => Some(pair.public_key()),
            Self::Sm2(pair) => Some(pair.public_key()),
        }
    }

    /// Signs. RSA (PKCS#1 v1.5), ECDSA as DER (RFC 3279), EdDSA and ML-DSA as in their standards. Randomised but for
    /// PKCS#1 v1.5 and Ed25519. Curves other than the NIST's draw from `random`, the rest uses the library's own source.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let spec = self.spec();
        message.require_fit(spec, algorithm)?;
        match self {
            Self::Rsa(pair) => Ok(pair.sign(algorithm, message)?),
            Self::Ecc(pair) => Ok(pair.sign(message)?),
            Self::Secp256k1(pair) => pair.sign(message, random),
            Self::Ed25519(pair) => Ok(pair.sign(message)?),
            Self::MlDsa(pair) => Ok(pair.sign(message)?),
            Self::Sm2(pair) => pair.sign(message, random),
            Self::Symmetric(_) | Self::Hmac(_) | Self::MlKem(_) => {
                Err(UnfitMessage::Algorithm { algorithm, spec }.into())
            }
        }
    }

    /// Decrypts what [`PublicKey::encrypt`] made.
    ///
    /// # Errors
    /// [`DecryptError`]
    pub fn decrypt(&self, algorithm: EncryptionAlgorithm, ciphertext: &[u8]) -> Result<SecretBytes, DecryptError> {
        match self {
            Self::Rsa(pair) => pair.decrypt(algorithm, ciphertext),
            Self::Sm2(pair) if algorithm == EncryptionAlgorithm::Sm2pke => pair.decrypt(ciphertext),
            _ => Err(UnfitEncryptionAlgorithm { algorithm, spec: self.spec() }.into()),
        }
    }

    /// Agrees on a secret with the owner of a public key on the same curve, given as SubjectPublicKeyInfo: the x
    /// coordinate of the shared point (SP 800-56A, section 5.7.1.2), as long as the curve's field elements.
    ///
    /// # Errors
    /// [`DeriveError`]
    pub fn derive_shared_secret(&self, peer_spki_der: &[u8]) -> Result<SecretBytes, DeriveError> {
        match self {
            Self::Ecc(pair) => pair.derive_shared_secret(peer_spki_der),
            Self::Sm2(pair) => pair.derive_shared_secret(peer_spki_der),
            _ => Err(UnfitKey { spec: self.spec() }.into()),
        }
    }

    /// The authentication code of a message.
    ///
    /// # Errors
    /// [`UnfitMacAlgorithm`], for material of every spec but the algorithm's too.
    pub fn generate_mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, UnfitMacAlgorithm> {
        match self {
            Self::Hmac(material) => material.generate_mac(algorithm, message),
            _ => Err(UnfitMacAlgorithm { algorithm, spec: self.spec() }),
        }
    }

    /// Verifies the authentication code of a message in constant time.
    ///
    /// # Errors
    /// [`VerifyMacError`]
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), VerifyMacError> {
        match self {
            Self::Hmac(material) => material.verify_mac(algorithm, message, mac),
            _ => Err(UnfitMacAlgorithm { algorithm, spec: self.spec() }.into()),
        }
    }

    /// The shared secret in a ciphertext, 32 bytes. A ciphertext of the right length never fails: one that was not made
    /// for this key gives a secret that nobody else has (FIPS 203, section 6.3).
    ///
    /// # Errors
    /// [`DecapsulateError`]
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, DecapsulateError> {
        match self {
            Self::MlKem(pair) => pair.decapsulate(ciphertext),
            _ => Err(UnfitKey { spec: self.spec() }.into()),
        }
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterial({})", self.spec())
    }
}
