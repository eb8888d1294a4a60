//! Which wrapping goes with which material, as a table. Facts: the AWS KMS developer guide, "Select a wrapping public key
//! spec" and "Select a wrapping algorithm", and the notes of GetParametersForImport in the API model.

use std::fmt;

use kagiban_base::id::Partition;

use crate::spec::{Family, KeySpec, names};

names! {
    /// What a wrapping key is made of.
    WrappingKeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        Sm2 = "SM2",
    }
}

names! {
    /// How material is wrapped.
    WrappingAlgorithm {
        RsaesPkcs1V15 = "RSAES_PKCS1_V1_5",
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        Sm2pke = "SM2PKE",
    }
}

impl WrappingKeySpec {
    /// The key spec of the same pair.
    pub const fn key_spec(self) -> KeySpec {
        match self {
            Self::Rsa2048 => KeySpec::Rsa2048,
            Self::Rsa3072 => KeySpec::Rsa3072,
            Self::Rsa4096 => KeySpec::Rsa4096,
            Self::Sm2 => KeySpec::Sm2,
        }
    }

    /// Whether Regions of this partition make such wrapping keys: `SM2` only those of China.
    pub const fn is_offered_in(self, partition: Partition) -> bool {
        !matches!(self, Self::Sm2) || matches!(partition, Partition::AwsCn)
    }
}

/// What takes place between wrapping key and material.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Method {
    /// The RSA key encrypts the material.
    Oaep,
    /// The RSA key encrypts an AES key, which wraps the material.
    KeyWrap,
    /// The SM2 key encrypts the material.
    Sm2pke,
}

impl WrappingAlgorithm {
    const fn method(self) -> Option<Method> {
        match self {
            Self::RsaesPkcs1V15 => None,
            Self::RsaesOaepSha1 | Self::RsaesOaepSha256 => Some(Method::Oaep),
            Self::RsaAesKeyWrapSha1 | Self::RsaAesKeyWrapSha256 => Some(Method::KeyWrap),
            Self::Sm2pke => Some(Method::Sm2pke),
        }
    }

    /// Whether anything can be wrapped so any more. AWS gave `RSAES_PKCS1_V1_5` up on 10 October 2023.
    pub const fn is_supported(self) -> bool {
        self.method().is_some()
    }

    /// Whether Regions of this partition take it: `SM2PKE` only those of China, key wrap only the others.
    pub const fn is_offered_in(self, partition: Partition) -> bool {
        match (self.method(), partition) {
            (None, _) => false,
            (Some(Method::Oaep), _) => true,
            (Some(Method::KeyWrap), partition) => !matches!(partition, Partition::AwsCn),
            (Some(Method::Sm2pke), partition) => matches!(partition, Partition::AwsCn),
        }
    }

    /// Whether a wrapping key of this spec works so.
    pub const fn fits(self, wrapping_key: WrappingKeySpec) -> bool {
        match self.method() {
            None => false,
            Some(Method::Oaep | Method::KeyWrap) => !matches!(wrapping_key, WrappingKeySpec::Sm2),
            Some(Method::Sm2pke) => matches!(wrapping_key, WrappingKeySpec::Sm2),
        }
    }
}

/// How material of a family may be wrapped. DIFFERS in its last row: AWS imports no lattice keys.
const fn methods(material: Family) -> &'static [Method] {
    match material {
        Family::Symmetric | Family::Hmac => &[Method::Oaep],
        Family::Rsa => &[Method::KeyWrap, Method::Sm2pke],
        Family::Ecc | Family::Secp256k1 | Family::Ed25519 => &[Method::Oaep, Method::KeyWrap, Method::Sm2pke],
        Family::Sm2 => &[Method::Oaep, Method::Sm2pke],
        Family::MlDsa | Family::MlKem => &[Method::Oaep, Method::KeyWrap],
    }
}

/// A wrapping doesn't suit a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IncompatibleWrapping {
    /// Nothing is wrapped so any more.
    #[error("{algorithm} is no longer supported")]
    Retired {
        /// The algorithm asked for.
        algorithm: WrappingAlgorithm,
    },
    /// Not in this Region.
    #[error("{algorithm} with {wrapping_key} is not offered in this Region")]
    NotInRegion {
        /// The algorithm asked for.
        algorithm: WrappingAlgorithm,
        /// The wrapping key asked for.
        wrapping_key: WrappingKeySpec,
    },
    /// The algorithm is one of RSA and the key of SM2, or the other way round.
    #[error("{algorithm} is no algorithm of a {wrapping_key} wrapping key")]
    WrappingKey {
        /// The algorithm asked for.
        algorithm: WrappingAlgorithm,
        /// The wrapping key asked for.
        wrapping_key: WrappingKeySpec,
    },
    /// Material of this spec is not wrapped so.
    #[error("{spec} key material cannot be wrapped by {algorithm} with a {wrapping_key} wrapping key")]
    Material {
        /// Spec of the key that is to get the material.
        spec: KeySpec,
        /// The algorithm asked for.
        algorithm: WrappingAlgorithm,
        /// The wrapping key asked for.
        wrapping_key: WrappingKeySpec,
    },
}

/// Whether material of `spec` may come wrapped by `algorithm` under a wrapping key of that spec, in any Region.
pub fn is_compatible(spec: KeySpec, wrapping_key: WrappingKeySpec, algorithm: WrappingAlgorithm) -> bool {
    let Some(method) = algorithm.method() else { return false };
    // 241 bytes of PKCS#8 don't fit under a modulus of 256.
    let too_long = (spec, wrapping_key, method) == (KeySpec::EccNistP521, WrappingKeySpec::Rsa2048, Method::Oaep);
    algorithm.fits(wrapping_key) && methods(spec.family()).contains(&method) && !too_long
}

/// Whether GetParametersForImport may be answered in a Region of this partition, for a key of `spec`.
///
/// # Errors
/// [`IncompatibleWrapping`], the first that applies in the order of its variants.
pub fn require_compatible(
    spec: KeySpec,
    wrapping_key: WrappingKeySpec,
    algorithm: WrappingAlgorithm,
    partition: Partition,
) -> Result<(), IncompatibleWrapping> {
    if !algorithm.is_supported() {
        return Err(IncompatibleWrapping::Retired { algorithm });
    }
    if !algorithm.is_offered_in(partition) || !wrapping_key.is_offered_in(partition) {
        return Err(IncompatibleWrapping::NotInRegion { algorithm, wrapping_key });
    }
    if !algorithm.fits(wrapping_key) {
        return Err(IncompatibleWrapping::WrappingKey { algorithm, wrapping_key });
    }
    if !is_compatible(spec, wrapping_key, algorithm) {
        return Err(IncompatibleWrapping::Material { spec, algorithm, wrapping_key });
    }
    Ok(())
}
