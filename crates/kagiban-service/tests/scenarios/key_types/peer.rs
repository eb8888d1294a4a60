//! The other side of each exchange: aws-lc-rs, fed with nothing but what the service answers.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, agree};
use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::kem::{self, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    ML_DSA_44, ML_DSA_65, ML_DSA_87, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// The library's name for an algorithm of a spec; `None` for those that it does not have.
fn verification(spec: &str, algorithm: &str) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, spec) {
        ("RSASSA_PSS_SHA_256", _) => &RSA_PSS_2048_8192_SHA256,
        ("RSASSA_PSS_SHA_384", _) => &RSA_PSS_2048_8192_SHA384,
        ("RSASSA_PSS_SHA_512", _) => &RSA_PSS_2048_8192_SHA512,
        ("RSASSA_PKCS1_V1_5_SHA_256", _) => &RSA_PKCS1_2048_8192_SHA256,
        ("RSASSA_PKCS1_V1_5_SHA_384", _) => &RSA_PKCS1_2048_8192_SHA384,
        ("RSASSA_PKCS1_V1_5_SHA_512", _) => &RSA_PKCS1_2048_8192_SHA512,
        ("ECDSA_SHA_256", "ECC_NIST_P256") => &ECDSA_P256_SHA256_ASN1,
        ("ECDSA_SHA_256", "ECC_SECG_P256K1") => &ECDSA_P256K1_SHA256_ASN1,
        ("ECDSA_SHA_384", _) => &ECDSA_P384_SHA384_ASN1,
        ("ECDSA_SHA_512", _) => &ECDSA_P521_SHA512_ASN1,
        ("ED25519_SHA_512", _) => &ED25519,
        ("ML_DSA_SHAKE_256", "ML_DSA_44") => &ML_DSA_44,
        ("ML_DSA_SHAKE_256", "ML_DSA_65") => &ML_DSA_65,
        ("ML_DSA_SHAKE_256", "ML_DSA_87") => &ML_DSA_87,
        // Ed25519ph and SM2DSA.
        _ => return None,
    })
}

/// Whether the library finds the signature of this message right; `None` when it does not know the algorithm.
pub(super) fn verify(spec: &str, algorithm: &str, spki: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let algorithm = verification(spec, algorithm)?;
    Some(UnparsedPublicKey::new(algorithm, spki).verify(message, signature).is_ok())
}

/// The SHA-2 digest that an algorithm's name ends with.
pub(super) fn digest_for(algorithm: &str, message: &[u8]) -> Vec<u8> {
    let hash = match &algorithm[algorithm.len() - 3..] {
        "256" => &SHA256,
        "384" => &SHA384,
        "512" => &SHA512,
        other => panic!("no hash {other}"),
    };
    digest(hash, message).as_ref().to_vec()
}

/// The code of a message under a secret.
pub(super) fn mac(algorithm: &str, secret: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        "HMAC_SHA_224" => hmac::HMAC_SHA224,
        "HMAC_SHA_256" => hmac::HMAC_SHA256,
        "HMAC_SHA_384" => hmac::HMAC_SHA384,
        "HMAC_SHA_512" => hmac::HMAC_SHA512,
        other => panic!("no algorithm {other}"),
    };
    hmac::sign(&hmac::Key::new(algorithm, secret), message).as_ref().to_vec()
}

/// An RSA ciphertext made with a public key.
pub(super) fn encrypt(algorithm: &str, spki: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(spki).unwrap()).unwrap();
    let mut ciphertext = vec![0; key.ciphertext_size()];
    key.encrypt(oaep(algorithm), plaintext, &mut ciphertext, None).unwrap();
    ciphertext
}

/// The library's name for an algorithm.
pub(super) fn oaep(algorithm: &str) -> &'static OaepAlgorithm {
    match algorithm {
        "RSAES_OAEP_SHA_1" => &OAEP_SHA1_MGF1SHA1,
        "RSAES_OAEP_SHA_256" => &OAEP_SHA256_MGF1SHA256,
        other => panic!("no algorithm {other}"),
    }
}

/// A key pair on one of the NIST's curves, to agree on secrets with.
pub(super) struct Agreeing(agreement::PrivateKey);

impl Agreeing {
    /// A fresh one; `None` for a curve that the library does not have.
    pub(super) fn generate(spec: &str) -> Option<Self> {
        Some(Self(agreement::PrivateKey::generate(curve(spec)?).unwrap()))
    }

    /// Its public half as SubjectPublicKeyInfo.
    pub(super) fn spki(&self) -> Vec<u8> {
        let public = self.0.compute_public_key().unwrap();
        let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
        der.as_ref().to_vec()
    }

    /// The secret shared with the owner of another public key.
    pub(super) fn agree(&self, spki: &[u8]) -> Vec<u8> {
        let theirs = agreement::UnparsedPublicKey::new(self.0.algorithm(), spki);
        agree(&self.0, theirs, Unspecified, |secret| Ok(secret.to_vec())).unwrap()
    }
}

fn curve(spec: &str) -> Option<&'static agreement::Algorithm> {
    match spec {
        "ECC_NIST_P256" => Some(&ECDH_P256),
        "ECC_NIST_P384" => Some(&ECDH_P384),
        "ECC_NIST_P521" => Some(&ECDH_P521),
        _ => None,
    }
}

/// A shared secret for the owner of an ML-KEM key, and its ciphertext.
pub(super) fn encapsulate(spec: &str, spki: &[u8]) -> (Vec<u8>, Vec<u8>) {
    // What precedes the raw key: two SEQUENCEs, an OID, a BIT STRING, its unused bits.
    const HEAD_LEN: usize = 22;
    let algorithm: &'static kem::Algorithm = match spec {
        "ML_KEM_512" => &ML_KEM_512,
        "ML_KEM_768" => &ML_KEM_768,
        "ML_KEM_1024" => &ML_KEM_1024,
        other => panic!("no spec {other}"),
    };
    let (ciphertext, secret) = EncapsulationKey::new(algorithm, &spki[HEAD_LEN..]).unwrap().encapsulate().unwrap();
    (ciphertext.as_ref().to_vec(), secret.as_ref().to_vec())
}
