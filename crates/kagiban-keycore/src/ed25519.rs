//! Ed25519 and Ed25519ph with an empty context (RFC 8032; FIPS 186-5, section 7).

use aws_lc_rs::digest::{SHA512, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair as LibraryKeyPair, KeyPair, ParsedPublicKey};
use kagiban_aws_lc::ed25519ph;
use kagiban_base::random::Random;
use kagiban_base::secret::{SecretArray, SecretBytes};

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

const SPEC: KeySpec = KeySpec::EccNistEdwards25519;
/// AlgorithmIdentifier: id-Ed25519, without parameters (RFC 8410, section 3).
const ALGORITHM: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

/// An Ed25519 pair.
pub struct Ed25519KeyPair {
    pure: LibraryKeyPair,
    prehash: ed25519ph::PrivateKey,
    public: PublicKey,
}

impl Ed25519KeyPair {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, GenerateError> {
        let mut seed = SecretArray::<32>::zeroed();
        random.fill_secret(seed.expose_mut())?;
        let pure = LibraryKeyPair::from_seed_unchecked(seed.expose()).map_err(|_| PrimitiveFailed)?;
        Ok(Self::new(pure)?)
    }

    pub(crate) fn decode(secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        der::pkcs8(secret.expose(), ALGORITHM).map_err(|error| InvalidKeyMaterial::of(error, SPEC))?;
        let pure = LibraryKeyPair::from_pkcs8(secret.expose()).map_err(|_| InvalidKeyMaterial::Malformed)?;
        Self::new(pure).map_err(|_| InvalidKeyMaterial::Malformed)
    }

    fn new(pure: LibraryKeyPair) -> Result<Self, PrimitiveFailed> {
        let spki = pure.public_key().as_der().map_err(|_| PrimitiveFailed)?;
        let public = PublicKey::decode(SPEC, spki.as_ref()).map_err(|_| PrimitiveFailed)?;
        let pkcs8 = pure.to_pkcs8v1().map_err(|_| PrimitiveFailed)?;
        // The seed is what PKCS#8 version 1 ends with. (The library's own way of giving it out leaves a copy unwiped.)
        let seed = pkcs8.as_ref().last_chunk().ok_or(PrimitiveFailed)?;
        Ok(Self { prehash: ed25519ph::PrivateKey::from_seed(seed), pure, public })
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        let pkcs8 = self.pure.to_pkcs8v1().map_err(|_| PrimitiveFailed)?;
        Ok(SecretBytes::from_slice(pkcs8.as_ref()))
    }

    pub(crate) fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        match message {
            Message::Raw(message) => {
                let signature = self.pure.try_sign(message).map_err(|_| PrimitiveFailed)?;
                Ok(signature.as_ref().to_vec())
            }
            Message::Digest(digest) => {
                let signature = self.prehash.sign_digest(&prehash(digest)?).map_err(|_| PrimitiveFailed)?;
                Ok(signature.to_vec())
            }
            Message::ExternalMu(_) => Err(PrimitiveFailed),
        }
    }
}

/// PH(M), where M is what the caller gave as digest: AWS KMS hashes it once more (API reference of Sign, MessageType;
/// FIPS 186-5, section 7.8.1, step 1). So an Ed25519ph implementation elsewhere verifies with the digest as its message.
fn prehash(message: &[u8]) -> Result<[u8; ed25519ph::DIGEST_LEN], PrimitiveFailed> {
    digest(&SHA512, message).as_ref().try_into().map_err(|_| PrimitiveFailed)
}

/// An Ed25519 public key.
pub(crate) struct Ed25519PublicKey {
    pure: ParsedPublicKey,
    raw: [u8; 32],
}

impl Ed25519PublicKey {
    pub(crate) fn decode(spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let raw = der::spki(spki_der, ALGORITHM).map_err(|error| InvalidPublicKey::of(error, SPEC))?;
        let raw = raw.try_into().map_err(|_| InvalidPublicKey::Malformed)?;
        let pure = ParsedPublicKey::new(&ED25519, spki_der).map_err(|_| InvalidPublicKey::Malformed)?;
        Ok(Self { pure, raw })
    }

    pub(crate) fn verify(&self, message: Message<'_>, signature: &[u8]) -> bool {
        match message {
            Message::Raw(message) => self.pure.verify_sig(message, signature).is_ok(),
            Message::Digest(digest) => match (prehash(digest), signature.try_into()) {
                (Ok(digest), Ok(signature)) => ed25519ph::verify_digest(&self.raw, &digest, signature),
                _ => false,
            },
            Message::ExternalMu(_) => false,
        }
    }
}
