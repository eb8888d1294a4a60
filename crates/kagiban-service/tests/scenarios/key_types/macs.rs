//! GenerateMac and VerifyMac: every HMAC key.

use serde_json::{Value, json};

use super::peer;
use super::ring::{Key, bytes, create, flipped, ring};
use crate::support::{Refusal, Scene, assert_refused, aws_error, base64, refusal, violation, with};

/// Spec, its one algorithm, bytes of its codes.
pub(super) const ROWS: [(&str, &str, usize); 4] = [
    ("HMAC_224", "HMAC_SHA_224", 28),
    ("HMAC_256", "HMAC_SHA_256", 32),
    ("HMAC_384", "HMAC_SHA_384", 48),
    ("HMAC_512", "HMAC_SHA_512", 64),
];

fn cases() -> impl Iterator<Item = (Key, &'static str, usize)> {
    ROWS.into_iter().map(|(spec, algorithm, len)| (ring().key(spec, "GENERATE_VERIFY_MAC"), algorithm, len))
}

fn request(algorithm: &str, message: &[u8]) -> Value {
    json!({"MacAlgorithm": algorithm, "Message": base64(message)})
}

async fn generate(key: Key, algorithm: &str, message: &[u8]) -> Vec<u8> {
    let answer = ring().call("GenerateMac", key, request(algorithm, message)).await;
    assert_eq!(answer, json!({"KeyId": key.arn, "Mac": answer["Mac"], "MacAlgorithm": algorithm}));
    bytes(&answer["Mac"])
}

/// Whether VerifyMac says yes; it must say no in the one documented way.
async fn verifies(key: Key, algorithm: &str, message: &[u8], mac: &[u8]) -> bool {
    let input = with(&request(algorithm, message), json!({"KeyId": key.arn, "Mac": base64(mac)}));
    match ring().client(key).call("VerifyMac", input).await {
        Ok(answer) => {
            assert_eq!(answer, json!({"KeyId": key.arn, "MacValid": true, "MacAlgorithm": algorithm}));
            true
        }
        Err(error) => {
            assert_eq!(error, aws_error("KMSInvalidMacException", ""));
            false
        }
    }
}

#[tokio::test]
async fn codes_are_the_same_each_time_and_as_long_as_their_hash() {
    for (key, algorithm, len) in cases() {
        for message_len in [1, 63, 64, 65, 4096] {
            let message = vec![1; message_len];
            let mac = generate(key, algorithm, &message).await;
            assert_eq!(mac.len(), len, "{algorithm}");
            assert_eq!(generate(key, algorithm, &message).await, mac, "{algorithm}");
            assert!(verifies(key, algorithm, &message, &mac).await, "{algorithm} {message_len}");
        }
    }
}

#[tokio::test]
async fn a_code_is_good_as_a_whole_for_its_message_and_key() {
    for (key, algorithm, len) in cases() {
        let message = [2; 40];
        let mac = generate(key, algorithm, &message).await;
        for at in [0, len / 2, len - 1] {
            assert!(!verifies(key, algorithm, &message, &flipped(&mac, at)).await, "{algorithm} {at}");
        }
        for at in [0, 39] {
            assert!(!verifies(key, algorithm, &flipped(&message, at), &mac).await, "{algorithm} {at}");
        }
        let longer = [mac.as_slice(), &[0]].concat();
        for wrong in [&mac[..len - 1], &mac[..16], &mac[..1], &longer, &[0; 6144]] {
            assert!(!verifies(key, algorithm, &message, wrong).await, "{algorithm}: {} bytes", wrong.len());
        }
        let other = ring().other(key.spec, key.usage);
        assert!(!verifies(other, algorithm, &message, &mac).await, "{algorithm}: another key");
        assert_ne!(generate(other, algorithm, &message).await, mac);
    }
}

/// Recomputed from what randomness gave when the key was made.
#[tokio::test]
async fn another_library_computes_the_same_code() {
    let scene = Scene::new().await;
    let client = scene.client();
    for (spec, algorithm, len) in ROWS {
        let key = create(&client, json!({"KeySpec": spec, "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
        let material: Vec<_> =
            scene.world.random.last_secrets().into_iter().filter(|secret| secret.len() == len).collect();
        for message in [b"a".as_slice(), &[0x33; 4096]] {
            let answer = client.call("GenerateMac", with(&request(algorithm, message), json!({"KeyId": key}))).await;
            let mac = bytes(&answer.unwrap()["Mac"]);
            let computed = material.iter().filter(|secret| peer::mac(algorithm, secret, message) == mac);
            assert_eq!(computed.count(), 1, "{algorithm}");
        }
    }
}

#[tokio::test]
async fn messages_and_codes_have_their_limits() {
    for (key, algorithm, _) in cases() {
        let mut table: Vec<Refusal> = Vec::new();
        let text = |member: &str, bound: &str| {
            violation(&format!("Value at '{member}' failed to satisfy constraint: Member must have length {bound}"))
        };
        let least = "greater than or equal to 1";
        for operation in ["GenerateMac", "VerifyMac"] {
            for (len, bound) in [(0, least), (4097, "less than or equal to 4096")] {
                let input = with(&request(algorithm, &vec![0; len]), json!({"KeyId": key.arn, "Mac": "AAAA"}));
                table.push(refusal(operation, input, "ValidationException", text("message", bound)));
            }
        }
        for (len, bound) in [(0, least), (6145, "less than or equal to 6144")] {
            let input = with(&request(algorithm, b"m"), json!({"KeyId": key.arn, "Mac": base64(&vec![0; len])}));
            table.push(refusal("VerifyMac", input, "ValidationException", text("mac", bound)));
        }
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}
