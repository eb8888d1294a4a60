//! ML-DSA (FIPS 204), hedged, with an empty context; messages or the mu that stands for one. Keys as in RFC 9881, the
//! private one by its seed.

use kagiban_aws_lc::ml_dsa::{MU_LEN, ParameterSet, PrivateKey, PublicKey as RawPublicKey, SEED_LEN};
use kagiban_base::random::Random;
use kagiban_base::secret::{SecretArray, SecretBytes};
use subtle::ConstantTimeEq;

use crate::PrimitiveFailed;
use crate::der;
use crate::material::{GenerateError, InvalidKeyMaterial};
use crate::message::Message;
use crate::public_key::{InvalidPublicKey, PublicKey};
use crate::spec::KeySpec;

/// A parameter set, and the AlgorithmIdentifier of its keys: without parameters (RFC 9881, section 2).
struct Kind {
    spec: KeySpec,
    parameter_set: ParameterSet,
    algorithm: &'static [u8],
}

static KINDS: [Kind; 3] = [
    Kind {
        spec: KeySpec::MlDsa44,
        parameter_set: ParameterSet::MlDsa44,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11",
    },
    Kind {
        spec: KeySpec::MlDsa65,
        parameter_set: ParameterSet::MlDsa65,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12",
    },
    Kind {
        spec: KeySpec::MlDsa87,
        parameter_set: ParameterSet::MlDsa87,
        algorithm: b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13",
    },
];

impl Kind {
    fn of(spec: KeySpec) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.spec == spec)
    }
}

/// An ML-DSA pair.
pub struct MlDsaKeyPair {
    kind: &'static Kind,
    seed: SecretArray<SEED_LEN>,
    key: PrivateKey,
    public: PublicKey,
}

impl MlDsaKeyPair {
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
        let key = PrivateKey::from_seed(kind.parameter_set, seed.expose()).map_err(|_| PrimitiveFailed)?;
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

    pub(crate) fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, PrimitiveFailed> {
        let signed = match message {
            Message::Raw(message) => self.key.sign(message),
            Message::ExternalMu(mu) => self.key.sign_mu(mu.try_into().map_err(|_| PrimitiveFailed)?),
            Message::Digest(_) => return Err(PrimitiveFailed),
        };
        signed.map_err(|_| PrimitiveFailed)
    }
}

/// An ML-DSA public key.
pub(crate) struct MlDsaPublicKey(RawPublicKey);

impl MlDsaPublicKey {
    pub(crate) fn decode(spec: KeySpec, spki_der: &[u8]) -> Result<Self, InvalidPublicKey> {
        let kind = Kind::of(spec).ok_or(InvalidPublicKey::OtherSpec { spec })?;
        let raw = der::spki(spki_der, kind.algorithm).map_err(|error| InvalidPublicKey::of(error, spec))?;
        RawPublicKey::from_raw(kind.parameter_set, raw).map(Self).map_err(|_| InvalidPublicKey::Malformed)
    }

    pub(crate) fn verify(&self, message: Message<'_>, signature: &[u8]) -> bool {
        match message {
            Message::Raw(message) => self.0.verify(message, signature),
            Message::ExternalMu(mu) => <&[u8; MU_LEN]>::try_from(mu).is_ok_and(|mu| self.0.verify_mu(mu, signature)),
            Message::Digest(_) => false,
        }
    }
}
