//! ML-KEM (FIPS 203). Keys as in RFC 9935, the private one by its seed.

use kagiban_aws_lc::ml_kem::{PKCS8_LEN, ParameterSet, PrivateKey, PublicKey as RawPublicKey};
use kagiban_base::random::Random;
use kagiban_base::secret::{SecretArray, SecretBytes};
use subtle::ConstantTimeEq;

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{DecapsulateError, GenerateError, InvalidKeyMaterial};
use crate::public_key::{Encapsulated, InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// Bytes of a seed: `d`, then `z` (FIPS 203, algorithm 19).
const SEED_LEN: usize = 64;

/// A parameter set, and the AlgorithmIdentifier of its keys: without parameters (RFC 9935, section 3).
struct Kind {
    spec: KeySpec,
    parameter_set: ParameterSet,
    algorithm: &'static [u8],
}

static KINDS: [Kind; 3] = [
    Kind {
        spec: KeySpec::MlKem512,
        parameter_set: ParameterSet::MlKem512,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01",
    },
    Kind {
        spec: KeySpec::MlKem768,
        parameter_set: ParameterSet::MlKem768,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02",
    },
    Kind {
        spec: KeySpec::MlKem1024,
        parameter_set: ParameterSet::MlKem1024,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03",
    },
];

impl Kind {
    fn of(spec: KeySpec) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.spec == spec)
    }
}

/// An ML-KEM pair.
pub struct MlKemKeyPair {
    kind: &'static Kind,
    seed: SecretArray<SEED_LEN>,
    key: PrivateKey,
    public: PublicKey,
}

impl MlKemKeyPair {
    pub(crate) fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, GenerateError> {
        let kind = Kind::of(spec).ok_or(PrimitiveFailed)?;
        let mut seed = SecretArray::zeroed();
        random.fill_secret(seed.expose_mut())?;
        Ok(Self::new(kind, seed)?)
    }

    pub(crate) fn decode(spec: KeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let kind = Kind::of(spec).ok_or(InvalidKeyMaterial::OtherSpec { spec })?;
        let read = der::lattice_pkcs8(secret.expose(), kind.algorithm, SEED_LEN);
        let read = read.map_err(|error| InvalidKeyMaterial::of(error, spec))?;
        let seed = SecretArray::from_slice(read.seed).ok_or(InvalidKeyMaterial::Malformed)?;
        let pair = Self::new(kind, seed).map_err(|_| InvalidKeyMaterial::Malformed)?;
        match read.expanded {
            Some(expanded) if !pair.is_expanded_to(expanded) => Err(InvalidKeyMaterial::Malformed),
            _ => Ok(pair),
        }
    }

    fn new(kind: &'static Kind, seed: SecretArray<SEED_LEN>) -> Result<Self, PrimitiveFailed> {
        let pkcs8 = der::lattice_pkcs8_of(kind.algorithm, seed.expose());
        let pkcs8: &[u8; PKCS8_LEN] = pkcs8.expose().try_into().map_err(|_| PrimitiveFailed)?;
        let key = PrivateKey::from_pkcs8(kind.parameter_set, pkcs8).map_err(|_| PrimitiveFailed)?;
        let spki = der::spki_of(kind.algorithm, &key.public_key().map_err(|_| PrimitiveFailed)?);
        let public = PublicKey::decode(kind.spec, &spki).map_err(|_| PrimitiveFailed)?;
        Ok(Self { kind, seed, key, public })
    }

    fn is_expanded_to(&self, expanded: &[u8]) -> bool {
        self.key.expanded().is_ok_and(|ours| ours.expose().ct_eq(expanded).into())
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn encode(&self) -> SecretBytes {
        der::lattice_pkcs8_of(self.kind.algorithm, self.seed.expose())
    }

    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, DecapsulateError> {
        let expected = self.kind.parameter_set.ciphertext_len();
        if ciphertext.len() != expected {
            return Err(DecapsulateError::WrongCiphertextLength { len: ciphertext.len(), expected });
        }
        let secret = self.key.decapsulate(ciphertext).map_err(|_| PrimitiveFailed)?;
        Ok(SecretBytes::from_slice(secret.expose()))
    }
}

/// An ML-KEM public key.
pub(crate) struct MlKemPublicKey(RawPublicKey);

impl MlKemPublicKey {
    pub(crate) fn decode(spec: KeySpec, spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let kind = Kind::of(spec).ok_or(InvalidPublicKey::OtherSpec { spec })?;
        let raw = der::spki(spki_der, kind.algorithm).map_err(|error| InvalidPublicKey::of(error, spec))?;
        RawPublicKey::from_raw(kind.parameter_set, raw).map(Self).map_err(|_| InvalidPublicKey::Malformed)
    }

    pub(crate) fn encapsulate(&self) -> Result<Encapsulated, PrimitiveFailed> {
        let (ciphertext, secret) = self.0.encapsulate().map_err(|_| PrimitiveFailed)?;
        Ok(Encapsulated { ciphertext, shared_secret: SecretBytes::from_slice(secret.expose()) })
    }
}
