//! DryRun: nothing comes out, and whatever would have refused the call refuses the dry run too.

use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, NO_KEY, REGION, Refusal, Scene, assert_refused, create_key, key_and_blob, refusal, violation, with,
};

const WOULD_SUCCEED: &str = "The request would have succeeded, but the DryRun option is set.";

/// Each operation that takes DryRun, with an input that succeeds.
fn operations(key: &str, blob: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("Decrypt", json!({"KeyId": key, "CiphertextBlob": blob})),
        ("Encrypt", json!({"KeyId": key, "Plaintext": HI})),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("ReEncrypt", json!({"SourceKeyId": key, "DestinationKeyId": key, "CiphertextBlob": blob})),
    ]
}

fn dry(input: &Value) -> Value {
    with(input, json!({"DryRun": true}))
}

/// The input of a dry run that leaves the ciphertext out.
fn without_ciphertext(input: &Value) -> Value {
    let mut input = with(&dry(input), json!({"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}));
    input.as_object_mut().unwrap().remove("CiphertextBlob");
    input
}

#[tokio::test]
async fn a_dry_run_says_that_the_call_would_succeed_and_gives_nothing() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let mut table = Vec::new();
    for (operation, input) in operations(&key, &blob) {
        assert!(client.call(operation, with(&input, json!({"DryRun": false}))).await.is_ok(), "{operation}");
        assert!(client.call(operation, with(&input, json!({"DryRun": null}))).await.is_ok(), "{operation}");
        table.push(refusal(operation, dry(&input), "DryRunOperationException", WOULD_SUCCEED));
    }
    for (operation, input) in
        operations(&key, &blob).into_iter().filter(|(_, input)| !input["CiphertextBlob"].is_null())
    {
        table.push(refusal(operation, without_ciphertext(&input), "DryRunOperationException", WOULD_SUCCEED));
        // A ciphertext that is to be ignored may be anything.
        let ignored = with(&without_ciphertext(&input), json!({"CiphertextBlob": "AAAA"}));
        table.push(refusal(operation, ignored, "DryRunOperationException", WOULD_SUCCEED));
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn what_would_refuse_the_call_refuses_the_dry_run() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let (off, off_blob) = key_and_blob(&client).await;
    client.call("DisableKey", json!({"KeyId": off})).await.unwrap();
    let missing = format!("Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}' does not exist");
    let mut table: Vec<Refusal> = Vec::new();
    for (operation, input) in operations(NO_KEY, &blob) {
        table.push(refusal(operation, dry(&input), "NotFoundException", missing.clone()));
    }
    for (operation, input) in operations(&off, &off_blob) {
        table.push(refusal(operation, dry(&input), "DisabledException", format!("{off} is disabled.")));
        if !input["CiphertextBlob"].is_null() {
            let input = without_ciphertext(&input);
            table.push(refusal(operation, input, "DisabledException", format!("{off} is disabled.")));
        }
    }
    for (operation, input) in operations(&key, &blob) {
        let input = with(&dry(&input), json!({"GrantTokens": ["none"]}));
        let text = "The request contains a grant token that is not valid.";
        table.push(refusal(operation, input, "InvalidGrantTokenException", text));
    }
    for operation in ["Decrypt", "ReEncrypt"] {
        let bad = json!({"CiphertextBlob": "AAAA", "DestinationKeyId": key, "DryRun": true});
        table.push(refusal(operation, bad, "InvalidCiphertextException", ""));
        let member = if operation == "Decrypt" { "EncryptionContext" } else { "SourceEncryptionContext" };
        let other_context =
            json!({"CiphertextBlob": blob, "DestinationKeyId": key, "DryRun": true, member: {"a": "b"}});
        table.push(refusal(operation, other_context, "InvalidCiphertextException", ""));
    }
    let too_long = json!({"KeyId": key, "KeySpec": "AES_256", "NumberOfBytes": 4, "DryRun": true});
    let text = "Please specify either number of bytes or key spec.";
    table.push(refusal("GenerateDataKey", too_long, "ValidationException", text));
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn the_ciphertext_can_be_left_out_in_a_dry_run_only_and_then_the_key_must_be_named() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let null = |member: &str| {
        violation(&format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
    };
    let modifiers = json!(["IGNORE_CIPHERTEXT"]);
    let only_dry = "DryRunModifiers can be given only when DryRun is true.";
    let mut table = Vec::new();
    for (operation, key_member) in [("Decrypt", "keyId"), ("ReEncrypt", "sourceKeyId")] {
        for (input, message) in [
            (json!({}), null("ciphertextBlob")),
            (json!({"CiphertextBlob": null}), null("ciphertextBlob")),
            (json!({"DryRun": true}), null("ciphertextBlob")),
            (json!({"DryRun": true, "DryRunModifiers": []}), null("ciphertextBlob")),
            (json!({"DryRunModifiers": modifiers}), only_dry.to_owned()),
            (json!({"DryRun": false, "DryRunModifiers": modifiers, "CiphertextBlob": blob}), only_dry.to_owned()),
            (json!({"DryRun": true, "DryRunModifiers": modifiers}), null(key_member)),
        ] {
            let input = with(&input, json!({"DestinationKeyId": key}));
            table.push(refusal(operation, input, "ValidationException", message));
        }
        let unknown = json!({"DestinationKeyId": key, "DryRun": true, "DryRunModifiers": ["IGNORE_ALL"]});
        let text = violation(
            "Value '[IGNORE_ALL]' at 'dryRunModifiers' failed to satisfy constraint: Member must satisfy constraint: \
             [Member must satisfy enum value set: [IGNORE_CIPHERTEXT]]",
        );
        table.push(refusal(operation, unknown, "ValidationException", text));
    }
    assert_refused(&scene, &client, table).await;
}

/// What a dry run without ciphertext says of each key of a ReEncrypt.
#[tokio::test]
async fn a_dry_run_without_ciphertext_asks_both_keys() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (on, off) = (create_key(&client).await, create_key(&client).await);
    client.call("DisableKey", json!({"KeyId": off})).await.unwrap();
    let input = |source: &str, destination: &str| {
        without_ciphertext(&json!({"SourceKeyId": source, "DestinationKeyId": destination}))
    };
    let disabled = format!("{off} is disabled.");
    let table = vec![
        refusal("ReEncrypt", input(&on, &on), "DryRunOperationException", WOULD_SUCCEED),
        refusal("ReEncrypt", input(&on, &off), "DisabledException", disabled.clone()),
        refusal("ReEncrypt", input(&off, &on), "DisabledException", disabled),
    ];
    assert_refused(&scene, &client, table).await;
}
