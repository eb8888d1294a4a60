//! RSA (RFC 8017) with two primes: OAEP with the same hash for MGF1 and an empty label, PSS with a salt as long as the
//! digest, PKCS#1 v1.5.

use std::sync::OnceLock;

use aws_lc_rs::digest::{Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{DecryptError, GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{EncryptError, InvalidPublicKey, PublicKey, UnfitEncryptionAlgorithm};
use crate::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};

/// AlgorithmIdentifier: rsaEncryption, with its NULL parameters (RFC 3279, section 2.3.1). Keys restricted to PSS or OAEP
/// have names of their own and are not for this service.
const ALGORITHM: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// A signing algorithm as the library knows it.
struct Scheme {
    signing: &'static dyn RsaEncoding,
    verification: &'static RsaParameters,
    digest: &'static aws_lc_rs::digest::Algorithm,
    /// Place among the parsed keys of [`RsaPublicKey`].
    index: usize,
}

const SCHEMES: usize = 6;

static PSS_SHA256: Scheme =
    Scheme { signing: &RSA_PSS_SHA256, verification: &RSA_PSS_2048_8192_SHA256, digest: &SHA256, index: 0 };
static PSS_SHA384: Scheme =
    Scheme { signing: &RSA_PSS_SHA384, verification: &RSA_PSS_2048_8192_SHA384, digest: &SHA384, index: 1 };
static PSS_SHA512: Scheme =
    Scheme { signing: &RSA_PSS_SHA512, verification: &RSA_PSS_2048_8192_SHA512, digest: &SHA512, index: 2 };
static PKCS1_SHA256: Scheme =
    Scheme { signing: &RSA_PKCS1_SHA256, verification: &RSA_PKCS1_2048_8192_SHA256, digest: &SHA256, index: 3 };
static PKCS1_SHA384: Scheme =
    Scheme { signing: &RSA_PKCS1_SHA384, verification: &RSA_PKCS1_2048_8192_SHA384, digest: &SHA384, index: 4 };
static PKCS1_SHA512: Scheme =
    Scheme { signing: &RSA_PKCS1_SHA512, verification: &RSA_PKCS1_2048_8192_SHA512, digest: &SHA512, index: 5 };

impl Scheme {
    fn of(algorithm: SigningAlgorithm) -> Option<&'static Self> {
        match algorithm {
            SigningAlgorithm::RsassaPssSha256 => Some(&PSS_SHA256),
            SigningAlgorithm::RsassaPssSha384 => Some(&PSS_SHA384),
            SigningAlgorithm::RsassaPssSha512 => Some(&PSS_SHA512),
            SigningAlgorithm::RsassaPkcs1V15Sha256 => Some(&PKCS1_SHA256),
            SigningAlgorithm::RsassaPkcs1V15Sha384 => Some(&PKCS1_SHA384),
            SigningAlgorithm::RsassaPkcs1V15Sha512 => Some(&PKCS1_SHA512),
            _ => None,
        }
    }

    fn digest(&self, digest: &[u8]) -> Result<Digest, PrimitiveFailed> {
        Digest::import_less_safe(digest, self.digest).map_err(|_| PrimitiveFailed)
    }
}

/// The library's OAEP, or the reason why there is none.
fn oaep(algorithm: EncryptionAlgorithm, spec: KeySpec) -> Result<&'static OaepAlgorithm, UnfitEncryptionAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::RsaesOaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2pke => {
            Err(UnfitEncryptionAlgorithm { algorithm, spec })
        }
    }
}

/// An RSA pair.
pub struct RsaKeyPair {
    signing: signature::RsaKeyPair,
    /// The same key for decrypting; made when it is first needed, since a key has one usage.
    decrypting: OnceLock<OaepPrivateDecryptingKey>,
    public: PublicKey,
}

impl RsaKeyPair {
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, GenerateError> {
        let size = match spec {
            KeySpec::Rsa2048 => KeySize::Rsa2048,
            KeySpec::Rsa3072 => KeySize::Rsa3072,
            KeySpec::Rsa4096 => KeySize::Rsa4096,
            _ => return Err(PrimitiveFailed.into()),
        };
        let signing = signature::RsaKeyPair::generate(size).map_err(|_| PrimitiveFailed)?;
        Self::new(spec, signing).map_err(|_| PrimitiveFailed.into())
    }

    /// The library compares all parts of the key with each other; whether the primes are prime it does not ask.
    pub(crate) fn decode(spec: KeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        der::pkcs8(secret.expose(), ALGORITHM).map_err(|error| InvalidKeyMaterial::of(error, spec))?;
        let read = signature::RsaKeyPair::from_pkcs8(secret.expose());
        let signing = read.map_err(|_| InvalidKeyMaterial::Malformed)?;
        Self::new(spec, signing)
    }

    fn new(spec: KeySpec, signing: signature::RsaKeyPair) -> Result<Self, InvalidKeyMaterial> {
        let spki = signing.public_key().as_der().map_err(|_| InvalidKeyMaterial::Malformed)?;
        let public = PublicKey::decode(spec, spki.as_ref()).map_err(|error| match error {
            InvalidPublicKey::OtherSpec { spec } => InvalidKeyMaterial::OtherSpec { spec },
            InvalidPublicKey::Malformed => InvalidKeyMaterial::Malformed,
        })?;
        Ok(Self { signing, decrypting: OnceLock::new(), public })
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        let der = self.signing.as_der().map_err(|_| PrimitiveFailed)?;
        Ok(SecretBytes::from_slice(der.as_ref()))
    }

    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        let scheme = Scheme::of(algorithm).ok_or(PrimitiveFailed)?;
        let mut signature = vec![0; self.signing.public_modulus_len()];
        let signed = match message {
            Message::Raw(message) => self.signing.sign(scheme.signing, &SystemRandom::new(), message, &mut signature),
            Message::Digest(digest) => {
                self.signing.sign_digest(scheme.signing, &scheme.digest(digest)?, &mut signature)
            }
            Message::ExternalMu(_) => return Err(PrimitiveFailed),
        };
        signed.map(|()| signature).map_err(|_| PrimitiveFailed)
    }

    /// Every failure looks the same, an impossible length too.
    pub(crate) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, DecryptError> {
        let algorithm = oaep(algorithm, self.public.spec())?;
        let key = self.decrypting_key().map_err(|_| DecryptError::InvalidCiphertext)?;
        let mut plaintext = SecretBytes::zeroed(key.min_output_size());
        let opened = key.decrypt(algorithm, ciphertext, plaintext.expose_mut(), None);
        let len = opened.map_err(|_| DecryptError::InvalidCiphertext)?.len();
        plaintext.truncate(len);
        Ok(plaintext)
    }

    fn decrypting_key(&self) -> Result<&OaepPrivateDecryptingKey, PrimitiveFailed> {
        if let Some(key) = self.decrypting.get() {
            return Ok(key);
        }
        let key = PrivateDecryptingKey::from_pkcs8(self.encode()?.expose()).map_err(|_| PrimitiveFailed)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| PrimitiveFailed)?;
        Ok(self.decrypting.get_or_init(|| key))
    }
}

/// An RSA public key.
pub(crate) struct RsaPublicKey {
    spec: KeySpec,
    encrypting: OaepPublicEncryptingKey,
    /// The key once for each scheme in use: the library binds a parsed key to what it verifies.
    verifying: Box<[OnceLock<ParsedPublicKey>; SCHEMES]>,
}

impl RsaPublicKey {
    pub(crate) fn decode(spec: KeySpec, spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        der::spki(spki_der, ALGORITHM).map_err(|error| InvalidPublicKey::of(error, spec))?;
        let key = PublicEncryptingKey::from_der(spki_der).map_err(|_| InvalidPublicKey::Malformed)?;
        if Some(key.key_size_bits()) != spec.rsa_bits() {
            return Err(InvalidPublicKey::OtherSpec { spec });
        }
        let encrypting = OaepPublicEncryptingKey::new(key).map_err(|_| InvalidPublicKey::Malformed)?;
        Ok(Self { spec, encrypting, verifying: Default::default() })
    }

    /// RSAPublicKey, which the SubjectPublicKeyInfo holds.
    pub(crate) fn pkcs1_of(spki_der: &[u8]) -> Option<&[u8]> {
        der::spki(spki_der, ALGORITHM).ok()
    }

    /// `spki_der` is the key itself, as it was decoded.
    pub(crate) fn verify(
        &self,
        spki_der: &[u8],
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> bool {
        let Some(scheme) = Scheme::of(algorithm) else { return false };
        let Some(key) = self.verifying_key(scheme, spki_der) else { return false };
        match message {
            Message::Raw(message) => key.verify_sig(message, signature).is_ok(),
            Message::Digest(digest) => {
                scheme.digest(digest).is_ok_and(|digest| key.verify_digest_sig(&digest, signature).is_ok())
            }
            Message::ExternalMu(_) => false,
        }
    }

    fn verifying_key(&self, scheme: &'static Scheme, spki_der: &[u8]) -> Option<&ParsedPublicKey> {
        let slot = self.verifying.get(scheme.index)?;
        if let Some(key) = slot.get() {
            return Some(key);
        }
        let key = ParsedPublicKey::new(scheme.verification, spki_der).ok()?;
        Some(slot.get_or_init(|| key))
    }

    pub(crate) fn encrypt(&self, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<Vec<u8>, EncryptError> {
        let oaep = oaep(algorithm, self.spec)?;
        let max = self.encrypting.max_plaintext_size(oaep);
        if plaintext.len() > max {
            return Err(EncryptError::PlaintextTooLong { len: plaintext.len(), max });
        }
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        self.encrypting.encrypt(oaep, plaintext, &mut ciphertext, None).map_err(|_| PrimitiveFailed)?;
        Ok(ciphertext)
    }
}
