//! Importing key material: the wrapping keys that people get, what may be wrapped how, and what comes out.
//!
//! Three steps, each with its own kind of refusal. [`require_compatible`] says before anything is made whether a wrapping
//! suits a key. [`WrappingKey::unwrap_material`] takes the material out of its wrapping, with one answer to every fault.
//! [`parse`] judges it: of the key's spec and well formed, or an error that says what it is not. A public half is never
//! taken from outside; it is derived.
//!
//! What this doesn't know: tokens, validity, and which material a key had before. [`material_id`] gives the service
//! what it needs for the last.

mod ber;
mod compatibility;
mod wrapping_key;

use kagiban_base::id::{KeyId, KeyMaterialId, Partition};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;
pub use crate::import::compatibility::{
    IncompatibleWrapping, WrappingAlgorithm, WrappingKeySpec, is_compatible, require_compatible,
};
pub use crate::import::wrapping_key::{UnwrapMaterialError, WrappingKey};
use crate::mac;
use crate::material::{InvalidKeyMaterial, KeyMaterial, SymmetricCipher, SymmetricMaterial};
use crate::spec::{Family, KeySpec};

/// Takes unwrapped bytes as material of this spec:
///
/// | Spec | Bytes |
/// |---|---|
/// | `SYMMETRIC_DEFAULT` | 32, or 16 in Regions of China |
/// | `HMAC_224` to `HMAC_512` | as many as the hash has, up to 128 |
/// | `RSA_*` | PKCS#8, RSAPrivateKey with two primes and a modulus of exactly the size |
/// | `ECC_NIST_P*`, `ECC_SECG_P256K1`, `SM2` | PKCS#8, ECPrivateKey on the named curve, with or without the public point |
/// | `ECC_NIST_EDWARDS25519` | PKCS#8 (RFC 8410) |
/// | `ML_DSA_*`, `ML_KEM_*` | PKCS#8 (RFC 9881, RFC 9935) with the seed, alone or together with the expanded key |
///
/// PKCS#8 is taken in BER as well as DER; nothing may follow it. DIFFERS: AWS imports no ML-DSA and no ML-KEM keys.
///
/// # Errors
/// [`InvalidKeyMaterial`]
pub fn parse(spec: KeySpec, partition: Partition, secret: &SecretBytes) -> Result<KeyMaterial, InvalidKeyMaterial> {
    match spec.family() {
        Family::Symmetric => {
            let material = SymmetricMaterial::from_secret_for(SymmetricCipher::of(partition), secret)?;
            Ok(KeyMaterial::Symmetric(material))
        }
        Family::Hmac => KeyMaterial::decode(spec, secret),
        Family::Rsa | Family::Ed25519 | Family::MlDsa | Family::MlKem => KeyMaterial::decode(spec, &to_der(secret)?),
        Family::Ecc | Family::Secp256k1 | Family::Sm2 => {
            let der = to_der(secret)?;
            let material = KeyMaterial::decode(spec, &der)?;
            if ber::names_its_curve(der.expose()) == Some(true) {
                Ok(material)
            } else {
                Err(InvalidKeyMaterial::Malformed)
            }
        }
    }
}

fn to_der(secret: &SecretBytes) -> Result<SecretBytes, InvalidKeyMaterial> {
    ber::pkcs8_to_der(secret.expose()).ok_or(InvalidKeyMaterial::Malformed)
}

/// The id of imported material: the same whenever the same material is imported into the same key, in whatever encoding
/// and wrapping; another for other material and for other keys.
///
/// It is HMAC-SHA-256 with the material as the key, over a label, the spec and the key's id. Callers see the id, so it
/// must say nothing about the material; HMAC keyed by a secret is a pseudorandom function, a plain hash is not. No
/// secret of this deployment takes part, so that the members of a multi-Region set, which share key id and material,
/// share the id as well, wherever they are. The price: who guesses the material can check the guess by the id. That
/// matters only for material that can be guessed.
///
/// # Errors
/// [`PrimitiveFailed`]
pub fn material_id(key_id: &KeyId, material: &KeyMaterial) -> Result<KeyMaterialId, PrimitiveFailed> {
    let encoded = material.encode()?;
    let parts = ["kagiban-imported-material-v1", material.spec().name(), key_id.as_str()];
    // No part holds a zero byte, so the whole can be cut in one way only.
    let message = parts.join("\0");
    Ok(KeyMaterialId::from_bytes(mac::hmac_sha256(encoded.expose(), message.as_bytes())?))
}
