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
use elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use sm2::dsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate;
use sm2::pkcs8::der::Decode;
use sm2::pkcs8::{
    AssociatedOid, DecodePublicKey, EncodePrivateKey, EncodePublicKey, ObjectIdentifier, PrivateKeyInfoRef,
    SubjectPublicKeyInfoRef,
};
use sm2::pke::{Cipher, DecryptingKey, EncryptingKey};
use sm2::{SecretKey, Sm2};

use crate::PrimitiveFailed;
use crate::material::{DecryptError, DeriveError, GenerateError, InvalidKeyMaterial, SignError};
use crate::message::Message;
use crate::public_key::{EncryptError, InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// The distinguishing identifier of signers who have none of their own (GM/T 0009, section 10).
const DEFAULT_DISTINGUISHING_ID: &str = "1234567812345678";
/// The most bytes that the API encrypts under an SM2 key.
const PLAINTEXT_LEN_MAX: usize = 1024;
/// The algorithm of all elliptic curve keys, `id-ecPublicKey` (RFC 5480, section 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

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
        let mut source = Source::new(random);
        loop {
            let secret = SecretKey::try_generate_from_rng(&mut source)?;
            // One candidate in 2^256 is not a key: n - 1.
            if let Some(pair) = Self::new(secret) {
                return Ok(pair);
            }
        }
    }

    /// Takes a PrivateKeyInfo (RFC 5208) that holds an ECPrivateKey (RFC 5915) on the named curve.
    pub(crate) fn decode(secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let malformed = InvalidKeyMaterial::Malformed;
        let info = PrivateKeyInfoRef::from_der(secret.expose()).map_err(|_| malformed)?;
        let curve = info.algorithm.parameters.and_then(|parameters| parameters.decode_as().ok());
        if (info.algorithm.oid, curve) != (EC_PUBLIC_KEY, Some(Sm2::OID)) {
            return Err(InvalidKeyMaterial::OtherSpec { spec: KeySpec::Sm2 });
        }
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

    /// Signs: the nonce comes from the key, the message and fresh randomness (RFC 6979, section 3.6).
    pub(crate) fn sign(&self, message: Message<'_>, random: &dyn Random) -> Result<Vec<u8>, SignError> {
        let mut source = Source::new(random);
        let signed = match message {
            Message::Raw(message) => self.signing.0.try_sign_with_rng(&mut source, message),
            Message::Digest(digest) | Message::ExternalMu(digest) => {
                self.signing.0.sign_prehash_with_rng(&mut source, digest)
            }
        };
        source.outcome()?;
        let signature: Signature = signed.map_err(|_| PrimitiveFailed)?;
        Ok(signature.to_der().to_vec())
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
            Message::Digest(digest) | Message::ExternalMu(digest) => self.0.verify_prehash(digest, &signature).is_ok(),
        }
    }

    /// Encrypts 1 to 1024 bytes. None is as wrong as too many; the API knows no empty plaintext.
    pub(crate) fn encrypt(&self, plaintext: &[u8], random: &dyn Random) -> Result<Vec<u8>, EncryptError> {
        let len = plaintext.len();
        if len > PLAINTEXT_LEN_MAX {
            return Err(EncryptError::PlaintextTooLong { len, max: PLAINTEXT_LEN_MAX });
        }
        let key = EncryptingKey::new(sm2::PublicKey::from(&self.0));
        let mut source = Source::new(random);
        let encrypted = key.encrypt_der(&mut source, plaintext);
        source.outcome()?;
        Ok(encrypted.map_err(|_| PrimitiveFailed)?)
    }
}

/// A point on the curve, not the one at infinity, from a SubjectPublicKeyInfo that names the curve.
fn parse(spki_der: &[u8]) -> Result<sm2::PublicKey, InvalidPublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(spki_der).map_err(|_| InvalidPublicKey::Malformed)?;
    let curve = info.algorithm.parameters.and_then(|parameters| parameters.decode_as().ok());
    if (info.algorithm.oid, curve) != (EC_PUBLIC_KEY, Some(Sm2::OID)) {
        return Err(InvalidPublicKey::OtherSpec { spec: KeySpec::Sm2 });
    }
    sm2::PublicKey::from_public_key_der(spki_der).map_err(|_| InvalidPublicKey::Malformed)
}

/// A signing key that is overwritten when dropped. The library doesn't wipe its own, and making one for each signature
/// would cost half as much again as signing. Copies that the library's functions leave on the stack are out of reach.
struct Blanked(Box<SigningKey>);

impl Blanked {
    fn new(secret: &SecretKey) -> Option<Self> {
        SigningKey::new(DEFAULT_DISTINGUISHING_ID, secret).ok().map(|key| Self(Box::new(key)))
    }
}

impl Drop for Blanked {
    fn drop(&mut self) {
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

/// Our source of randomness as the library wants it. The library's errors don't say why; this remembers.
struct Source<'a> {
    random: &'a dyn Random,
    failed: Option<RandomError>,
}

impl<'a> Source<'a> {
    fn new(random: &'a dyn Random) -> Self {
        Self { random, failed: None }
    }

    fn outcome(&self) -> Result<(), RandomError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RandomError> {
        let mut bytes = [0; N];
        self.try_fill_bytes(&mut bytes)?;
        Ok(bytes)
    }
}

impl TryRng for Source<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        self.array().map(u32::from_le_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        self.array().map(u64::from_le_bytes)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.random.fill_secret(out).inspect_err(|error| self.failed = Some(*error))
    }
}

impl TryCryptoRng for Source<'_> {}
