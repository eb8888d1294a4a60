//! What each operation takes as the name of a key, and what it says to every wrong one.

use kagiban_testkit::World;
use serde_json::{Value, json};

const OTHER_KEY: &str = "99999999-aaaa-4bbb-8ccc-dddddddddddd";
const ACCOUNT: &str = "111122223333";

/// Operations that name a key in `KeyId` and what else they need; whether they take aliases.
fn operations(blob: &Value, policy: &Value) -> Vec<(&'static str, Value, bool)> {
    vec![
        ("CancelKeyDeletion", json!({}), false),
        ("Decrypt", json!({"CiphertextBlob": blob}), true),
        ("DescribeKey", json!({}), true),
        ("DisableKey", json!({}), false),
        ("EnableKey", json!({}), false),
        ("Encrypt", json!({"Plaintext": "aGk="}), true),
        ("GenerateDataKey", json!({"KeySpec": "AES_128"}), true),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeySpec": "AES_128"}), true),
        ("GetKeyPolicy", json!({}), false),
        ("ListAliases", json!({}), false),
        ("ListKeyPolicies", json!({}), false),
        ("ListResourceTags", json!({}), false),
        ("PutKeyPolicy", json!({"Policy": policy}), false),
        ("ScheduleKeyDeletion", json!({}), false),
        ("TagResource", json!({"Tags": []}), false),
        ("UntagResource", json!({"TagKeys": []}), false),
        ("UpdateKeyDescription", json!({"Description": "d"}), false),
    ]
}

fn named(input: &Value, key_id: &str) -> Value {
    let mut input = input.clone();
    input["KeyId"] = json!(key_id);
    input
}

/// A key with an alias, a blob under it, and its policy.
async fn scene(world: &World) -> (String, Value, Value) {
    let client = world.client(ACCOUNT, "us-east-1");
    let key = client.call("CreateKey", json!({})).await.unwrap();
    let id = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    client.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": id})).await.unwrap();
    let blob = client.call("Encrypt", json!({"KeyId": id, "Plaintext": "aGk="})).await.unwrap();
    let policy = client.call("GetKeyPolicy", json!({"KeyId": id})).await.unwrap();
    (id, blob["CiphertextBlob"].clone(), policy["Policy"].clone())
}

#[tokio::test]
async fn ids_and_arns_are_taken_everywhere_and_aliases_where_the_api_has_them() {
    let world = World::new().await;
    let (id, ..) = scene(&world).await;
    let arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}");
    let alias_arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/it");
    for (form, is_alias) in [(id.as_str(), false), (&arn, false), ("alias/it", true), (&alias_arn, true)] {
        // A fresh world each time, since some of these change the key.
        let world = World::new().await;
        let client = world.client(ACCOUNT, "us-east-1");
        let (fresh_id, blob, policy) = scene(&world).await;
        let form = form.replace(&id, &fresh_id);
        for (operation, input, takes_aliases) in operations(&blob, &policy) {
            let result = client.call(operation, named(&input, &form)).await;
            if is_alias && !takes_aliases {
                let error = result.unwrap_err();
                assert_eq!(error.code, "InvalidArnException", "{operation} {form}");
                assert_eq!(error.message, "Key Aliases are not supported for this operation.");
                continue;
            }
            if operation == "CancelKeyDeletion" {
                assert_eq!(result.unwrap_err().code, "KMSInvalidStateException", "{operation} {form}");
                continue;
            }
            result.unwrap_or_else(|error| unreachable!("{operation} {form}: {error:?}"));
            if operation == "ScheduleKeyDeletion" {
                client.call("CancelKeyDeletion", json!({"KeyId": fresh_id})).await.unwrap();
                client.call("EnableKey", json!({"KeyId": fresh_id})).await.unwrap();
            }
            if operation == "DisableKey" {
                client.call("EnableKey", json!({"KeyId": fresh_id})).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn every_wrong_identifier_has_its_error() {
    let world = World::new().await;
    let (_, blob, policy) = scene(&world).await;
    let client = world.client(ACCOUNT, "us-east-1");
    let missing = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{OTHER_KEY}");
    let cases = [
        (OTHER_KEY.to_owned(), "NotFoundException", format!("Key '{missing}' does not exist")),
        (missing.clone(), "NotFoundException", format!("Key '{missing}' does not exist")),
        ("no-id".to_owned(), "NotFoundException", "Invalid keyId 'no-id'".to_owned()),
        (OTHER_KEY.to_uppercase(), "NotFoundException", format!("Invalid keyId '{}'", OTHER_KEY.to_uppercase())),
        ("arn:aws:kms:us-east-1".to_owned(), "InvalidArnException", "Invalid arn arn:aws:kms:us-east-1".to_owned()),
        (
            format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{OTHER_KEY}"),
            "NotFoundException",
            "Invalid arn eu-west-1".to_owned(),
        ),
    ];
    for (operation, input, takes_aliases) in operations(&blob, &policy) {
        for (key_id, code, message) in &cases {
            let error = client.call(operation, named(&input, key_id)).await.unwrap_err();
            assert_eq!((error.code.as_str(), &error.message), (*code, message), "{operation} {key_id}");
            assert_eq!(error.status, 400);
        }
        if takes_aliases {
            let error = client.call(operation, named(&input, "alias/none")).await.unwrap_err();
            assert_eq!(error.code, "NotFoundException", "{operation}");
            assert_eq!(error.message, format!("Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/none is not found."));
        }
    }
}

#[tokio::test]
async fn another_accounts_keys_cannot_be_told_from_missing_ones() {
    let world = World::new().await;
    let (id, blob, policy) = scene(&world).await;
    let stranger = world.client("444455556666", "us-east-1");
    let existing = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}");
    let missing = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{OTHER_KEY}");
    for (operation, input, takes_aliases) in operations(&blob, &policy) {
        let one = stranger.call(operation, named(&input, &existing)).await.unwrap_err();
        let other = stranger.call(operation, named(&input, &missing)).await.unwrap_err();
        assert_eq!(one, other, "{operation}");
        assert_eq!(one.code, "AccessDeniedException", "{operation}");
        assert_eq!(
            one.message,
            format!(
                "User: arn:aws:iam::444455556666:root is not authorized to perform: kms:{operation} on this resource \
                 because the resource does not exist in this Region, no resource-based policies allow access, or a \
                 resource-based policy explicitly denies access"
            )
        );
        // A bare id or alias is looked up among one's own, where it is not.
        let own = stranger.call(operation, named(&input, &id)).await.unwrap_err();
        assert_eq!(own.code, "NotFoundException", "{operation}");
        if takes_aliases {
            let alias = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/it");
            assert_eq!(stranger.call(operation, named(&input, &alias)).await.unwrap_err(), one, "{operation}");
        }
    }
}

#[tokio::test]
async fn the_key_behind_a_ciphertext_is_hidden_from_strangers_and_other_regions() {
    let world = World::new().await;
    let (id, blob, _) = scene(&world).await;
    let text = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or \
                you are not allowed to access.";
    for (account, region) in [("444455556666", "us-east-1"), (ACCOUNT, "eu-west-1")] {
        let client = world.client(account, region);
        let error = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("AccessDeniedException", text),
            "{account} {region}"
        );
        let own = client.call("CreateKey", json!({})).await.unwrap();
        let input = json!({"CiphertextBlob": blob, "DestinationKeyId": own["KeyMetadata"]["KeyId"]});
        assert_eq!(client.call("ReEncrypt", input).await.unwrap_err(), error);
        assert_eq!(
            client.call("DescribeKey", json!({"KeyId": id})).await.unwrap_err().code,
            "NotFoundException",
            "{account} {region}"
        );
    }
}
