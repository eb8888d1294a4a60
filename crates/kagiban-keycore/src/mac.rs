//! HMAC (FIPS 198-1, RFC 2104) with the hashes of the SHA-2 family. A key has one algorithm, the one of its spec.

use aws_lc_rs::hmac;
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
use crate::material::{GenerateError, InvalidKeyMaterial};
use crate::spec::{KeySpec, MacAlgorithm};

/// The most bytes of imported material. Longer secrets are to be hashed by their owner first (AWS, requirements for
/// imported key material).
pub const MATERIAL_LEN_MAX: usize = 128;

/// A key doesn't make codes with this algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{algorithm} is no algorithm of a {spec} key")]
pub struct UnfitMacAlgorithm {
    /// The algorithm asked for.
    pub algorithm: MacAlgorithm,
    /// Spec of the key.
    pub spec: KeySpec,
}

/// A code was not verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyMacError {
    /// The algorithm is none of this key's.
    #[error(transparent)]
    Unfit(#[from] UnfitMacAlgorithm),
    /// The code is not this key's for this message, as a whole: HMACs are not accepted shortened.
    #[error("the message authentication code is not valid")]
    VerificationFailed,
}

/// Material of an HMAC key: random bytes, as many as its hash has when made here, up to [`MATERIAL_LEN_MAX`] when
/// imported.
pub struct HmacMaterial {
    spec: KeySpec,
    secret: SecretBytes,
    /// The two hash states that begin with the secret: a kilobyte, hence the box. aws-lc wipes them when freed.
    key: Box<hmac::Key>,
}

impl HmacMaterial {
    /// Fresh material, as long as the hash.
    pub(crate) fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, GenerateError> {
        let (algorithm, len) = parameters(spec).ok_or(PrimitiveFailed)?;
        let mut secret = SecretBytes::zeroed(len);
        random.fill_secret(secret.expose_mut())?;
        Ok(Self::new(spec, algorithm, secret))
    }

    /// Takes bytes as material: at least as many as the hash has, at most [`MATERIAL_LEN_MAX`].
    pub(crate) fn decode(spec: KeySpec, secret: &SecretBytes) -> Result<Self, InvalidKeyMaterial> {
        let (algorithm, min) = parameters(spec).ok_or(InvalidKeyMaterial::OtherSpec { spec })?;
        let len = secret.len();
        if !(min..=MATERIAL_LEN_MAX).contains(&len) {
            return Err(InvalidKeyMaterial::HmacLength { len, min, max: MATERIAL_LEN_MAX });
        }
        Ok(Self::new(spec, algorithm, secret.copy()))
    }

    fn new(spec: KeySpec, algorithm: hmac::Algorithm, secret: SecretBytes) -> Self {
        let key = Box::new(hmac::Key::new(algorithm, secret.expose()));
        Self { spec, secret, key }
    }

    /// The bytes, to be wrapped.
    pub(crate) fn encode(&self) -> SecretBytes {
        self.secret.copy()
    }

    /// Spec of the key. The bytes don't tell it: 64 of them are material of every spec.
    pub(crate) fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The code of a message; as long as the hash.
    pub(crate) fn generate_mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, UnfitMacAlgorithm> {
        self.require_fit(algorithm)?;
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }

    /// Compares the code of a message in constant time.
    pub(crate) fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), VerifyMacError> {
        self.require_fit(algorithm)?;
        hmac::verify(&self.key, message, mac).map_err(|_| VerifyMacError::VerificationFailed)
    }

    fn require_fit(&self, algorithm: MacAlgorithm) -> Result<(), UnfitMacAlgorithm> {
        let fits = self.spec.mac_algorithms().contains(&algorithm);
        if fits { Ok(()) } else { Err(UnfitMacAlgorithm { algorithm, spec: self.spec }) }
    }
}

/// HMAC-SHA-256 of a message under a key of any length.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Result<[u8; 32], PrimitiveFailed> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    tag.as_ref().try_into().map_err(|_| PrimitiveFailed)
}

/// The library's algorithm of a spec, and the bytes of its hash; `None` if it is no HMAC spec.
fn parameters(spec: KeySpec) -> Option<(hmac::Algorithm, usize)> {
    let algorithm = match spec.mac_algorithms() {
        [MacAlgorithm::HmacSha224] => hmac::HMAC_SHA224,
        [MacAlgorithm::HmacSha256] => hmac::HMAC_SHA256,
        [MacAlgorithm::HmacSha384] => hmac::HMAC_SHA384,
        [MacAlgorithm::HmacSha512] => hmac::HMAC_SHA512,
        _ => return None,
    };
    Some((algorithm, algorithm.tag_len()))
}
