//! What a ciphertext is bound to: its bytes, its encryption context, its key, account and Region.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, Scene, assert_refused, aws_error, base64, create_key, encrypt,
    key_and_blob, key_id_of, refusal, violation, with,
};

/// Pairs of encryption contexts: whether what was encrypted with the one opens with the other.
#[tokio::test]
async fn the_encryption_context_must_be_the_same_pairs_in_any_order() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let long = "v".repeat(4000);
    for (one, other, same) in [
        (r#"{"a": "1", "b": "2", "c": "3"}"#, r#"{"c": "3", "a": "1", "b": "2"}"#, true),
        (r"{}", "null", true),
        (r#"{"": ""}"#, "{}", false),
        (r#"{"a": ""}"#, "{}", false),
        (r#"{"a": ""}"#, r#"{"a": ""}"#, true),
        (r#"{"ab": "c"}"#, r#"{"a": "bc"}"#, false),
        (r#"{"a": "b", "c": "d"}"#, r#"{"a": "d", "c": "b"}"#, false),
        (r#"{"a": "b"}"#, r#"{"b": "a"}"#, false),
        (r#"{"a": "b"}"#, r#"{"a": "b", "c": "d"}"#, false),
        (r#"{"a": "b", "c": "d"}"#, r#"{"a": "b"}"#, false),
        (r#"{"Key": "v"}"#, r#"{"key": "v"}"#, false),
        (r#"{"key": "V"}"#, r#"{"key": "v"}"#, false),
        (r#"{"key": "v"}"#, r#"{"key": "v "}"#, false),
        (r#"{"schlüssel": "鍵🔑"}"#, r#"{"schl\u00fcssel": "\u9375\ud83d\udd11"}"#, true),
        // The same letter composed and decomposed: not the same text.
        ("{\"k\": \"\u{e9}\"}", "{\"k\": \"e\u{301}\"}", false),
        (r#"{"k": "a\u0000"}"#, r#"{"k": "a"}"#, false),
        (r#"{"aws:x": "1"}"#, r#"{"aws:x": "1"}"#, true),
        (&format!(r#"{{"a": "{long}", "b": "{long}"}}"#), &format!(r#"{{"b": "{long}", "a": "{long}"}}"#), true),
    ] {
        let shown = format!("{:.40} {:.40}", one, other);
        for (sealed_with, opened_with) in [(one, other), (other, one)] {
            // As text, so that the order of members is the test's.
            let body = format!(r#"{{"KeyId": "{key}", "Plaintext": "{HI}", "EncryptionContext": {sealed_with}}}"#);
            let blob = client.call_bytes("Encrypt", body.into()).await.unwrap()["CiphertextBlob"].clone();
            let decrypt = format!(r#"{{"CiphertextBlob": {blob}, "EncryptionContext": {opened_with}}}"#);
            let re_encrypt = format!(
                r#"{{"CiphertextBlob": {blob}, "DestinationKeyId": "{key}", "SourceEncryptionContext": {opened_with}}}"#
            );
            let decrypted = client.call_bytes("Decrypt", decrypt.into()).await;
            let re_encrypted = client.call_bytes("ReEncrypt", re_encrypt.into()).await;
            if same {
                assert_eq!(decrypted.unwrap()["Plaintext"], HI, "{shown}");
                assert!(re_encrypted.is_ok(), "{shown}");
            } else {
                assert_eq!(decrypted, Err(aws_error("InvalidCiphertextException", "")), "{shown}");
                assert_eq!(re_encrypted, Err(aws_error("InvalidCiphertextException", "")), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn every_operation_binds_its_encryption_context() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let context = json!({"tenant": "7", "purpose": "test"});
    for (operation, input) in [
        ("Encrypt", json!({"KeyId": key, "Plaintext": HI, "EncryptionContext": context})),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_128", "EncryptionContext": context})),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeyId": key, "KeySpec": "AES_128", "EncryptionContext": context})),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": blob, "DestinationKeyId": key, "DestinationEncryptionContext": context}),
        ),
    ] {
        let sealed = client.call(operation, input).await.unwrap()["CiphertextBlob"].clone();
        let right = json!({"CiphertextBlob": sealed, "EncryptionContext": context});
        assert!(client.call("Decrypt", right).await.is_ok(), "{operation}");
        let absent = client.call("Decrypt", json!({"CiphertextBlob": sealed})).await;
        assert_eq!(absent, Err(aws_error("InvalidCiphertextException", "")), "{operation}");
    }
    // The context of a ReEncrypt can be taken off again, and each side's is its own.
    let input = json!({"KeyId": key, "Plaintext": HI, "EncryptionContext": context});
    let sealed = client.call("Encrypt", input).await.unwrap()["CiphertextBlob"].clone();
    let input = json!({"CiphertextBlob": sealed, "DestinationKeyId": key, "SourceEncryptionContext": context});
    let bare = client.call("ReEncrypt", input).await.unwrap()["CiphertextBlob"].clone();
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": bare})).await.unwrap()["Plaintext"], HI);
    let swapped = json!({"CiphertextBlob": sealed, "DestinationKeyId": key, "DestinationEncryptionContext": context});
    assert_eq!(client.call("ReEncrypt", swapped).await, Err(aws_error("InvalidCiphertextException", "")));
}

/// An encryption context that takes `len` bytes in its canonical form: a count, and lengths of key and value.
fn context_of(len: usize) -> Value {
    json!({"k": "v".repeat(len - 2 - 4 - 1)})
}

#[tokio::test]
async fn the_encryption_context_has_8192_bytes_at_most() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let (fits, too_long) = (context_of(8192), context_of(8193));
    let operations = |context: &Value| {
        vec![
            ("Encrypt", json!({"KeyId": key, "Plaintext": HI, "EncryptionContext": context})),
            ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_128", "EncryptionContext": context})),
            (
                "GenerateDataKeyWithoutPlaintext",
                json!({"KeyId": key, "KeySpec": "AES_128", "EncryptionContext": context}),
            ),
            (
                "ReEncrypt",
                json!({"CiphertextBlob": blob, "DestinationKeyId": key, "DestinationEncryptionContext": context}),
            ),
        ]
    };
    for (operation, input) in operations(&fits) {
        let sealed = client.call(operation, input).await.unwrap()["CiphertextBlob"].clone();
        let opened = client.call("Decrypt", json!({"CiphertextBlob": sealed, "EncryptionContext": fits})).await;
        assert!(opened.is_ok(), "{operation}");
    }
    let refused = |at: &str| {
        violation(&format!(
            "Value at '{at}' failed to satisfy constraint: Member must have length less than or equal to 8192 bytes in \
             its canonical form"
        ))
    };
    let mut table = Vec::new();
    for (operation, input) in operations(&too_long) {
        let at = if operation == "ReEncrypt" { "destinationEncryptionContext" } else { "encryptionContext" };
        table.push(refusal(operation, input.clone(), "ValidationException", refused(at)));
        // A dry run tells the same.
        table.push(refusal(operation, with(&input, json!({"DryRun": true})), "ValidationException", refused(at)));
    }
    for (operation, input, at) in [
        ("Decrypt", json!({"CiphertextBlob": blob, "EncryptionContext": too_long}), "encryptionContext"),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": blob, "DestinationKeyId": key, "SourceEncryptionContext": too_long}),
            "sourceEncryptionContext",
        ),
        (
            "Decrypt",
            json!({"KeyId": key, "EncryptionContext": too_long, "DryRun": true,
                   "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
            "encryptionContext",
        ),
        (
            "ReEncrypt",
            json!({"SourceKeyId": key, "DestinationKeyId": key, "SourceEncryptionContext": too_long, "DryRun": true,
                   "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
            "sourceEncryptionContext",
        ),
        (
            "ReEncrypt",
            json!({"SourceKeyId": key, "DestinationKeyId": key, "DestinationEncryptionContext": too_long,
                   "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
            "destinationEncryptionContext",
        ),
    ] {
        table.push(refusal(operation, input, "ValidationException", refused(at)));
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn every_damaged_blob_gets_the_same_answer_without_a_text() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let whole = STANDARD.decode(&blob).unwrap();
    let mut damaged: Vec<(String, Vec<u8>)> = Vec::new();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        damaged.push((format!("byte {at} flipped"), flipped));
        if at > 0 {
            damaged.push((format!("cut to {at}"), whole[..at].to_vec()));
        }
    }
    for more in [&b"\0"[..], b"AAAAAAAA", &whole] {
        damaged.push((format!("{} bytes longer", more.len()), [&whole, more].concat()));
    }
    damaged.push(("another's format".to_owned(), b"AQICAHgnotours".repeat(12)));
    damaged.push(("zeros".to_owned(), vec![0; whole.len()]));
    damaged.push(("as long as can be".to_owned(), vec![0x4b; 6144]));
    for (what, bytes) in damaged {
        let bytes = base64(&bytes);
        // With the key named there is one answer to all of it.
        let error = client.call("Decrypt", json!({"KeyId": key, "CiphertextBlob": bytes})).await.unwrap_err();
        let names_other_key = error.code == "IncorrectKeyException";
        if !names_other_key {
            assert_eq!(error, aws_error("InvalidCiphertextException", ""), "{what}");
        }
        // Without, a blob that names another key is refused like one of a key that is not there.
        let input = json!({"CiphertextBlob": bytes, "DestinationKeyId": key});
        for (operation, input) in [("Decrypt", json!({"CiphertextBlob": bytes})), ("ReEncrypt", input)] {
            let error = client.call(operation, input).await.unwrap_err();
            if names_other_key {
                assert_eq!(error.code, "AccessDeniedException", "{operation} {what}");
            } else {
                assert_eq!(error, aws_error("InvalidCiphertextException", ""), "{operation} {what}");
            }
        }
    }
}

#[tokio::test]
async fn only_the_key_id_in_a_blob_can_change_the_answer() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let whole = STANDARD.decode(&blob).unwrap();
    let mut others = Vec::new();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        let input = json!({"KeyId": key, "CiphertextBlob": base64(&flipped)});
        if client.call("Decrypt", input).await.unwrap_err().code == "IncorrectKeyException" {
            others.push(at);
        }
    }
    assert_eq!(others, (6..22).collect::<Vec<_>>(), "the sixteen bytes of the key id");
}

const INCORRECT_KEY: &str = "The key ID in the request does not identify a CMK that can perform this operation.";
const NO_SUCH_CIPHERTEXT_KEY: &str = "The ciphertext refers to a customer master key that does not exist, does not \
                                      exist in this region, or you are not allowed to access.";

#[tokio::test]
async fn a_blob_opens_under_its_own_key_only() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let other = create_key(&client).await;
    client.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    for right in [key.as_str(), key_id_of(&key), "alias/it"] {
        let input = json!({"CiphertextBlob": blob, "KeyId": right});
        assert_eq!(client.call("Decrypt", input).await.unwrap()["Plaintext"], HI, "{right}");
    }
    let missing = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}");
    let mut table = Vec::new();
    for (wrong, code, message) in [
        (other.as_str(), "IncorrectKeyException", INCORRECT_KEY.to_owned()),
        (key_id_of(&other), "IncorrectKeyException", INCORRECT_KEY.to_owned()),
        (NO_KEY, "NotFoundException", format!("Key '{missing}' does not exist")),
    ] {
        table.push(refusal("Decrypt", json!({"CiphertextBlob": blob, "KeyId": wrong}), code, message.clone()));
        let input = json!({"CiphertextBlob": blob, "SourceKeyId": wrong, "DestinationKeyId": key});
        table.push(refusal("ReEncrypt", input, code, message));
    }
    assert_refused(&scene, &client, table).await;
    // The alias moves to the other key, and with it what KeyId means; the blob's own key stays what it was.
    client.call("UpdateAlias", json!({"AliasName": "alias/it", "TargetKeyId": other})).await.unwrap();
    let input = json!({"CiphertextBlob": blob, "KeyId": "alias/it"});
    assert_refused(&scene, &client, vec![refusal("Decrypt", input, "IncorrectKeyException", INCORRECT_KEY)]).await;
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    let sealed = encrypt(&client, "alias/it", HI).await;
    let opened = client.call("Decrypt", json!({"CiphertextBlob": sealed})).await.unwrap();
    assert_eq!(opened["KeyId"], other.as_str());
}

#[tokio::test]
async fn a_blob_of_another_account_or_region_does_not_open() {
    let scene = Scene::new().await;
    let (_, blob) = key_and_blob(&scene.client()).await;
    for (account, region) in [(OTHER_ACCOUNT, REGION), (ACCOUNT, "eu-west-1")] {
        let client = scene.world.client(account, region);
        let own = create_key(&client).await;
        let table = vec![
            refusal("Decrypt", json!({"CiphertextBlob": blob}), "AccessDeniedException", NO_SUCH_CIPHERTEXT_KEY),
            refusal("Decrypt", json!({"CiphertextBlob": blob, "KeyId": own}), "IncorrectKeyException", INCORRECT_KEY),
            refusal(
                "ReEncrypt",
                json!({"CiphertextBlob": blob, "DestinationKeyId": own}),
                "AccessDeniedException",
                NO_SUCH_CIPHERTEXT_KEY,
            ),
        ];
        assert_refused(&scene, &client, table).await;
    }
}
