//! Recipient: answers for an enclave, and documents that are refused. The enclave is aws-lc-rs with a key of its own.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use kagiban_attestation::issue::{TestDocument, TestRoot};
use kagiban_attestation::{Platform, TrustedRoots};
use kagiban_base::os::OsRandom;
use kagiban_base::time::Clock;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::{Client, Setting, World};
use serde_json::{Value, json};

use super::data_key_pairs;
use super::ring::{CHINA, bytes, create, flipped};
use crate::support::{ACCOUNT, HI, REGION, aws_error, base64, describe, encrypt, violation, with};

/// The enclave's key; one for all, since making it takes a while.
static ENCLAVE: LazyLock<PrivateDecryptingKey> =
    LazyLock::new(|| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap());

fn enclave_spki() -> Vec<u8> {
    ENCLAVE.public_key().as_der().unwrap().as_ref().to_vec()
}

/// Opens an answer as the enclave's software does. The layout is that of AWS's answers (`kagiban-attestation` compares the
/// bytes), so its parts stand at known places for a key of 2048 bits.
fn open(answer: &Value) -> Vec<u8> {
    let answer = bytes(&answer["CiphertextForRecipient"]);
    let key = OaepPrivateDecryptingKey::new(ENCLAVE.clone()).unwrap();
    let mut content_key = vec![0; key.min_output_size()];
    let content_key = key.decrypt(&OAEP_SHA256_MGF1SHA256, &answer[131..387], &mut content_key, None).unwrap();
    let iv: [u8; 16] = answer[415..431].try_into().unwrap();
    let (len, at) = match answer[434] {
        0x81 => (usize::from(answer[435]), 436),
        0x82 => (usize::from(u16::from_be_bytes([answer[435], answer[436]])), 437),
        short => (usize::from(short), 435),
    };
    let content_key = UnboundCipherKey::new(&AES_256, content_key).unwrap();
    let mut content = answer[at..at + len].to_vec();
    let opening = PaddedBlockDecryptingKey::cbc_pkcs7(content_key).unwrap();
    opening.decrypt(&mut content, DecryptionContext::Iv128(iv.into())).unwrap().to_vec()
}

/// A world that trusts a test root, and what an enclave below that root has.
struct Enclave {
    world: World,
    root: TestRoot,
}

impl Enclave {
    async fn new() -> Self {
        // Older than any document of these tests.
        let made_at = World::new().await.clock.now().plus_ms(-60 * 60 * 1000);
        let root = TestRoot::generate(made_at, &OsRandom).unwrap();
        let engine = Arc::new(MemoryEngine::new());
        let world = World::of(Setting { engine, recipients: root.trusted(), ..Setting::default() }).await;
        Self { world, root }
    }

    fn client(&self, region: &str) -> Client<'_> {
        self.world.client(ACCOUNT, region)
    }

    /// A document with the enclave's key, fresh by the world's clock.
    fn document(&self) -> Vec<u8> {
        self.sign(&TestDocument::new(Platform::NitroEnclave).pcr(0, &[7; 48]).public_key(&enclave_spki()))
    }

    fn sign(&self, document: &TestDocument) -> Vec<u8> {
        document.sign(&self.root, self.world.clock.now(), &OsRandom).unwrap()
    }
}

fn recipient(document: &[u8]) -> Value {
    json!({"Recipient": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": base64(document)}})
}

/// Each operation that takes a recipient, with an input that succeeds in this Region.
async fn operations(client: &Client<'_>) -> Vec<(&'static str, Value)> {
    let key = create(client, json!({})).await;
    let agreeing = create(client, json!({"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"})).await;
    let public = client.call("GetPublicKey", json!({"KeyId": agreeing})).await.unwrap()["PublicKey"].clone();
    vec![
        ("Decrypt", json!({"CiphertextBlob": encrypt(client, &key, HI).await})),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("GenerateDataKeyPair", json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P521"})),
        ("DeriveSharedSecret", json!({"KeyId": agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public})),
        ("GenerateRandom", json!({"NumberOfBytes": 1024})),
    ]
}

#[tokio::test]
async fn answers_are_for_the_enclave_alone() {
    let enclave = Enclave::new().await;
    for region in [REGION, CHINA] {
        let client = enclave.client(region);
        for (operation, input) in operations(&client).await {
            let plain = client.call(operation, input.clone()).await.unwrap();
            let answer = client.call(operation, with(&input, recipient(&enclave.document()))).await.unwrap();
            let secret = open(&answer);
            // The same members, but for the secret in clear and the material's id.
            let hidden = ["Plaintext", "PrivateKeyPlaintext", "SharedSecret", "KeyMaterialId"];
            let mut members: Vec<_> = plain.as_object().unwrap().keys().map(String::as_str).collect();
            members.retain(|member| !hidden.contains(member));
            members.push("CiphertextForRecipient");
            members.sort_unstable();
            let mut shown: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
            shown.sort_unstable();
            assert_eq!(shown, members, "{operation}");
            let blob = ["CiphertextBlob", "PrivateKeyCiphertextBlob"].map(|member| answer[member].clone());
            match (operation, blob.into_iter().find(|blob| !blob.is_null())) {
                ("Decrypt", _) => assert_eq!(secret, bytes(&json!(HI))),
                ("DeriveSharedSecret", _) => assert_eq!(secret, bytes(&plain["SharedSecret"])),
                ("GenerateRandom", _) => assert_eq!(secret.len(), 1024),
                (_, Some(blob)) => {
                    let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
                    assert_eq!(secret, bytes(&opened["Plaintext"]), "{operation}");
                }
                (_, None) => panic!("{operation} answered without its blob: {answer}"),
            }
        }
    }
}

#[tokio::test]
async fn every_kind_of_pair_and_plaintext_fits_into_an_answer() {
    let enclave = Enclave::new().await;
    let client = enclave.client(CHINA);
    let key = create(&client, json!({})).await;
    for (spec, _) in data_key_pairs::SPECS.into_iter().filter(|(spec, _)| !matches!(*spec, "RSA_3072" | "RSA_4096")) {
        let input = with(&json!({"KeyId": key, "KeyPairSpec": spec}), recipient(&enclave.document()));
        let answer = client.call("GenerateDataKeyPair", input).await.unwrap();
        let opened = client.call("Decrypt", json!({"CiphertextBlob": answer["PrivateKeyCiphertextBlob"]})).await;
        assert_eq!(open(&answer), bytes(&opened.unwrap()["Plaintext"]), "{spec}");
    }
    for len in [1, 4096] {
        let plaintext = vec![9; len];
        let blob = encrypt(&client, &key, &base64(&plaintext)).await;
        let input = with(&json!({"CiphertextBlob": blob}), recipient(&enclave.document()));
        let answer = client.call("Decrypt", input).await.unwrap();
        assert_eq!(open(&answer), plaintext, "{len}");
        assert!(bytes(&answer["CiphertextForRecipient"]).len() <= 6144);
    }
}

/// Asymmetric ciphertexts, too.
#[tokio::test]
async fn a_secret_under_an_asymmetric_key_reaches_the_enclave() {
    let enclave = Enclave::new().await;
    let client = enclave.client(CHINA);
    for (spec, algorithm) in [("RSA_2048", "RSAES_OAEP_SHA_1"), ("SM2", "SM2PKE")] {
        let key = create(&client, json!({"KeySpec": spec, "KeyUsage": "ENCRYPT_DECRYPT"})).await;
        let named = json!({"KeyId": key, "EncryptionAlgorithm": algorithm});
        let encrypted = client.call("Encrypt", with(&named, json!({"Plaintext": HI}))).await.unwrap();
        let input = with(&named, json!({"CiphertextBlob": encrypted["CiphertextBlob"]}));
        let answer = client.call("Decrypt", with(&input, recipient(&enclave.document()))).await.unwrap();
        assert_eq!(open(&answer), bytes(&json!(HI)), "{spec}");
        let shown = json!({
            "KeyId": key, "EncryptionAlgorithm": algorithm, "CiphertextForRecipient": answer["CiphertextForRecipient"],
        });
        assert_eq!(answer, shown);
    }
}

/// Documents and members that are refused, with the text.
fn refused(enclave: &Enclave) -> Vec<(&'static str, Value, String)> {
    let invalid = |why: &str| format!("The attestation document in 'recipient' is not valid: {why}.");
    let null = |member: &str| {
        violation(&format!("Value null at 'recipient.{member}' failed to satisfy constraint: Member must not be null"))
    };
    let now = enclave.world.clock.now();
    let foreign = TestRoot::generate(now, &OsRandom).unwrap();
    let document = TestDocument::new(Platform::NitroEnclave).pcr(0, &[7; 48]);
    let of_foreign = document.clone().public_key(&enclave_spki()).sign(&foreign, now, &OsRandom).unwrap();
    let fresh = enclave.document();
    let old = TestDocument::new(Platform::NitroEnclave).pcr(0, &[7; 48]).public_key(&enclave_spki());
    let signed_at = |ms: i64| old.sign(&enclave.root, now.plus_ms(ms), &OsRandom).unwrap();
    let minute = 60 * 1000;
    let without_key = enclave.sign(&document);
    let bad_key = enclave.sign(&document.clone().public_key(&[0x30; 64]));
    // A byte of the payload, which is signed, and one of the signature.
    let payload = flipped(&fresh, position(&fresh, &[7; 48]));
    let signature = flipped(&fresh, fresh.len() - 1);
    let with_document = |document: &[u8]| recipient(document);
    vec![
        ("of another root", with_document(&of_foreign), invalid("the chain starts at a root that is not trusted")),
        ("too old", with_document(&signed_at(-6 * minute)), invalid("the document is 360000 ms old")),
        ("ahead", with_document(&signed_at(6 * minute)), invalid("the document is 360000 ms ahead of the clock")),
        ("payload changed", with_document(&payload), invalid("the document's signature is wrong")),
        ("signature changed", with_document(&signature), invalid("the document's signature is wrong")),
        ("cut off", with_document(&fresh[..fresh.len() - 1]), {
            let at = fresh.len() - 96;
            invalid(&format!("the bytes end at byte {at} of the document"))
        }),
        ("one byte more", with_document(&[fresh.as_slice(), &[0]].concat()), {
            invalid(&format!("bytes that are left over at byte {} of the document", fresh.len()))
        }),
        ("text", with_document(b"hello"), invalid("an item of another kind than expected at byte 0 of the document")),
        ("without key", with_document(&without_key), invalid("the document carries no public key")),
        ("with a bad key", with_document(&bad_key), {
            invalid("the public key is not an rsa key of 2048 bits or more in der")
        }),
        ("no document", json!({"Recipient": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}}), {
            null("attestationDocument")
        }),
        ("no algorithm", json!({"Recipient": {"AttestationDocument": base64(&fresh)}}), {
            null("keyEncryptionAlgorithm")
        }),
        ("nothing", json!({"Recipient": {}}), null("keyEncryptionAlgorithm")),
    ]
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

#[tokio::test]
async fn documents_that_do_not_hold_are_refused_by_every_operation() {
    let enclave = Enclave::new().await;
    let client = enclave.client(REGION);
    let table = refused(&enclave);
    for (operation, input) in operations(&client).await {
        for (what, recipient, text) in &table {
            let answer = client.call(operation, with(&input, recipient.clone())).await;
            assert_eq!(answer, Err(aws_error("ValidationException", text)), "{operation}: {what}");
            // Whatever else is so: a dry run does not look away.
            let dry = client.call(operation, with(&with(&input, recipient.clone()), json!({"DryRun": true}))).await;
            assert_eq!(dry, Err(aws_error("ValidationException", text)), "{operation}: {what}, dry");
        }
        assert!(client.call(operation, with(&input, recipient(&enclave.document()))).await.is_ok(), "{operation}");
        assert!(client.call(operation, with(&input, json!({"Recipient": null}))).await.is_ok(), "{operation}");
    }
}

#[tokio::test]
async fn a_document_grows_old() {
    let enclave = Enclave::new().await;
    let client = enclave.client(REGION);
    let input = with(&json!({"NumberOfBytes": 8}), recipient(&enclave.document()));
    for (ms, taken) in [(0, true), (5 * 60 * 1000, true), (1, false)] {
        enclave.world.clock.move_by_ms(ms);
        assert_eq!(client.call("GenerateRandom", input.clone()).await.is_ok(), taken, "{ms}");
    }
}

#[tokio::test]
async fn without_a_configured_root_no_document_is_taken() {
    let enclave = Enclave::new().await;
    let nobodys = World::new().await;
    assert_eq!(nobodys.clock.now(), enclave.world.clock.now());
    let mut aws = TrustedRoots::aws();
    aws.add_fingerprint([1; 32]);
    let engine = Arc::new(MemoryEngine::new());
    let aws = World::of(Setting { engine, recipients: aws, ..Setting::default() }).await;
    for world in [&nobodys, &aws] {
        let client = world.client(ACCOUNT, REGION);
        for (operation, input) in operations(&client).await {
            let answer = client.call(operation, with(&input, recipient(&enclave.document()))).await;
            let text = "The attestation document in 'recipient' is not valid: the chain starts at a root that is not \
                        trusted.";
            assert_eq!(answer, Err(aws_error("ValidationException", text)), "{operation}");
        }
    }
}

/// The document does not stand in for what the key demands.
#[tokio::test]
async fn a_document_opens_no_door() {
    let enclave = Enclave::new().await;
    let client = enclave.client(REGION);
    let document = recipient(&enclave.document());
    for (operation, input) in operations(&client).await {
        let dry = with(&with(&input, document.clone()), json!({"DryRun": true}));
        if operation != "GenerateRandom" {
            assert_eq!(client.call(operation, dry).await.unwrap_err().code, "DryRunOperationException", "{operation}");
        }
        let Some(key) = input["KeyId"].as_str() else { continue };
        assert_eq!(describe(&client, key).await["Enabled"], true);
        client.call("DisableKey", json!({"KeyId": key})).await.unwrap();
        let answer = client.call(operation, with(&input, document.clone())).await;
        assert_eq!(answer, Err(aws_error("DisabledException", &format!("{key} is disabled."))), "{operation}");
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    }
}
