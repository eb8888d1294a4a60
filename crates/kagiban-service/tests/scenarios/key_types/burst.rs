//! Bursts of slow cryptography: who waits for it, who doesn't, and what is said when too much waits.

use std::collections::BTreeSet;
use std::sync::Arc;

use kagiban_service::work::Lane;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::{AwsError, HeldWorkers, Setting, World};
use serde_json::{Value, json};
use tokio::task::{JoinSet, yield_now};

use super::ring::{create, ring};
use crate::support::{ACCOUNT, HI, REGION, aws_error, encrypt, text};

/// A world whose workers stand still in one lane.
struct Held {
    world: Arc<World>,
    workers: Arc<HeldWorkers>,
}

impl Held {
    async fn new(lane: Lane, line_max: usize) -> Self {
        let workers = Arc::new(HeldWorkers::new(lane, line_max));
        let engine = Arc::new(MemoryEngine::new());
        let world = World::of(Setting { engine, workers: Arc::clone(&workers) as _, ..Setting::default() }).await;
        Self { world: Arc::new(world), workers }
    }

    /// Sends a request and does not wait for its answer; gives it when its job stands in the line.
    async fn begin(&self, calls: &mut JoinSet<Result<Value, AwsError>>, operation: &'static str, input: Value) {
        let (world, before) = (Arc::clone(&self.world), self.workers.waiting());
        calls.spawn(async move { world.client(ACCOUNT, REGION).call(operation, input).await });
        while self.workers.waiting() == before {
            yield_now().await;
        }
    }
}

fn rsa(usage: &str) -> Value {
    json!({"KeySpec": "RSA_2048", "KeyUsage": usage})
}

fn throttled() -> AwsError {
    let text = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    aws_error("ThrottlingException", text)
}

#[tokio::test]
async fn who_makes_no_key_does_not_wait_for_those_that_are_made() {
    let held = Held::new(Lane::KeyGeneration, 64).await;
    let client = held.world.client(ACCOUNT, REGION);
    let key = create(&client, json!({})).await;
    let mut calls = JoinSet::new();
    held.begin(&mut calls, "CreateKey", rsa("SIGN_VERIFY")).await;
    // Everything else is answered: what needs no slow cryptography, keys of other types, other keys' use.
    assert!(client.call("DescribeKey", json!({"KeyId": key})).await.is_ok());
    let blob = encrypt(&client, &key, HI).await;
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    let curve = create(&client, json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let input = json!({"KeyId": curve, "SigningAlgorithm": "ECDSA_SHA_256", "Message": HI});
    assert!(client.call("Sign", input).await.is_ok());
    for spec in ["ECC_NIST_P384", "ML_KEM_768"] {
        let pair = client.call("GenerateDataKeyPair", json!({"KeyId": key, "KeyPairSpec": spec})).await;
        assert!(pair.is_ok(), "{spec}");
    }
    assert_eq!(calls.len(), 1);
    assert!(calls.try_join_next().is_none(), "the RSA key cannot be there yet");
    // One job is enough: the stock is made after the key that somebody waits for.
    assert!(held.workers.work());
    let made = calls.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(made["KeyMetadata"]["KeyState"], "Enabled");
}

#[tokio::test]
async fn the_stock_answers_the_next_ones_at_once() {
    let held = Held::new(Lane::KeyGeneration, 64).await;
    let client = held.world.client(ACCOUNT, REGION);
    let wrapping = create(&client, json!({})).await;
    let mut calls = JoinSet::new();
    held.begin(&mut calls, "CreateKey", rsa("SIGN_VERIFY")).await;
    assert!(held.workers.work());
    calls.join_next().await.unwrap().unwrap().unwrap();
    let mut publics = BTreeSet::new();
    for _ in 0..2 {
        assert!(held.workers.work());
        let pair = json!({"KeyId": wrapping, "KeyPairSpec": "RSA_2048"});
        let answer = client.call("GenerateDataKeyPair", pair).await.unwrap();
        assert!(publics.insert(text(&answer["PublicKey"])), "a pair was given twice");
    }
    // An empty stock makes the next one wait again, at the end of the line.
    let waiting = held.workers.waiting();
    held.begin(&mut calls, "CreateKey", rsa("ENCRYPT_DECRYPT")).await;
    assert_eq!(held.workers.waiting(), waiting + 1);
    assert!(calls.try_join_next().is_none());
}

#[tokio::test]
async fn too_many_keys_at_once_are_throttled_and_leave_nothing_behind() {
    let held = Held::new(Lane::KeyGeneration, 2).await;
    let client = held.world.client(ACCOUNT, REGION);
    let wrapping = create(&client, json!({})).await;
    let mut calls = JoinSet::new();
    // One that somebody waits for, one for the stock: the line is full.
    held.begin(&mut calls, "CreateKey", rsa("SIGN_VERIFY")).await;
    assert_eq!(held.workers.waiting(), 2);
    let pair = json!({"KeyId": wrapping, "KeyPairSpec": "RSA_2048"});
    for (operation, input) in [
        ("CreateKey", rsa("ENCRYPT_DECRYPT")),
        ("CreateKey", json!({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"})),
        ("GenerateDataKeyPair", pair.clone()),
        ("GenerateDataKeyPairWithoutPlaintext", pair),
    ] {
        assert_eq!(client.call(operation, input).await, Err(throttled()), "{operation}");
    }
    let keys = client.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(keys["Keys"].as_array().unwrap().len(), 1, "only the wrapping key");
    // A dry run asks for no pair.
    let dry = json!({"KeyId": wrapping, "KeyPairSpec": "RSA_2048", "DryRun": true});
    let error = client.call("GenerateDataKeyPair", dry).await.unwrap_err();
    assert_eq!(error.code, "DryRunOperationException");
    assert!(held.workers.work());
    assert!(calls.join_next().await.unwrap().unwrap().is_ok());
    // And when the line is shorter, it goes on.
    held.begin(&mut calls, "CreateKey", rsa("SIGN_VERIFY")).await;
}

#[tokio::test]
async fn a_full_line_for_private_keys_holds_up_rsa_only() {
    let held = Held::new(Lane::PrivateKey, 1).await;
    let client = held.world.client(ACCOUNT, REGION);
    let (signing, encrypting) =
        (create(&client, rsa("SIGN_VERIFY")).await, create(&client, rsa("ENCRYPT_DECRYPT")).await);
    let oaep = "RSAES_OAEP_SHA_256";
    let input = json!({"KeyId": encrypting, "EncryptionAlgorithm": oaep, "Plaintext": HI});
    // Public keys are quick and wait for nobody.
    let ciphertext = client.call("Encrypt", input).await.unwrap()["CiphertextBlob"].clone();
    let mut calls = JoinSet::new();
    let sign = json!({"KeyId": signing, "SigningAlgorithm": "RSASSA_PSS_SHA_256", "Message": HI});
    held.begin(&mut calls, "Sign", sign.clone()).await;
    assert_eq!(client.call("Sign", sign.clone()).await, Err(throttled()));
    let decrypt = json!({"KeyId": encrypting, "EncryptionAlgorithm": oaep, "CiphertextBlob": ciphertext});
    assert_eq!(client.call("Decrypt", decrypt.clone()).await, Err(throttled()));
    let curve = create(&client, json!({"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"})).await;
    let input = json!({"KeyId": curve, "SigningAlgorithm": "ECDSA_SHA_512", "Message": HI});
    assert!(client.call("Sign", input).await.is_ok());
    assert!(held.workers.work());
    let mut verify = sign;
    verify["Signature"] = calls.join_next().await.unwrap().unwrap().unwrap()["Signature"].clone();
    assert_eq!(client.call("Verify", verify).await.unwrap()["SignatureValid"], true);
    held.begin(&mut calls, "Decrypt", decrypt).await;
    assert!(held.workers.work());
    assert_eq!(calls.join_next().await.unwrap().unwrap().unwrap()["Plaintext"], HI);
}

/// A worker that dies with the job: the caller learns that it may try again, and no key is left behind.
#[tokio::test]
async fn a_lost_job_is_our_fault() {
    let held = Held::new(Lane::KeyGeneration, 64).await;
    let mut calls = JoinSet::new();
    held.begin(&mut calls, "CreateKey", rsa("SIGN_VERIFY")).await;
    held.workers.drop_line();
    let error = calls.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (500, "KMSInternalException"));
    let keys = held.world.client(ACCOUNT, REGION).call("ListKeys", json!({})).await.unwrap();
    assert_eq!(keys["Keys"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_keys_and_signatures_at_once() {
    const KEYS: usize = 12;
    let world = Arc::new(World::new().await);
    let mut calls = JoinSet::new();
    for _ in 0..KEYS {
        let world = Arc::clone(&world);
        calls.spawn(async move {
            let client = world.client(ACCOUNT, REGION);
            let key = create(&client, rsa("SIGN_VERIFY")).await;
            for n in 0..4 {
                let message = crate::support::base64(&[n; 32]);
                let mut input = json!({
                    "KeyId": key, "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "Message": message,
                });
                input["Signature"] = client.call("Sign", input.clone()).await.unwrap()["Signature"].clone();
                assert_eq!(client.call("Verify", input).await.unwrap()["SignatureValid"], true);
            }
            text(&client.call("GetPublicKey", json!({"KeyId": key})).await.unwrap()["PublicKey"])
        });
    }
    let publics: BTreeSet<_> = calls.join_all().await.into_iter().collect();
    assert_eq!(publics.len(), KEYS, "two keys are one");
}

/// The first uses of a key all parse its material; all of them must come to the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_first_uses_of_one_key_agree() {
    let world = Arc::new(ring().scene.world.restarted().await);
    let key = ring().key("RSA_2048", "SIGN_VERIFY");
    let mut calls = JoinSet::new();
    for _ in 0..16 {
        let world = Arc::clone(&world);
        calls.spawn(async move {
            let input = json!({
                "KeyId": key.arn, "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_512", "Message": HI,
            });
            text(&world.client(ACCOUNT, REGION).call("Sign", input).await.unwrap()["Signature"])
        });
    }
    let signatures: BTreeSet<_> = calls.join_all().await.into_iter().collect();
    assert_eq!(signatures.len(), 1, "PKCS #1 v1.5 signatures repeat");
}
