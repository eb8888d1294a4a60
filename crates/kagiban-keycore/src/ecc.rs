//! The NIST's prime curves P-256, P-384 and P-521 (FIPS 186-5, SP 800-186): ECDSA as DER (RFC 3279, section 2.2.3) and
//! ECDH; and the reading and writing of elliptic curve keys (RFC 5915, RFC 5480), secp256k1's included.

use std::sync::OnceLock;

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::digest::{self, Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair,
    ParsedPublicKey,
};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{DeriveError, GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey, UnfitKey};
use crate::spec::KeySpec;

/// What a curve is called, and what the library does with it.
pub(crate) struct Curve {
    pub(crate) spec: KeySpec,
    /// AlgorithmIdentifier: id-ecPublicKey and the curve's name.
    pub(crate) algorithm: &'static [u8],
    pub(crate) signing: &'static EcdsaSigningAlgorithm,
    digest: &'static digest::Algorithm,
    agreement: Option<&'static agreement::Algorithm>,
}

static P256: Curve = Curve {
    spec: KeySpec::EccNistP256,
    algorithm: b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
    signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
    digest: &SHA256,
    agreement: Some(&ECDH_P256),
};

static P384: Curve = Curve {
    spec: KeySpec::EccNistP384,
    algorithm: b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22",
    signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
    digest: &SHA384,
    agreement: Some(&ECDH_P384),
};

static P521: Curve = Curve {
    spec: KeySpec::EccNistP521,
    algorithm: b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23",
    signing: &ECDSA_P521_SHA512_ASN1_SIGNING,
    digest: &SHA512,
    agreement: Some(&ECDH_P521),
};

/// Kept here for its keys' DER, which is that of the other curves.
pub(crate) static SECP256K1: Curve = Curve {
    spec: KeySpec::EccSecgP256k1,
    algorithm: b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a",
    signing: &ECDSA_P256K1_SHA256_ASN1_SIGNING,
    digest: &SHA256,
    agreement: None,
};

impl Curve {
    fn of(spec: KeySpec) -> Option<&'static Self> {
        [&P256, &P384, &P521].into_iter().find(|curve| curve.spec == spec)
    }

    /// Reads a private key from PKCS#8, with or without the public key, which is computed or compared.
    pub(crate) fn decode(&self, secret: &SecretBytes) -> Result<EcdsaKeyPair, InvalidKeyMaterial> {
        der::pkcs8(secret.expose(), self.algorithm).map_err(|error| InvalidKeyMaterial::of(error, self.spec))?;
        let read = EcdsaKeyPair::from_pkcs8(self.signing, secret.expose());
        let pair = read.map_err(|_| InvalidKeyMaterial::Malformed)?;
        self.with_public_key(pair).map_err(|_| InvalidKeyMaterial::Malformed)
    }

    /// The library writes a key as it was read; one that came without its public key is put together anew with it.
    fn with_public_key(&self, pair: EcdsaKeyPair) -> Result<EcdsaKeyPair, PrimitiveFailed> {
        if Some(encode(&pair)?.len()) == self.spec.pkcs8_len() {
            return Ok(pair);
        }
        let (private, public) = (private_key(&pair)?, pair.public_key());
        EcdsaKeyPair::from_private_key_and_public_key(self.signing, private.as_ref(), public.as_ref())
            .map_err(|_| PrimitiveFailed)
    }

    /// The public half of a pair.
    pub(crate) fn public_key(&self, pair: &EcdsaKeyPair) -> Result<PublicKey, PrimitiveFailed> {
        let spki = pair.public_key().as_der().map_err(|_| PrimitiveFailed)?;
        PublicKey::decode(self.spec, spki.as_ref()).map_err(|_| PrimitiveFailed)
    }

    /// Checks the outside of a public key that somebody else made.
    pub(crate) fn require_named(&self, spki_der: &[u8]) -> Result<(), InvalidPublicKey> {
        match der::spki(spki_der, self.algorithm) {
            Ok(_) => Ok(()),
            Err(error) => Err(InvalidPublicKey::of(error, self.spec)),
        }
    }
}

/// A pair as PKCS#8 version 1.
pub(crate) fn encode(pair: &EcdsaKeyPair) -> Result<SecretBytes, PrimitiveFailed> {
    let document = pair.to_pkcs8v1().map_err(|_| PrimitiveFailed)?;
    Ok(SecretBytes::from_slice(document.as_ref()))
}

/// The private number of a pair, as long as the curve's order.
pub(crate) fn private_key(pair: &EcdsaKeyPair) -> Result<EcPrivateKeyBin<'static>, PrimitiveFailed> {
    pair.private_key().as_be_bytes().map_err(|_| PrimitiveFailed)
}

/// A pair on one of the three curves.
pub struct EccKeyPair {
    curve: &'static Curve,
    pair: EcdsaKeyPair,
    /// The same key for ECDH; made when it is first needed, since a key has one usage.
    agreement: OnceLock<agreement::PrivateKey>,
    public: PublicKey,
}

impl EccKeyPair {
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, GenerateError> {
        let curve = Curve::of(spec).ok_or(PrimitiveFailed)?;
        let pair = EcdsaKeyPair::generate(curve.signing).map_err(|_| PrimitiveFailed)?;
        Ok(Self::new(curve, pair)?)
    }

    pub(crate) fn decode(spec: KeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let curve = Curve::of(spec).ok_or(InvalidKeyMaterial::OtherSpec { spec })?;
        Self::new(curve, curve.decode(secret)?).map_err(|_| InvalidKeyMaterial::Malformed)
    }

    fn new(curve: &'static Curve, pair: EcdsaKeyPair) -> Result<Self, PrimitiveFailed> {
        let public = curve.public_key(&pair)?;
        Ok(Self { curve, pair, agreement: OnceLock::new(), public })
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn encode(&self) -> Result<SecretBytes, PrimitiveFailed> {
        encode(&self.pair)
    }

    pub(crate) fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        let signature = match message {
            Message::Raw(message) => self.pair.sign(&SystemRandom::new(), message),
            Message::Digest(digest) => {
                let digest = Digest::import_less_safe(digest, self.curve.digest).map_err(|_| PrimitiveFailed)?;
                self.pair.sign_digest(&digest)
            }
            Message::ExternalMu(_) => return Err(PrimitiveFailed),
        };
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| PrimitiveFailed)
    }

    pub(crate) fn derive_shared_secret(&self, peer_spki_der: &[u8]) -> Result<SecretBytes, DeriveError> {
        let algorithm = self.curve.agreement.ok_or(UnfitKey { spec: self.curve.spec })?;
        self.curve.require_named(peer_spki_der)?;
        let peer = agreement::UnparsedPublicKey::new(algorithm, peer_spki_der);
        let peer = agreement::ParsedPublicKey::try_from(peer).map_err(|_| InvalidPublicKey::Malformed)?;
        let secret = agreement::agree(self.agreement_key(algorithm)?, peer, PrimitiveFailed, |secret| {
            Ok(SecretBytes::from_slice(secret))
        });
        Ok(secret?)
    }

    fn agreement_key(
        &self,
        algorithm: &'static agreement::Algorithm,
    ) -> Result<&agreement::PrivateKey, PrimitiveFailed> {
        if let Some(key) = self.agreement.get() {
            return Ok(key);
        }
        let private = private_key(&self.pair)?;
        let key = agreement::PrivateKey::from_private_key(algorithm, private.as_ref()).map_err(|_| PrimitiveFailed)?;
        Ok(self.agreement.get_or_init(|| key))
    }
}

/// A public key on one of the three curves.
pub(crate) struct EccPublicKey {
    curve: &'static Curve,
    key: ParsedPublicKey,
}

impl EccPublicKey {
    pub(crate) fn decode(spec: KeySpec, spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let curve = Curve::of(spec).ok_or(InvalidPublicKey::OtherSpec { spec })?;
        curve.require_named(spki_der)?;
        let verification: &'static EcdsaVerificationAlgorithm = curve.signing;
        let key = ParsedPublicKey::new(verification, spki_der).map_err(|_| InvalidPublicKey::Malformed)?;
        Ok(Self { curve, key })
    }

    pub(crate) fn verify(&self, message: Message<'_>, signature: &[u8]) -> bool {
        match message {
            Message::Raw(message) => self.key.verify_sig(message, signature).is_ok(),
            Message::Digest(digest) => Digest::import_less_safe(digest, self.curve.digest)
                .is_ok_and(|digest| self.key.verify_digest_sig(&digest, signature).is_ok()),
            Message::ExternalMu(_) => false,
        }
    }
}
