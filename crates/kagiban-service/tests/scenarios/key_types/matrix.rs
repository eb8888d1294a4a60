//! Which operation works with which key: each operation that uses key material, with a key of every kind.

use kagiban_api::{EncryptionAlgorithmSpec, MacAlgorithmSpec, SigningAlgorithmSpec};
use serde_json::{Value, json};

use super::ring::{CHINA, Key, ring};
use crate::support::{ACCOUNT, HI, REGION, Refusal, assert_refused, base64, encrypt, refusal, with};

/// How an operation chooses its algorithm.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Algorithm {
    /// There is but one.
    Fixed,
    /// It is said in the member, and must be one of the key's.
    Said(&'static str),
    /// It may be said in the member, and is SYMMETRIC_DEFAULT otherwise.
    Default(&'static str),
    /// It is SYMMETRIC_DEFAULT: data keys.
    Symmetric,
}

use Algorithm::{Default, Fixed, Said, Symmetric};

/// Operation, the member that names the key, the usage that the key must have, and the algorithm.
const TABLE: [(&str, &str, &str, Algorithm); 15] = [
    ("Encrypt", "KeyId", "ENCRYPT_DECRYPT", Default("EncryptionAlgorithm")),
    ("Decrypt", "KeyId", "ENCRYPT_DECRYPT", Default("EncryptionAlgorithm")),
    ("ReEncrypt", "SourceKeyId", "ENCRYPT_DECRYPT", Default("SourceEncryptionAlgorithm")),
    ("ReEncrypt", "DestinationKeyId", "ENCRYPT_DECRYPT", Default("DestinationEncryptionAlgorithm")),
    ("GenerateDataKey", "KeyId", "ENCRYPT_DECRYPT", Symmetric),
    ("GenerateDataKeyWithoutPlaintext", "KeyId", "ENCRYPT_DECRYPT", Symmetric),
    ("GenerateDataKeyPair", "KeyId", "ENCRYPT_DECRYPT", Symmetric),
    ("GenerateDataKeyPairWithoutPlaintext", "KeyId", "ENCRYPT_DECRYPT", Symmetric),
    ("Sign", "KeyId", "SIGN_VERIFY", Said("SigningAlgorithm")),
    ("Verify", "KeyId", "SIGN_VERIFY", Said("SigningAlgorithm")),
    ("GenerateMac", "KeyId", "GENERATE_VERIFY_MAC", Said("MacAlgorithm")),
    ("VerifyMac", "KeyId", "GENERATE_VERIFY_MAC", Said("MacAlgorithm")),
    ("DeriveSharedSecret", "KeyId", "KEY_AGREEMENT", Fixed),
    ("Encapsulate", "KeyId", "ENCAPSULATE_DECAPSULATE", Fixed),
    ("Decapsulate", "KeyId", "ENCAPSULATE_DECAPSULATE", Fixed),
];

/// The operations of this folder; GetPublicKey, which asks for no usage, is in `keys.rs`.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    TABLE.into_iter().map(|(operation, ..)| operation).chain(["GetPublicKey"])
}

/// An algorithm of the key for an operation with a member for it.
fn algorithm(key: Key) -> &'static str {
    match (key.usage, key.spec) {
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => "SYMMETRIC_DEFAULT",
        ("ENCRYPT_DECRYPT", "SM2") => "SM2PKE",
        ("ENCRYPT_DECRYPT", _) => "RSAES_OAEP_SHA_256",
        ("GENERATE_VERIFY_MAC", "HMAC_224") => "HMAC_SHA_224",
        ("GENERATE_VERIFY_MAC", "HMAC_256") => "HMAC_SHA_256",
        ("GENERATE_VERIFY_MAC", "HMAC_384") => "HMAC_SHA_384",
        ("GENERATE_VERIFY_MAC", "HMAC_512") => "HMAC_SHA_512",
        (_, "RSA_2048" | "RSA_3072" | "RSA_4096") => "RSASSA_PSS_SHA_384",
        (_, "ECC_NIST_P256" | "ECC_SECG_P256K1") => "ECDSA_SHA_256",
        (_, "ECC_NIST_P384") => "ECDSA_SHA_384",
        (_, "ECC_NIST_P521") => "ECDSA_SHA_512",
        (_, "ECC_NIST_EDWARDS25519") => "ED25519_SHA_512",
        (_, "SM2") => "SM2DSA",
        _ => "ML_DSA_SHAKE_256",
    }
}

/// Members that every input may have, so that each operation finds what it requires. What is made for a key (signature,
/// ciphertext) is none of this key's.
async fn members(region: &'static str) -> Value {
    let symmetric = ring().symmetric(region);
    json!({
        "Plaintext": HI, "Message": HI, "KeySpec": "AES_128", "KeyPairSpec": "ECC_NIST_P256", "Mac": HI,
        "CiphertextBlob": encrypt(&ring().client(symmetric), symmetric.arn, HI).await,
        "KeyAgreementAlgorithm": "ECDH", "EncapsulationAlgorithm": "ML_KEM", "PublicKey": HI,
        "Signature": HI, "SharedSecretCiphertextBlob": HI,
        "SourceKeyId": symmetric.arn, "DestinationKeyId": symmetric.arn,
        "SigningAlgorithm": "ECDSA_SHA_256", "MacAlgorithm": "HMAC_SHA_256",
    })
}

#[tokio::test]
async fn keys_are_used_for_what_they_were_made_for() {
    for region in [REGION, CHINA] {
        let members = members(region).await;
        let mut table: Vec<Refusal> = Vec::new();
        for (operation, member, usage, _) in TABLE {
            for key in ring().all().filter(|key| key.region == region && key.usage != usage) {
                let Key { arn, usage, .. } = key;
                let text = format!("{arn} key usage is {usage} which is not valid for {operation}.");
                let input = with(&members, json!({member: arn}));
                table.push(refusal(
                    operation,
                    with(&input, json!({"DryRun": true})),
                    "InvalidKeyUsageException",
                    &*text,
                ));
                table.push(refusal(operation, input, "InvalidKeyUsageException", text));
            }
        }
        assert!(table.len() > 30);
        assert_refused(&ring().scene, &ring().scene.world.client(ACCOUNT, region), table).await;
    }
}

/// Each algorithm that a member can name, with each key that is made for the operation but not for the algorithm.
#[tokio::test]
async fn keys_are_used_with_their_algorithms() {
    let signing = SigningAlgorithmSpec::ALL.map(SigningAlgorithmSpec::as_str);
    let macs = MacAlgorithmSpec::ALL.map(MacAlgorithmSpec::as_str);
    let encryption = EncryptionAlgorithmSpec::ALL.map(EncryptionAlgorithmSpec::as_str);
    for region in [REGION, CHINA] {
        let members = members(region).await;
        let mut table: Vec<Refusal> = Vec::new();
        for (operation, member, usage, chosen) in TABLE {
            for key in ring().of(usage).filter(|key| key.region == region) {
                let (choices, chooser): (&[&str], _) = match chosen {
                    Fixed => (&[], ""),
                    Said(chooser) if usage == "SIGN_VERIFY" => (&signing, chooser),
                    Said(chooser) => (&macs, chooser),
                    Default(chooser) => (&encryption, chooser),
                    Symmetric => (&["SYMMETRIC_DEFAULT"], "EncryptionAlgorithm"),
                };
                for choice in choices.iter().filter(|choice| !is_of(choice, key)) {
                    let input = with(&members, json!({member: key.arn, chooser: choice}));
                    let text =
                        format!("Algorithm {choice} and key spec {} are incompatible with key {}.", key.spec, key.arn);
                    if *choice == "SYMMETRIC_DEFAULT" {
                        let left_out = with(&input, json!({chooser: null}));
                        table.push(refusal(operation, left_out, "InvalidKeyUsageException", &*text));
                    }
                    table.push(refusal(operation, input, "InvalidKeyUsageException", text));
                }
            }
        }
        assert!(table.len() > 20);
        assert_refused(&ring().scene, &ring().scene.world.client(ACCOUNT, region), table).await;
    }
}

fn is_of(choice: &str, key: Key) -> bool {
    let likes = |own: &str| choice.starts_with(own);
    match (key.usage, key.spec) {
        ("ENCRYPT_DECRYPT", "RSA_2048" | "RSA_3072" | "RSA_4096") => likes("RSAES"),
        (_, "RSA_2048" | "RSA_3072" | "RSA_4096") => likes("RSASSA"),
        (_, "ECC_NIST_EDWARDS25519") => likes("ED25519"),
        _ => choice == algorithm(key),
    }
}

/// An input that succeeds.
async fn fit(operation: &str, member: &str, key: Key) -> Value {
    let named = json!({"KeyId": key.arn, "Message": HI, "Plaintext": HI});
    let input = with(&named, json!({"KeyAgreementAlgorithm": "ECDH", "EncapsulationAlgorithm": "ML_KEM"}));
    let choice = json!({
        "SigningAlgorithm": algorithm(key), "MacAlgorithm": algorithm(key), "EncryptionAlgorithm": algorithm(key),
    });
    let input = with(&input, if key.usage == "KEY_AGREEMENT" { json!({}) } else { choice });
    let made = async |operation: &str, input: &Value| ring().client(key).call(operation, input.clone()).await.unwrap();
    match operation {
        "Decrypt" => {
            let made = made("Encrypt", &input).await;
            with(&input, json!({"CiphertextBlob": made["CiphertextBlob"]}))
        }
        "ReEncrypt" => {
            let symmetric = ring().symmetric(key.region);
            let source = if member == "SourceKeyId" { key } else { symmetric };
            let to_source = json!({"KeyId": source.arn, "EncryptionAlgorithm": algorithm(source), "Plaintext": HI});
            let other = if member == "SourceKeyId" { "DestinationKeyId" } else { "SourceKeyId" };
            let chooser = member.replace("KeyId", "EncryptionAlgorithm");
            let blob = made("Encrypt", &to_source).await["CiphertextBlob"].clone();
            json!({member: key.arn, other: symmetric.arn, chooser: algorithm(key), "CiphertextBlob": blob})
        }
        "Verify" => with(&input, json!({"Signature": made("Sign", &input).await["Signature"]})),
        "VerifyMac" => with(&input, json!({"Mac": made("GenerateMac", &input).await["Mac"]})),
        "DeriveSharedSecret" => with(&input, json!({"PublicKey": base64(&ring().public_key(key).await)})),
        "Decapsulate" => {
            let made = made("Encapsulate", &input).await;
            with(&input, json!({"SharedSecretCiphertextBlob": made["SharedSecretCiphertextBlob"]}))
        }
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => with(&input, json!({"KeySpec": "AES_256"})),
        _ => with(&input, json!({"KeyPairSpec": "ECC_NIST_P384"})),
    }
}

fn fits(key: Key, usage: &str, chosen: Algorithm) -> bool {
    key.usage == usage && (chosen != Symmetric || key.spec == "SYMMETRIC_DEFAULT")
}

#[tokio::test]
async fn every_use_can_be_tried_dry_and_needs_no_grant() {
    for key in ring().all() {
        let mut table: Vec<Refusal> = Vec::new();
        for (operation, member, ..) in TABLE.into_iter().filter(|(_, _, usage, chosen)| fits(key, usage, *chosen)) {
            let input = fit(operation, member, key).await;
            let answer = ring().client(key).call(operation, input.clone()).await;
            assert!(answer.is_ok(), "{operation} {key:?}: {answer:?}");
            let dry = "The request would have succeeded, but the DryRun option is set.";
            table.push(refusal(operation, with(&input, json!({"DryRun": true})), "DryRunOperationException", dry));
            let bad = "The request contains a grant token that is not valid.";
            let with_token = with(&input, json!({"GrantTokens": ["nobody gave this"]}));
            let in_turn = with(&with_token, json!({"DryRun": true}));
            table.push(refusal(operation, in_turn, "InvalidGrantTokenException", bad));
            table.push(refusal(operation, with_token, "InvalidGrantTokenException", bad));
        }
        assert!(!table.is_empty(), "{key:?} is good for nothing");
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

/// A dry run says of what is handed in what the real call would say.
#[tokio::test]
async fn a_dry_run_checks_what_it_is_handed() {
    let wrong = [
        ("Decrypt", "CiphertextBlob", "InvalidCiphertextException"),
        ("Verify", "Signature", "KMSInvalidSignatureException"),
        ("VerifyMac", "Mac", "KMSInvalidMacException"),
        ("Decapsulate", "SharedSecretCiphertextBlob", "InvalidCiphertextException"),
    ];
    for (operation, handed_in, code) in wrong {
        let (_, member, usage, _) = TABLE.into_iter().find(|(name, ..)| *name == operation).unwrap();
        for key in ring().of(usage) {
            let input = with(&fit(operation, member, key).await, json!({"DryRun": true, handed_in: HI}));
            assert_refused(&ring().scene, &ring().client(key), vec![refusal(operation, input, code, "")]).await;
        }
    }
}
