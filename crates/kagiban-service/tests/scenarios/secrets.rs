//! Nothing secret where it does not belong: plaintexts, secret access keys and values of encryption contexts are looked for in
//! every error, in Debug output and in the log.

use std::fmt::{Debug, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kagiban_api::{Input, decode};
use kagiban_base::id::RequestId;
use kagiban_base::secret::SecretBytes;
use kagiban_service::RawRequest;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{SeededRandom, World};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{ACCOUNT, REGION, Scene, base64, create_key, encrypt, key_and_blob};

/// Stands for a plaintext wherever one can be.
const PLAINTEXT: &str = "marked plaintext";
/// Stands for a value of an encryption context.
const CONTEXT: &str = "marked-context-value";
/// Stands for a secret access key, and for a session token.
const SECRET: &str = "marked-secret-access-key";

/// What must not be seen: each secret as it is, in base64, in hex, and as Rust shows bytes.
fn marks() -> Vec<String> {
    let mut marks = Vec::new();
    for secret in [PLAINTEXT, CONTEXT, SECRET] {
        let bytes = secret.as_bytes();
        // The last letters of base64 depend on what follows; the first ones don't.
        marks.extend([secret.to_owned(), base64(bytes)[..16].to_owned(), format!("{bytes:?}")[1..30].to_owned()]);
        marks.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    }
    marks
}

#[track_caller]
fn assert_unseen(text: &str, what: &str) {
    for mark in marks() {
        assert!(!text.contains(&mark), "{what} shows {mark}: {text}");
    }
}

/// Bodies with secrets in them, each wrong in its own way. `key` works, and `blob` is under it with another context.
fn wrong_requests(key: &str, blob: &str) -> Vec<(&'static str, String)> {
    let plain = base64(PLAINTEXT.as_bytes());
    let long = base64(&PLAINTEXT.as_bytes().repeat(300));
    let long_context = CONTEXT.repeat(500);
    let mut requests = Vec::new();
    for (operation, member) in [("Encrypt", "Plaintext"), ("Sign", "Message"), ("GenerateMac", "Message")] {
        for value in [
            format!("\"{long}\""),
            format!("\"{plain}!\""),
            format!("\"{PLAINTEXT}\""),
            format!("[\"{plain}\"]"),
            format!("{{\"{plain}\": \"{plain}\"}}"),
            format!("\"{plain}\", \"{member}\": \"{plain}\""),
            format!("\"{plain}"),
            format!("\"{plain}\\x\""),
            format!("\"{plain}\" \"{plain}\""),
            format!("\"{plain}\", \"KeyId\": \"{key}\", \"GrantTokens\": [\"none\"]"),
            format!("\"{plain}\", \"DryRun\": true"),
        ] {
            requests.push((operation, format!("{{\"KeyId\": \"{key}\", \"{member}\": {value}}}")));
        }
    }
    for context in [
        format!("{{\"k\": \"{long_context}\"}}"),
        format!("{{\"k\": [\"{CONTEXT}\"]}}"),
        format!("{{\"k\": {{\"{CONTEXT}\": \"{CONTEXT}\"}}}}"),
        format!("{{\"k\": \"{CONTEXT}\", \"k\": \"{CONTEXT}\"}}"),
        format!("{{\"k\": \"{CONTEXT}\", \"l\": null}}"),
        format!("{{\"k\": \"{CONTEXT}\", \"l\": 1}}"),
        format!("{{\"k\": \"{CONTEXT}"),
        format!("[\"{CONTEXT}\"]"),
        format!("\"{CONTEXT}\""),
        format!("{{\"k\": \"{CONTEXT}\"}}, \"EncryptionContext\": {{}}"),
        format!("{{\"k\": \"{CONTEXT}\"}}, \"KeySpec\": \"AES_1\""),
        format!("{{\"k\": \"{CONTEXT}\"}}"),
    ] {
        let tail = format!("\"CiphertextBlob\": \"{blob}\", \"EncryptionContext\": {context}}}");
        requests.push(("Decrypt", format!("{{{tail}")));
        requests.push(("GenerateDataKey", format!("{{\"KeyId\": \"{key}\", {tail}")));
        requests
            .push(("Encrypt", format!("{{\"KeyId\": \"{key}\", \"Plaintext\": \"{plain}\", \"DryRun\": true, {tail}")));
        let source = tail.replace("EncryptionContext", "SourceEncryptionContext");
        requests.push(("ReEncrypt", format!("{{\"DestinationKeyId\": \"{key}\", {source}")));
    }
    requests
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk=", "EncryptionContext": {"other": "context"}});
    let blob = crate::support::text(&client.call("Encrypt", input).await.unwrap()["CiphertextBlob"]);
    for (operation, body) in wrong_requests(&key, &blob) {
        let error = client.call_bytes(operation, Bytes::from(body.clone())).await;
        let error = error.expect_err(&body);
        assert_unseen(&format!("{error:?}"), operation);
    }
}

#[tokio::test]
async fn no_refusal_of_a_signature_shows_a_secret() {
    let scene = Scene::new().await;
    for with_token in [false, true] {
        let mut client = scene.client();
        client.signer.secret_access_key = SecretBytes::from_slice(SECRET.as_bytes());
        client.signer.security_token = with_token.then(|| SecretBytes::from_slice(SECRET.as_bytes()));
        let error = client.call("ListKeys", json!({})).await.unwrap_err();
        assert_unseen(&format!("{error:?} {client:?}"), &error.code);
    }
}

fn assert_debug_unseen<T: Debug>(value: &T, what: &str) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert_unseen(&text, what);
    }
}

#[tokio::test]
async fn debug_output_of_requests_and_answers_shows_no_body() {
    let scene = Scene::new().await;
    let mut client = scene.client();
    let (key, _) = key_and_blob(&client).await;
    client.signer.security_token = Some(SecretBytes::from_slice(SECRET.as_bytes()));
    let body = json!({
        "KeyId": key, "Plaintext": base64(PLAINTEXT.as_bytes()), "EncryptionContext": {"k": CONTEXT},
    });
    let (head, body) = client.signed("TrentService.Encrypt", body.to_string().into()).into_parts();
    let request_id = RequestId::generate(&SeededRandom::new(5)).unwrap();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    assert_debug_unseen(&RawRequest { request_id, head, body, peer, secure_transport: true, tls: None }, "a request");

    client.signer.security_token = None;
    let blob = encrypt(&client, &key, &base64(PLAINTEXT.as_bytes())).await;
    let decrypt = json!({"CiphertextBlob": blob}).to_string();
    let response = scene.world.send(client.signed("TrentService.Decrypt", decrypt.into())).await;
    assert!(std::str::from_utf8(&response.body).unwrap().contains(&base64(PLAINTEXT.as_bytes())));
    assert_debug_unseen(&response, "an answer");
    assert_debug_unseen(&scene.world, "a world");
}

/// Sensitive members of the API's types; the values of an encryption context are not sensitive there, AWS logs them in clear.
#[test]
fn debug_output_of_inputs_shows_no_sensitive_member() {
    fn check<I: Input<Operation = kagiban_api::Operation> + Debug>(input: serde_json::Value) {
        let decoded: I = decode(input.to_string().as_bytes()).unwrap();
        assert_debug_unseen(&decoded, I::OPERATION.name());
    }
    let plain = base64(PLAINTEXT.as_bytes());
    check::<kagiban_api::EncryptRequest>(json!({"KeyId": "k", "Plaintext": plain}));
    check::<kagiban_api::GenerateMacRequest>(json!({"KeyId": "k", "Message": plain, "MacAlgorithm": "HMAC_SHA_256"}));
    check::<kagiban_api::VerifyMacRequest>(
        json!({"KeyId": "k", "Message": plain, "Mac": "AAAA", "MacAlgorithm": "HMAC_SHA_256"}),
    );
    check::<kagiban_api::SignRequest>(json!({"KeyId": "k", "Message": plain, "SigningAlgorithm": "ECDSA_SHA_256"}));
    check::<kagiban_api::VerifyRequest>(
        json!({"KeyId": "k", "Message": plain, "Signature": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"}),
    );
    check::<kagiban_api::CreateCustomKeyStoreRequest>(json!({"CustomKeyStoreName": "n", "KeyStorePassword": SECRET}));
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Line<'l>(&'l mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().unwrap();
        write!(log, "{} ", event.metadata().level()).unwrap();
        event.record(&mut Line(&mut log));
        log.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Requests that fail inside are logged with their number and the cause; nothing that a caller sent is.
#[tokio::test]
async fn the_log_tells_what_failed_and_nothing_of_the_callers() {
    let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
    let world = World::on(Arc::new(engine.clone())).await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let policy =
        json!({"Statement": [{"Sid": SECRET, "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    for (operation, input) in [
        ("CreateKey", json!({"Description": SECRET, "Tags": [{"TagKey": SECRET, "TagValue": SECRET}]})),
        ("CreateAlias", json!({"AliasName": format!("alias/{SECRET}"), "TargetKeyId": key})),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy.to_string()})),
        ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": SECRET, "TagValue": SECRET}]})),
        ("UpdateKeyDescription", json!({"KeyId": key, "Description": SECRET})),
    ] {
        for fault in [Fault::Fail(EngineError::Unavailable), Fault::LoseRequest] {
            let before = log.text().lines().count();
            engine.plan(Call::Commit, 1, fault);
            assert_eq!(client.call(operation, input.clone()).await.unwrap_err().status, 500, "{operation}");
            let text = log.text();
            let lines: Vec<_> = text.lines().skip(before).collect();
            assert_eq!(lines.len(), 1, "{operation}: {lines:?}");
            assert!(lines[0].starts_with("ERROR ") && lines[0].contains("request_id="), "{operation}: {lines:?}");
            assert!(lines[0].contains("the store cannot be reached"), "{operation}: {lines:?}");
            assert_unseen(&text, operation);
        }
    }
    // What the caller did wrong is no line in the log.
    let before = log.text();
    client.call("UpdateKeyDescription", json!({"KeyId": SECRET, "Description": SECRET})).await.unwrap_err();
    assert_eq!(log.text(), before);
    drop(guard);
}
