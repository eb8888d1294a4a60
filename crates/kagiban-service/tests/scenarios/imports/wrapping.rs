//! The client's side of an import: what people do with the parameters before they call ImportKeyMaterial. The primitives
//! are called directly, so that both sides of the wrapping do not come from the same code.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use kagiban_base::os::OsRandom;
use kagiban_base::random::public_array;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sm2::pkcs8::DecodePublicKey as _;
use sm2::pke::EncryptingKey;

/// Wraps material by the algorithm of this name under a wrapping key (SubjectPublicKeyInfo, DER).
pub(crate) fn wrap(algorithm: &str, wrapping_key: &[u8], material: &[u8]) -> Vec<u8> {
    match algorithm {
        "RSAES_OAEP_SHA_1" => oaep(&OAEP_SHA1_MGF1SHA1, wrapping_key, material),
        "RSAES_OAEP_SHA_256" => oaep(&OAEP_SHA256_MGF1SHA256, wrapping_key, material),
        "RSA_AES_KEY_WRAP_SHA_1" => key_wrap(&OAEP_SHA1_MGF1SHA1, wrapping_key, material),
        "RSA_AES_KEY_WRAP_SHA_256" => key_wrap(&OAEP_SHA256_MGF1SHA256, wrapping_key, material),
        "SM2PKE" => {
            let key = EncryptingKey::new(sm2::PublicKey::from_public_key_der(wrapping_key).unwrap());
            key.encrypt_der(&mut StdRng::seed_from_u64(7), material).unwrap()
        }
        other => panic!("no such algorithm: {other}"),
    }
}

fn oaep(algorithm: &'static OaepAlgorithm, wrapping_key: &[u8], material: &[u8]) -> Vec<u8> {
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(wrapping_key).unwrap()).unwrap();
    let mut wrapped = vec![0; key.ciphertext_size()];
    key.encrypt(algorithm, material, &mut wrapped, None).unwrap();
    wrapped
}

/// An AES key under RSA-OAEP, and behind it the material under that key (RFC 5649).
fn key_wrap(algorithm: &'static OaepAlgorithm, wrapping_key: &[u8], material: &[u8]) -> Vec<u8> {
    let aes_key: [u8; 32] = public_array(&OsRandom).unwrap();
    let mut wrapped = oaep(algorithm, wrapping_key, &aes_key);
    let mut behind = vec![0; material.len() + 16];
    let kek = AesKek::new(&AES_256, &aes_key).unwrap();
    wrapped.extend_from_slice(kek.wrap_with_padding(material, &mut behind).unwrap());
    wrapped
}
