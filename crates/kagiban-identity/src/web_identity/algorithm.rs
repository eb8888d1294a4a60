//! Signature algorithms of tokens (RFC 7518, section 3.1): those with a public key that providers use, and no others.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};

/// A signature algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Algorithm {
    Es256,
    Es384,
    Rs256,
    Rs384,
    Rs512,
}

/// How a signature is checked, which also says what kind of key it takes.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    /// ECDSA on one curve, both numbers in a fixed length.
    Ecdsa(&'static EcdsaVerificationAlgorithm, Curve),
    /// RSASSA-PKCS1-v1_5 with keys of 2048 to 8192 bits.
    Rsa(&'static RsaParameters),
}

/// An elliptic curve.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Algorithm {
    /// The algorithm of this name, exactly as registered.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "RS256" => Some(Self::Rs256),
            "RS384" => Some(Self::Rs384),
            "RS512" => Some(Self::Rs512),
            _ => None,
        }
    }

    pub(super) const fn scheme(self) -> Scheme {
        match self {
            Self::Es256 => Scheme::Ecdsa(&ECDSA_P256_SHA256_FIXED, Curve::P256),
            Self::Es384 => Scheme::Ecdsa(&ECDSA_P384_SHA384_FIXED, Curve::P384),
            Self::Rs256 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        }
    }
}

impl Curve {
    /// Length of a coordinate in bytes.
    pub(super) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}
