//! The order of checks: of any two things that are wrong with a request, which one is told.

use bytes::Bytes;
use kagiban_base::secret::SecretBytes;
use serde_json::{Value, json};

use crate::support::{HI, NO_KEY, OTHER_ACCOUNT, REGION, Scene, aws_error, create_key, encrypt, key_and_blob, with};

/// A request in the making.
struct Draft {
    secret: &'static [u8],
    operation: &'static str,
    input: Value,
    tail: &'static str,
}

/// One thing that can be wrong with an Encrypt request: what it is, how it is made, and the error for it.
struct Defect {
    what: &'static str,
    code: &'static str,
    make: fn(&mut Draft, &Keys),
}

/// Keys that a defect needs.
struct Keys {
    foreign: String,
    disabled: String,
}

fn set(draft: &mut Draft, more: Value) {
    draft.input = with(&draft.input, more);
}

/// In the order in which they are told.
const DEFECTS: [Defect; 11] = [
    Defect { what: "signature", code: "InvalidSignatureException", make: |draft, _| draft.secret = b"wrong" },
    Defect { what: "target", code: "UnknownOperationException", make: |draft, _| draft.operation = "Encrpyt" },
    Defect { what: "body", code: "SerializationException", make: |draft, _| draft.tail = "}" },
    Defect { what: "limits", code: "ValidationException", make: |draft, _| set(draft, json!({"Plaintext": ""})) },
    Defect {
        what: "encryption context",
        code: "ValidationException",
        make: |draft, _| set(draft, json!({"EncryptionContext": {"k": "v".repeat(8192)}})),
    },
    Defect {
        what: "permission",
        code: "AccessDeniedException",
        make: |draft, keys| set(draft, json!({"KeyId": keys.foreign})),
    },
    Defect { what: "key", code: "NotFoundException", make: |draft, _| set(draft, json!({"KeyId": NO_KEY})) },
    Defect {
        what: "grant token",
        code: "InvalidGrantTokenException",
        make: |draft, _| set(draft, json!({"GrantTokens": ["none"]})),
    },
    Defect {
        what: "algorithm",
        code: "InvalidKeyUsageException",
        make: |draft, _| set(draft, json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})),
    },
    Defect {
        what: "state",
        code: "DisabledException",
        make: |draft, keys| set(draft, json!({"KeyId": keys.disabled})),
    },
    Defect { what: "dry run", code: "DryRunOperationException", make: |draft, _| set(draft, json!({"DryRun": true})) },
];

async fn keys(scene: &Scene) -> Keys {
    let disabled = create_key(&scene.client()).await;
    scene.client().call("DisableKey", json!({"KeyId": disabled})).await.unwrap();
    Keys { foreign: create_key(&scene.world.client(OTHER_ACCOUNT, REGION)).await, disabled }
}

async fn code_of(scene: &Scene, draft: &Draft) -> String {
    let mut client = scene.client();
    client.signer.secret_access_key = SecretBytes::from_slice(draft.secret);
    let body = Bytes::from(format!("{}{}", draft.input, draft.tail));
    client.call_bytes(draft.operation, body).await.map_or_else(|error| error.code, |_| "none".to_owned())
}

#[tokio::test]
async fn of_any_two_defects_the_earlier_is_told() {
    let scene = Scene::new().await;
    let keys = keys(&scene).await;
    let key = create_key(&scene.client()).await;
    let sound =
        || Draft { secret: b"test", operation: "Encrypt", input: json!({"KeyId": key, "Plaintext": HI}), tail: "" };
    assert_eq!(code_of(&scene, &sound()).await, "none");
    for (at, first) in DEFECTS.iter().enumerate() {
        let mut alone = sound();
        (first.make)(&mut alone, &keys);
        assert_eq!(code_of(&scene, &alone).await, first.code, "{}", first.what);
        for second in &DEFECTS[at + 1..] {
            // The earlier is made last: of two that concern the key, the request then has the earlier one only.
            let mut both = sound();
            (second.make)(&mut both, &keys);
            (first.make)(&mut both, &keys);
            assert_eq!(code_of(&scene, &both).await, first.code, "{} and {}", first.what, second.what);
        }
    }
}

/// A ReEncrypt has two keys: both are found and permitted before either is asked for its state, and the ciphertext is
/// opened last of all.
#[tokio::test]
async fn a_re_encryption_looks_at_its_two_keys_in_turn() {
    let scene = Scene::new().await;
    let client = scene.client();
    let Keys { foreign, disabled } = keys(&scene).await;
    let (key, blob) = key_and_blob(&client).await;
    client.call("EnableKey", json!({"KeyId": disabled})).await.unwrap();
    let off_blob = encrypt(&client, &disabled, HI).await;
    client.call("DisableKey", json!({"KeyId": disabled})).await.unwrap();
    let other_context = json!({"a": "b"});
    for (input, code) in [
        (json!({"SourceKeyId": NO_KEY, "CiphertextBlob": blob, "DestinationKeyId": foreign}), "NotFoundException"),
        (
            json!({"SourceKeyId": foreign, "CiphertextBlob": "AAAA", "DestinationKeyId": NO_KEY}),
            "AccessDeniedException",
        ),
        (json!({"CiphertextBlob": "AAAA", "DestinationKeyId": NO_KEY}), "InvalidCiphertextException"),
        (json!({"SourceKeyId": key, "CiphertextBlob": off_blob, "DestinationKeyId": NO_KEY}), "IncorrectKeyException"),
        (json!({"CiphertextBlob": off_blob, "DestinationKeyId": NO_KEY}), "NotFoundException"),
        (json!({"CiphertextBlob": off_blob, "DestinationKeyId": foreign}), "AccessDeniedException"),
        (
            json!({"CiphertextBlob": off_blob, "DestinationKeyId": key, "SourceEncryptionContext": other_context}),
            "DisabledException",
        ),
        (
            json!({"CiphertextBlob": blob, "DestinationKeyId": disabled, "SourceEncryptionContext": other_context}),
            "DisabledException",
        ),
        (
            json!({"CiphertextBlob": blob, "DestinationKeyId": key, "SourceEncryptionContext": other_context}),
            "InvalidCiphertextException",
        ),
    ] {
        let error = client.call("ReEncrypt", input.clone()).await.unwrap_err();
        assert_eq!(error.code, code, "{input}: {error:?}");
    }
}

/// Where a change names something besides its key: what is said of which first.
#[tokio::test]
async fn changes_check_their_words_then_their_key_then_its_state() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    client.call("CreateAlias", json!({"AliasName": "alias/taken", "TargetKeyId": key})).await.unwrap();
    let doomed = create_key(&client).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": doomed})).await.unwrap();
    let (bad_tag, good_tag) = (json!([{"TagKey": "aws:x", "TagValue": ""}]), json!([{"TagKey": "x", "TagValue": ""}]));
    let alias = |name: &str, target: &str| json!({"AliasName": name, "TargetKeyId": target});
    for (operation, input, code) in [
        ("TagResource", json!({"KeyId": NO_KEY, "Tags": bad_tag}), "TagException"),
        ("TagResource", json!({"KeyId": doomed, "Tags": bad_tag}), "TagException"),
        ("TagResource", json!({"KeyId": doomed, "Tags": good_tag}), "KMSInvalidStateException"),
        ("ScheduleKeyDeletion", json!({"KeyId": NO_KEY, "PendingWindowInDays": 6}), "ValidationException"),
        ("ScheduleKeyDeletion", json!({"KeyId": doomed, "PendingWindowInDays": 6}), "ValidationException"),
        ("CreateAlias", alias("alias/aws/x", NO_KEY), "InvalidAliasNameException"),
        ("CreateAlias", alias("bad", NO_KEY), "ValidationException"),
        ("CreateAlias", alias("alias/taken", NO_KEY), "NotFoundException"),
        ("CreateAlias", alias("alias/taken", &doomed), "KMSInvalidStateException"),
        ("CreateAlias", alias("alias/taken", &key), "AlreadyExistsException"),
        ("UpdateAlias", alias("alias/none", NO_KEY), "NotFoundException"),
        ("UpdateAlias", alias("alias/none", &doomed), "KMSInvalidStateException"),
        ("GenerateDataKey", json!({"KeyId": NO_KEY}), "ValidationException"),
        ("ListResourceTags", json!({"KeyId": NO_KEY, "Marker": "garbled"}), "NotFoundException"),
        ("ListAliases", json!({"KeyId": NO_KEY, "Marker": "garbled"}), "NotFoundException"),
        ("ListKeyPolicies", json!({"KeyId": NO_KEY, "Marker": "garbled"}), "NotFoundException"),
    ] {
        let error = client.call(operation, input.clone()).await.unwrap_err();
        assert_eq!(error.code, code, "{operation} {input}: {error:?}");
    }
    // Which of two missing things an UpdateAlias names: the key.
    let error = client.call("UpdateAlias", alias("alias/none", NO_KEY)).await;
    let missing = format!("Key 'arn:aws:kms:us-east-1:111122223333:key/{NO_KEY}' does not exist");
    assert_eq!(error, Err(aws_error("NotFoundException", &missing)));
}
