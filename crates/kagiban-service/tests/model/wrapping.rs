//! The client's side of an import: materials, and how they are wrapped. Also the public key of somebody outside.

use std::sync::OnceLock;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::os::OsRandom;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::spec::KeySpec;

/// How many materials there are of each spec.
const MATERIALS: u32 = 5;

/// A material that can be imported into keys of this spec.
pub(crate) fn material(spec: &str, which: u32) -> &'static [u8] {
    static ECC: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    static ML_KEM: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    static BYTES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let made = match spec {
        "ECC_NIST_P256" => ECC.get_or_init(|| private_keys(KeySpec::EccNistP256)),
        "ML_KEM_512" => ML_KEM.get_or_init(|| private_keys(KeySpec::MlKem512)),
        _ => BYTES.get_or_init(|| (0..MATERIALS).map(|which| vec![u8::try_from(which).unwrap_or(0) + 1; 32]).collect()),
    };
    &made[which as usize % made.len()]
}

fn private_keys(spec: KeySpec) -> Vec<Vec<u8>> {
    let make = |_| KeyMaterial::generate(spec, &OsRandom).expect("a key").encode().expect("its form").expose().to_vec();
    (0..MATERIALS).map(make).collect()
}

/// Material as it travels, by RSAES_OAEP_SHA_256 under the public key of the parameters; both in base64.
pub(crate) fn wrap(public_key: &str, material: &[u8]) -> String {
    let public_key = STANDARD.decode(public_key).expect("base64");
    let key = PublicEncryptingKey::from_der(&public_key).expect("an RSA key");
    let key = OaepPublicEncryptingKey::new(key).expect("a key for OAEP");
    let mut wrapped = vec![0; key.ciphertext_size()];
    key.encrypt(&OAEP_SHA256_MGF1SHA256, material, &mut wrapped, None).expect("material that fits");
    STANDARD.encode(wrapped)
}

/// The public key of somebody outside, on P-256, in base64.
pub(crate) fn stranger() -> &'static str {
    static STRANGER: OnceLock<String> = OnceLock::new();
    STRANGER.get_or_init(|| {
        let pair = KeyMaterial::generate(KeySpec::EccNistP256, &OsRandom).expect("a key");
        STANDARD.encode(pair.public_key().expect("a public half").spki_der())
    })
}
