//! SM2 (GM/T 0003) for the Regions of China: signatures with SM3, encryption, and raw ECDH over its curve.
//!
//! Encodings are those of GM/T 0009 and of OpenSSL: signatures are the DER sequence of r and s, ciphertexts the DER
//! sequence of the point's x and y, the hash and the encrypted bytes (C1, C3, C2). AWS says the same of its own: what
//! SM2PKE makes elsewhere is to be converted to ASN.1 before KMS takes it.
//!
//! What this doesn't do: the key exchange of GM/T 0003.3, which is another thing than the `ECDH` of the API.

use std::hint::black_box;
use std::sync::LazyLock;

use elliptic_curve::ecdh::diffie_hellman;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use sm2::SecretKey;
use sm2::dsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate;
use sm2::pkcs8::der::Decode;
use sm2::pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use sm2::pke::{Cipher, DecryptingKey, EncryptingKey};

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{DecryptError, DeriveError, GenerateError, InvalidKeyMaterial, SignError};
use crate::message::Message;
use crate::public_key::{EncryptError, InvalidPublicKey, PublicKey};
use crate::rng::SecretRng;
use crate::spec::KeySpec;

/// The distinguishing identifier of signers who have none of their own (GM/T 0009, section 10).
const DEFAULT_DISTINGUISHING_ID: &str = "1234567812345678";
/// The most bytes that the API encrypts under an SM2 key.
const PLAINTEXT_LEN_MAX: usize = 1024;
/// AlgorithmIdentifier: id-ecPublicKey (RFC 5480, section 2.1.1) on the curve 1.2.156.10197.1.301.
const ALGORITHM: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d";

/// An SM2 pair.
pub struct Sm2KeyPair {
    secret: SecretKey,
    signing: Blanked,
    public: PublicKey,
}

/// The parsed public half: the key and, hashed together with the identifier, what precedes each message.
pub(crate) struct Sm2PublicKey(VerifyingKey);

impl Sm2KeyPair {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, GenerateError> {
        let secret = SecretKey::try_generate_from_rng(&mut SecretRng(random))?;
        // One in 2^256 is no key here.
        Ok(Self::new(secret).ok_or(PrimitiveFailed)?)
    }

    /// Takes a PrivateKeyInfo (RFC 5208) that holds an ECPrivateKey (RFC 5915) on the named curve.
    pub(crate) fn decode(secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let malformed = InvalidKeyMaterial::Malformed;
        der::pkcs8(secret.expose(), ALGORITHM).map_err(|error| InvalidKeyMaterial::of(error, KeySpec::Sm2))?;
        let info = PrivateKeyInfoRef::from_der(secret.expose()).map_err(|_| malformed)?;
        // A second public key outside of the ECPrivateKey (RFC 5958) would not be compared with the private one.
        if info.public_key.is_some() {
            return Err(malformed);
        }
        SecretKey::try_from(info).ok().and_then(Self::new).ok_or(malformed)
    }

    /// `None` for the one scalar that is in range elsewhere but not here: n - 1 (GM/T 0003.1, section 6.1), with which
    /// 1 + d has no inverse.
    fn new(secret: SecretKey) -> Option<Self> {
        let minus_one = -sm2::Scalar::ONE;
        let scalar = secret.to_nonzero_scalar();
        if *scalar == minus_one {
            return None;
        }
        let signing = Blanked::new(&secret)?;
        let spki_der = secret.public_key().to_public_key_der().ok()?;
        let public = PublicKey::decode(KeySpec::Sm2, spki_der.as_bytes()).ok()?;
        Some(Self { secret, signing, public })
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        let document = self.secret.to_pkcs8_der().map_err(|_| PrimitiveFailed)?;
        Ok(SecretBytes::from_slice(document.as_bytes()))
    }

    /// Signs with a number derived from key, message and fresh randomness (RFC 6979, section 3.6).
    pub(crate) fn sign(&self, message: Message<'_>, random: &dyn Random) -> Result<Vec<u8>, SignError> {
        let (key, mut rng) = (&*self.signing.0, SecretRng(random));
        let signed: Result<Signature, _> = match message {
            Message::Raw(message) => key.try_sign_with_rng(&mut rng, message),
            Message::Digest(digest) => key.sign_prehash_with_rng(&mut rng, digest),
            Message::ExternalMu(_) => return Err(PrimitiveFailed.into()),
        };
        // The one thing that can go wrong: the source of randomness.
        Ok(signed.map_err(|_| RandomError)?.to_der().to_vec())
    }

    /// The plaintext of a DER ciphertext, of whatever length: wrapped key material is longer than what the API encrypts.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Result<SecretBytes, DecryptError> {
        let invalid = DecryptError::InvalidCiphertext;
        let cipher: Cipher<'_> = Cipher::from_der(ciphertext).map_err(|_| invalid)?;
        let key = DecryptingKey::new_with_mode(self.secret.to_nonzero_scalar(), Default::default());
        let mut plaintext = SecretBytes::zeroed(cipher.c2().len());
        key.decrypt_cipher_with_buf(&cipher, plaintext.expose_mut()).map_err(|_| invalid)?;
        if plaintext.is_empty() { Err(invalid) } else { Ok(plaintext) }
    }

    pub(crate) fn derive_shared_secret(&self, peer_spki_der: &[u8]) -> Result<SecretBytes, DeriveError> {
        let peer = parse(peer_spki_der)?;
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), peer.as_affine());
        Ok(SecretBytes::from_slice(shared.raw_secret_bytes()))
    }
}

impl Sm2PublicKey {
    pub(crate) fn decode(spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let key = VerifyingKey::new(DEFAULT_DISTINGUISHING_ID, parse(spki_der)?);
        key.map(Self).map_err(|_| InvalidPublicKey::Malformed)
    }

    pub(crate) fn verify(&self, message: Message<'_>, signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_der(signature) else { return false };
        match message {
            Message::Raw(message) => self.0.verify(message, &signature).is_ok(),
            Message::Digest(digest) => self.0.verify_prehash(digest, &signature).is_ok(),
            Message::ExternalMu(_) => false,
        }
    }

    /// Encrypts 1 to 1024 bytes. The library refuses an empty plaintext, which the API doesn't know either.
    pub(crate) fn encrypt(&self, plaintext: &[u8], random: &dyn Random) -> Result<Vec<u8>, EncryptError> {
        let len = plaintext.len();
        if len > PLAINTEXT_LEN_MAX {
            return Err(EncryptError::PlaintextTooLong { len, max: PLAINTEXT_LEN_MAX });
        }
        if plaintext.is_empty() {
            return Err(PrimitiveFailed.into());
        }
        let key = EncryptingKey::new(sm2::PublicKey::from(&self.0));
        // The one thing that can go wrong: the source of randomness.
        Ok(key.encrypt_der(&mut SecretRng(random), plaintext).map_err(|_| RandomError)?)
    }
}

/// A point on the curve, not the one at infinity, from a SubjectPublicKeyInfo that names the curve.
fn parse(spki_der: &[u8]) -> Result<sm2::PublicKey, InvalidPublicKey> {
    let point = der::spki(spki_der, ALGORITHM).map_err(|error| InvalidPublicKey::of(error, KeySpec::Sm2))?;
    sm2::PublicKey::from_sec1_bytes(point).map_err(|_| InvalidPublicKey::Malformed)
}

/// A signing key that is overwritten when dropped. The library doesn't wipe its own, and making one for each signature
/// would cost half as much again as signing. Copies that the library's functions leave on the stack are out of reach.
struct Blanked(Box<SigningKey>);

impl Blanked {
    fn new(secret: &SecretKey) -> Option<Self> {
        SigningKey::new(DEFAULT_DISTINGUISHING_ID, secret).ok().map(|key| Self(Box::new(key)))
    }
}

impl Blanked {
    fn blank(&mut self) {
        /// A key that is no secret: d = 1.
        static BLANK: LazyLock<Option<SigningKey>> = LazyLock::new(|| {
            let mut one = [0; 32];
            one[31] = 1;
            SecretKey::from_slice(&one).ok().and_then(|key| SigningKey::new(DEFAULT_DISTINGUISHING_ID, &key).ok())
        });
        if let Some(blank) = BLANK.as_ref() {
            *self.0 = blank.clone();
        }
        // Or else the compiler may leave the writing out, since nothing reads it.
        black_box(&mut self.0);
    }
}

impl Drop for Blanked {
    fn drop(&mut self) {
        self.blank();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_signing_key_is_overwritten() {
        let mut key = Blanked::new(&SecretKey::from_slice(&[7; 32]).unwrap()).unwrap();
        let number = |key: &Blanked| key.0.as_nonzero_scalar().to_bytes().to_vec();
        assert_eq!(number(&key), [7; 32]);
        key.blank();
        assert_eq!(number(&key), [[0; 31].as_slice(), &[1]].concat());
    }
}
