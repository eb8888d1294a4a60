//! GenerateDataKeyPair with and without plaintext: every kind of pair.

use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::spec::KeySpec;
use serde_json::{Value, json};

use super::keys::SPKI;
use super::ring::{CHINA, Key, bytes, home, ring};
use crate::support::{REGION, Refusal, assert_refused, aws_error, describe, refusal, violation, with};

/// Spec, and bytes of the private half where they are always the same.
pub(super) const SPECS: [(&str, Option<usize>); 12] = [
    ("RSA_2048", None),
    ("RSA_3072", None),
    ("RSA_4096", None),
    ("ECC_NIST_P256", Some(138)),
    ("ECC_NIST_P384", Some(185)),
    ("ECC_NIST_P521", Some(241)),
    ("ECC_SECG_P256K1", Some(135)),
    ("SM2", Some(138)),
    ("ECC_NIST_EDWARDS25519", Some(48)),
    ("ML_KEM_512", Some(86)),
    ("ML_KEM_768", Some(86)),
    ("ML_KEM_1024", Some(86)),
];

/// The symmetric key that pairs of this spec are made under.
fn wrapping(spec: &str) -> Key {
    ring().symmetric(home(spec))
}

async fn decrypt(key: Key, blob: &Value) -> Vec<u8> {
    let answer = ring().client(key).call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    assert_eq!(answer["KeyId"], key.arn);
    bytes(&answer["Plaintext"])
}

/// The private half is PKCS#8 of this spec, and this is its public half.
fn assert_pair(spec: &str, private: &[u8], public: &[u8]) {
    let (_, len) = SPECS.into_iter().find(|(name, _)| *name == spec).unwrap();
    assert!(len.is_none_or(|len| private.len() == len), "{spec}: {} bytes", private.len());
    let (_, len, _) = SPKI.into_iter().find(|(name, ..)| *name == spec).unwrap();
    assert_eq!(public.len(), len, "{spec}");
    let pair = KeyMaterial::decode(KeySpec::parse(spec).unwrap(), &SecretBytes::from_slice(private)).unwrap();
    assert_eq!(pair.public_key().unwrap().spki_der(), public, "{spec}");
}

/// A signature by another library with the private half, verified with the public one.
fn assert_signs(spec: &str, private: &[u8], public: &[u8]) {
    use aws_lc_rs::signature as lc;
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let ecdsa = |signing: &'static lc::EcdsaSigningAlgorithm| {
        let pair = lc::EcdsaKeyPair::from_pkcs8(signing, private).unwrap();
        pair.sign(&rng, b"m").unwrap().as_ref().to_vec()
    };
    let (algorithm, signature): (&dyn lc::VerificationAlgorithm, Vec<u8>) = match spec {
        "ECC_NIST_P256" => (&lc::ECDSA_P256_SHA256_ASN1, ecdsa(&lc::ECDSA_P256_SHA256_ASN1_SIGNING)),
        "ECC_NIST_P384" => (&lc::ECDSA_P384_SHA384_ASN1, ecdsa(&lc::ECDSA_P384_SHA384_ASN1_SIGNING)),
        "ECC_NIST_P521" => (&lc::ECDSA_P521_SHA512_ASN1, ecdsa(&lc::ECDSA_P521_SHA512_ASN1_SIGNING)),
        "ECC_SECG_P256K1" => (&lc::ECDSA_P256K1_SHA256_ASN1, ecdsa(&lc::ECDSA_P256K1_SHA256_ASN1_SIGNING)),
        "ECC_NIST_EDWARDS25519" => {
            let pair = lc::Ed25519KeyPair::from_pkcs8_maybe_unchecked(private).unwrap();
            (&lc::ED25519, pair.sign(b"m").as_ref().to_vec())
        }
        "RSA_2048" | "RSA_3072" | "RSA_4096" => {
            let pair = lc::RsaKeyPair::from_pkcs8(private).unwrap();
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&lc::RSA_PKCS1_SHA256, &rng, b"m", &mut signature).unwrap();
            (&lc::RSA_PKCS1_2048_8192_SHA256, signature)
        }
        // The library has no SM2, and reads ML-KEM keys in another form.
        _ => return,
    };
    assert!(lc::UnparsedPublicKey::new(algorithm, public).verify(b"m", &signature).is_ok(), "{spec}");
}

#[tokio::test]
async fn both_forms_of_the_private_half_are_the_same_and_belong_to_the_public_one() {
    for (spec, _) in SPECS {
        let key = wrapping(spec);
        let material = describe(&ring().client(key), key.arn).await["CurrentKeyMaterialId"].clone();
        let answer = ring().call("GenerateDataKeyPair", key, json!({"KeyPairSpec": spec})).await;
        let (blob, private) = (answer["PrivateKeyCiphertextBlob"].clone(), answer["PrivateKeyPlaintext"].clone());
        let public = answer["PublicKey"].clone();
        let expected = json!({
            "KeyId": key.arn, "KeyPairSpec": spec, "PublicKey": public, "PrivateKeyPlaintext": private,
            "PrivateKeyCiphertextBlob": blob, "KeyMaterialId": material,
        });
        assert_eq!(answer, expected);
        assert_eq!(decrypt(key, &blob).await, bytes(&private), "{spec}");
        assert!(bytes(&blob).len() <= 6144, "{spec}");
        assert_pair(spec, &bytes(&private), &bytes(&public));
        assert_signs(spec, &bytes(&private), &bytes(&public));

        let hidden = ring().call("GenerateDataKeyPairWithoutPlaintext", key, json!({"KeyPairSpec": spec})).await;
        let (blob, other) = (hidden["PrivateKeyCiphertextBlob"].clone(), hidden["PublicKey"].clone());
        let expected = json!({
            "KeyId": key.arn, "KeyPairSpec": spec, "PublicKey": other, "PrivateKeyCiphertextBlob": blob,
            "KeyMaterialId": material,
        });
        assert_eq!(hidden, expected);
        assert_ne!(other, public, "{spec}: a pair came twice");
        let private = decrypt(key, &blob).await;
        assert_pair(spec, &private, &bytes(&other));
        assert_signs(spec, &private, &bytes(&other));
    }
}

#[tokio::test]
async fn the_private_half_is_bound_to_its_encryption_context() {
    let context = json!({"tenant": "7"});
    for (operation, region) in [("GenerateDataKeyPair", REGION), ("GenerateDataKeyPairWithoutPlaintext", CHINA)] {
        let key = ring().symmetric(region);
        let input = json!({"KeyPairSpec": "ECC_NIST_P256", "EncryptionContext": context});
        let blob = ring().call(operation, key, input).await["PrivateKeyCiphertextBlob"].clone();
        let opening = json!({"CiphertextBlob": blob, "EncryptionContext": context});
        assert!(ring().client(key).call("Decrypt", opening).await.is_ok(), "{operation}");
        let without = ring().client(key).call("Decrypt", json!({"CiphertextBlob": blob})).await;
        assert_eq!(without, Err(aws_error("InvalidCiphertextException", "")), "{operation}");
    }
}

#[tokio::test]
async fn pairs_of_other_specs_are_not_made() {
    let set = "[RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SM2, \
               ECC_NIST_EDWARDS25519, ML_KEM_512, ML_KEM_768, ML_KEM_1024]";
    let mut table: Vec<Refusal> = Vec::new();
    let key = json!({"KeyId": ring().symmetric(REGION).arn});
    for operation in ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] {
        for spec in ["ML_DSA_44", "SYMMETRIC_DEFAULT", "HMAC_256", "AES_256", "RSA_1024", "rsa_2048", ""] {
            let text = violation(&format!(
                "Value '{spec}' at 'keyPairSpec' failed to satisfy constraint: Member must satisfy enum value set: {set}"
            ));
            table.push(refusal(operation, with(&key, json!({"KeyPairSpec": spec})), "ValidationException", text));
        }
        let null = "Value null at 'keyPairSpec' failed to satisfy constraint: Member must not be null";
        table.push(refusal(operation, key.clone(), "ValidationException", violation(null)));
    }
    assert_refused(&ring().scene, &ring().client(ring().symmetric(REGION)), table).await;
}
