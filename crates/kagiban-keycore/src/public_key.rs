//! The public half of a key: what anybody may know, and what can be done with it alone.

use std::fmt;

use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::der::NotThisKey;
use crate::ecc::EccPublicKey;
use crate::ed25519::Ed25519PublicKey;
use crate::message::{Message, UnfitMessage};
use crate::ml_dsa::MlDsaPublicKey;
use crate::ml_kem::MlKemPublicKey;
use crate::rsa::RsaPublicKey;
use crate::secp256k1::Secp256k1PublicKey;
use crate::sm2::Sm2PublicKey;
use crate::spec::{EncryptionAlgorithm, Family, KeySpec, SigningAlgorithm};

/// Bytes are not the SubjectPublicKeyInfo of a key of the spec asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPublicKey {
    /// A public key, but of another algorithm, curve or size; or a curve given by its parameters, not by its name.
    #[error("a public key that is not of spec {spec}")]
    OtherSpec {
        /// The spec asked for.
        spec: KeySpec,
    },
    /// No public key: not DER, something left over, a point off the curve, a modulus that cannot be one.
    #[error("not a valid public key")]
    Malformed,
}

impl InvalidPublicKey {
    pub(crate) fn of(error: NotThisKey, spec: KeySpec) -> Self {
        match error {
            NotThisKey::Malformed => Self::Malformed,
            NotThisKey::OtherAlgorithm => Self::OtherSpec { spec },
        }
    }
}

/// A key cannot do what it was asked to, whatever the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a {spec} key cannot do this")]
pub struct UnfitKey {
    /// Spec of the key.
    pub spec: KeySpec,
}

/// A key doesn't encrypt or decrypt with this algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{algorithm} is no algorithm of a {spec} key")]
pub struct UnfitEncryptionAlgorithm {
    /// The algorithm asked for.
    pub algorithm: EncryptionAlgorithm,
    /// Spec of the key.
    pub spec: KeySpec,
}

/// A signature was not verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// Algorithm, form of the message or length of the digest.
    #[error(transparent)]
    Unfit(#[from] UnfitMessage),
    /// The signature is not this key's over this message. The only answer to every cause.
    #[error("the signature is not valid")]
    VerificationFailed,
}

/// A plaintext could not be encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EncryptError {
    /// The algorithm is none of this key's.
    #[error(transparent)]
    Unfit(#[from] UnfitEncryptionAlgorithm),
    /// More bytes than key and algorithm take.
    #[error("a plaintext of {len} bytes where {max} are the most")]
    PlaintextTooLong {
        /// Bytes there are.
        len: usize,
        /// Bytes there may be.
        max: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// No secret could be encapsulated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EncapsulateError {
    /// The key is of another kind.
    #[error(transparent)]
    Unfit(#[from] UnfitKey),
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
}

/// A fresh shared secret and what carries it to the owner of the private key.
#[derive(Debug)]
pub struct Encapsulated {
    /// For the owner of the private key.
    pub ciphertext: Vec<u8>,
    /// 32 bytes.
    pub shared_secret: SecretBytes,
}

/// A public key, parsed and ready to use. Shared between threads by reference.
pub struct PublicKey {
    spec: KeySpec,
    spki_der: Box<[u8]>,
    half: Half,
}

/// The parsed key by family.
pub(crate) enum Half {
    Rsa(RsaPublicKey),
    Ecc(EccPublicKey),
    Secp256k1(Secp256k1PublicKey),
    Ed25519(Ed25519PublicKey),
    MlDsa(MlDsaPublicKey),
    MlKem(MlKemPublicKey),
    Sm2(Sm2PublicKey),
}

impl PublicKey {
    /// Parses a SubjectPublicKeyInfo (RFC 5280, section 4.1) that must be of this spec and fill the bytes. Curves are
    /// named, never described; points lie on them.
    ///
    /// # Errors
    /// [`InvalidPublicKey`]
    pub fn decode(spec: KeySpec, spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let half = match spec.family() {
            Family::Rsa => Half::Rsa(RsaPublicKey::decode(spec, spki_der)?),
            Family::Ecc => Half::Ecc(EccPublicKey::decode(spec, spki_der)?),
            Family::Secp256k1 => Half::Secp256k1(Secp256k1PublicKey::decode(spki_der)?),
            Family::Ed25519 => Half::Ed25519(Ed25519PublicKey::decode(spki_der)?),
            Family::MlDsa => Half::MlDsa(MlDsaPublicKey::decode(spec, spki_der)?),
            Family::MlKem => Half::MlKem(MlKemPublicKey::decode(spec, spki_der)?),
            Family::Sm2 => Half::Sm2(Sm2PublicKey::decode(spki_der)?),
            Family::Symmetric | Family::Hmac => return Err(InvalidPublicKey::OtherSpec { spec }),
        };
        Ok(Self { spec, spki_der: spki_der.into(), half })
    }

    /// Spec of the key.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The key as SubjectPublicKeyInfo, DER.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// The key as RSAPublicKey (RFC 8017, appendix A.1.1), DER; `None` for keys that are not RSA's.
    pub fn pkcs1_der(&self) -> Option<&[u8]> {
        matches!(self.half, Half::Rsa(_)).then(|| RsaPublicKey::pkcs1_of(&self.spki_der)).flatten()
    }

    /// Verifies a signature. Deterministic; ECDSA signatures are accepted with either of the two values of `s`.
    ///
    /// # Errors
    /// [`VerifyError`]
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        message.require_fit(self.spec, algorithm)?;
        let verified = match &self.half {
            Half::Rsa(key) => key.verify(&self.spki_der, algorithm, message, signature),
            Half::Ecc(key) => key.verify(message, signature),
            Half::Secp256k1(key) => key.verify(message, signature),
            Half::Ed25519(key) => key.verify(message, signature),
            Half::MlDsa(key) => key.verify(message, signature),
            Half::Sm2(key) => key.verify(message, signature),
            Half::MlKem(_) => false,
        };
        if verified { Ok(()) } else { Err(VerifyError::VerificationFailed) }
    }

    /// Encrypts. RSA's randomness is the library's own; `random` is for the other families.
    ///
    /// # Errors
    /// [`EncryptError`]
    pub fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, EncryptError> {
        match &self.half {
            Half::Rsa(key) => key.encrypt(algorithm, plaintext),
            Half::Sm2(key) if algorithm == EncryptionAlgorithm::Sm2pke => key.encrypt(plaintext, random),
            _ => Err(UnfitEncryptionAlgorithm { algorithm, spec: self.spec }.into()),
        }
    }

    /// Makes a fresh shared secret for the owner of the private key. The randomness is the library's own.
    ///
    /// # Errors
    /// [`EncapsulateError`]
    pub fn encapsulate(&self) -> Result<Encapsulated, EncapsulateError> {
        match &self.half {
            Half::MlKem(key) => Ok(key.encapsulate()?),
            _ => Err(UnfitKey { spec: self.spec }.into()),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("spec", &self.spec).finish_non_exhaustive()
    }
}
