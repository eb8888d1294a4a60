//! Encapsulate and Decapsulate: every ML-KEM key.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::peer;
use super::ring::{Key, bytes, flipped, ring};
use crate::support::{Refusal, assert_refused, base64, refusal, violation};

pub(super) const ALGORITHM: &str = "ML_KEM";

/// Spec, bytes of its ciphertexts.
pub(super) const ROWS: [(&str, usize); 3] = [("ML_KEM_512", 768), ("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)];

fn cases() -> impl Iterator<Item = (Key, usize)> {
    ROWS.into_iter().map(|(spec, len)| (ring().key(spec, "ENCAPSULATE_DECAPSULATE"), len))
}

fn request(ciphertext: &[u8]) -> Value {
    json!({"EncapsulationAlgorithm": ALGORITHM, "SharedSecretCiphertextBlob": base64(ciphertext)})
}

/// Secret and ciphertext.
async fn encapsulate(key: Key) -> (Vec<u8>, Vec<u8>) {
    let answer = ring().call("Encapsulate", key, json!({"EncapsulationAlgorithm": ALGORITHM})).await;
    let (secret, ciphertext) = (answer["SharedSecret"].clone(), answer["SharedSecretCiphertextBlob"].clone());
    let expected = json!({
        "KeyId": key.arn, "SharedSecret": secret, "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": ALGORITHM,
    });
    assert_eq!(answer, expected);
    (bytes(&secret), bytes(&ciphertext))
}

async fn decapsulate(key: Key, ciphertext: &[u8]) -> Vec<u8> {
    let answer = ring().call("Decapsulate", key, request(ciphertext)).await;
    let secret = answer["SharedSecret"].clone();
    assert_eq!(answer, json!({"KeyId": key.arn, "SharedSecret": secret, "EncapsulationAlgorithm": ALGORITHM}));
    bytes(&secret)
}

#[tokio::test]
async fn what_was_encapsulated_is_decapsulated() {
    let mut seen = BTreeSet::new();
    for (key, len) in cases() {
        for _ in 0..3 {
            let (secret, ciphertext) = encapsulate(key).await;
            assert_eq!((secret.len(), ciphertext.len()), (32, len), "{}", key.spec);
            assert_eq!(decapsulate(key, &ciphertext).await, secret, "{}", key.spec);
            assert!(seen.insert(secret) && seen.insert(ciphertext), "{}: a secret came twice", key.spec);
        }
    }
}

#[tokio::test]
async fn what_another_library_encapsulated_is_decapsulated() {
    for (key, _) in cases() {
        let (ciphertext, secret) = peer::encapsulate(key.spec, &ring().public_key(key).await);
        assert_eq!(decapsulate(key, &ciphertext).await, secret, "{}", key.spec);
    }
}

/// Implicit rejection (FIPS 203, algorithm 18): a ciphertext of the right length is never refused; it gives a secret that
/// only the key decides, the same each time.
#[tokio::test]
async fn a_wrong_ciphertext_of_the_right_length_gives_another_secret() {
    for (key, len) in cases() {
        let (secret, ciphertext) = encapsulate(key).await;
        let mut seen = BTreeSet::from([secret]);
        let wrong = [flipped(&ciphertext, 0), flipped(&ciphertext, len - 1), vec![0; len], vec![0xff; len]];
        for wrong in &wrong {
            let rejected = decapsulate(key, wrong).await;
            assert_eq!(rejected.len(), 32);
            assert_eq!(decapsulate(key, wrong).await, rejected, "{}", key.spec);
            assert!(seen.insert(rejected), "{}", key.spec);
        }
        let other = ring().other(key.spec, key.usage);
        assert!(seen.insert(decapsulate(other, &ciphertext).await), "{}: another key", key.spec);
        assert!(seen.insert(decapsulate(other, &wrong[2]).await), "{}: rejection depends on the key", key.spec);
    }
}

#[tokio::test]
async fn a_ciphertext_of_another_length_is_refused() {
    for (key, len) in cases() {
        let mut table: Vec<Refusal> = Vec::new();
        for wrong in [1, 32, 768, 1088, 1568, len - 1, len + 1, 6144].into_iter().filter(|wrong| *wrong != len) {
            let mut input = request(&vec![1; wrong]);
            input["KeyId"] = json!(key.arn);
            table.push(refusal("Decapsulate", input.clone(), "InvalidCiphertextException", ""));
            input["DryRun"] = json!(true);
            table.push(refusal("Decapsulate", input, "InvalidCiphertextException", ""));
        }
        for (wrong, bound) in [(0, "greater than or equal to 1"), (6145, "less than or equal to 6144")] {
            let mut input = request(&vec![1; wrong]);
            input["KeyId"] = json!(key.arn);
            let text = violation(&format!(
                "Value at 'sharedSecretCiphertextBlob' failed to satisfy constraint: Member must have length {bound}"
            ));
            table.push(refusal("Decapsulate", input, "ValidationException", text));
        }
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

#[tokio::test]
async fn the_algorithm_must_be_named() {
    let key = ring().key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE");
    let null = "Value null at 'encapsulationAlgorithm' failed to satisfy constraint: Member must not be null";
    let unknown = "Value 'ML_KEM_768' at 'encapsulationAlgorithm' failed to satisfy constraint: Member must satisfy \
                   enum value set: [ML_KEM]";
    let mut table = Vec::new();
    for operation in ["Encapsulate", "Decapsulate"] {
        let input = json!({"KeyId": key.arn, "SharedSecretCiphertextBlob": "AAAA"});
        let named = crate::support::with(&input, json!({"EncapsulationAlgorithm": "ML_KEM_768"}));
        table.push(refusal(operation, input, "ValidationException", violation(null)));
        table.push(refusal(operation, named, "ValidationException", violation(unknown)));
    }
    assert_refused(&ring().scene, &ring().client(key), table).await;
}
