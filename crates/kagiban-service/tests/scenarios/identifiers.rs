//! What each operation takes as the name of a key, and what it says to every wrong one.

use kagiban_testkit::{AwsError, World};
use serde_json::{Value, json};

use crate::subjects::Subject;
use crate::support::{
    ACCOUNT, NO_KEY, OTHER_ACCOUNT, REGION, aws_error, fresh_accounts, key_and_blob, key_id_of, text, with,
};

/// What an operation says to an alias.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Aliases {
    /// Taken: the key it points to is meant.
    Taken,
    /// Not taken: ids and key ARNs only.
    Refused,
    /// Not taken: an alias cannot point to an alias.
    NoTarget,
}

/// Operation, the member that names the key, what permission is asked for, what is said to aliases.
const TABLE: [(&str, &str, &str, Aliases); 46] = [
    ("CancelKeyDeletion", "KeyId", "CancelKeyDeletion", Aliases::Refused),
    ("CreateAlias", "TargetKeyId", "CreateAlias", Aliases::NoTarget),
    ("CreateGrant", "KeyId", "CreateGrant", Aliases::Refused),
    ("Decapsulate", "KeyId", "Decapsulate", Aliases::Taken),
    ("Decrypt", "KeyId", "Decrypt", Aliases::Taken),
    ("DeleteImportedKeyMaterial", "KeyId", "DeleteImportedKeyMaterial", Aliases::Refused),
    ("DeriveSharedSecret", "KeyId", "DeriveSharedSecret", Aliases::Taken),
    ("DescribeKey", "KeyId", "DescribeKey", Aliases::Taken),
    ("DisableKey", "KeyId", "DisableKey", Aliases::Refused),
    ("DisableKeyRotation", "KeyId", "DisableKeyRotation", Aliases::Refused),
    ("EnableKey", "KeyId", "EnableKey", Aliases::Refused),
    ("EnableKeyRotation", "KeyId", "EnableKeyRotation", Aliases::Refused),
    ("Encapsulate", "KeyId", "Encapsulate", Aliases::Taken),
    ("Encrypt", "KeyId", "Encrypt", Aliases::Taken),
    ("GenerateDataKey", "KeyId", "GenerateDataKey", Aliases::Taken),
    ("GenerateDataKeyPair", "KeyId", "GenerateDataKeyPair", Aliases::Taken),
    ("GenerateDataKeyPairWithoutPlaintext", "KeyId", "GenerateDataKeyPairWithoutPlaintext", Aliases::Taken),
    ("GenerateDataKeyWithoutPlaintext", "KeyId", "GenerateDataKeyWithoutPlaintext", Aliases::Taken),
    ("GenerateMac", "KeyId", "GenerateMac", Aliases::Taken),
    ("GetKeyLastUsage", "KeyId", "GetKeyLastUsage", Aliases::Refused),
    ("GetKeyPolicy", "KeyId", "GetKeyPolicy", Aliases::Refused),
    ("GetKeyRotationStatus", "KeyId", "GetKeyRotationStatus", Aliases::Refused),
    ("GetParametersForImport", "KeyId", "GetParametersForImport", Aliases::Refused),
    ("GetPublicKey", "KeyId", "GetPublicKey", Aliases::Taken),
    ("ImportKeyMaterial", "KeyId", "ImportKeyMaterial", Aliases::Refused),
    ("ListAliases", "KeyId", "ListAliases", Aliases::Refused),
    ("ListGrants", "KeyId", "ListGrants", Aliases::Refused),
    ("ListKeyPolicies", "KeyId", "ListKeyPolicies", Aliases::Refused),
    ("ListKeyRotations", "KeyId", "ListKeyRotations", Aliases::Refused),
    ("ListResourceTags", "KeyId", "ListResourceTags", Aliases::Refused),
    ("PutKeyPolicy", "KeyId", "PutKeyPolicy", Aliases::Refused),
    ("ReEncrypt", "SourceKeyId", "ReEncryptFrom", Aliases::Taken),
    ("ReEncrypt", "DestinationKeyId", "ReEncryptTo", Aliases::Taken),
    ("ReplicateKey", "KeyId", "ReplicateKey", Aliases::Refused),
    ("RetireGrant", "KeyId", "RetireGrant", Aliases::Refused),
    ("RevokeGrant", "KeyId", "RevokeGrant", Aliases::Refused),
    ("RotateKeyOnDemand", "KeyId", "RotateKeyOnDemand", Aliases::Refused),
    ("ScheduleKeyDeletion", "KeyId", "ScheduleKeyDeletion", Aliases::Refused),
    ("Sign", "KeyId", "Sign", Aliases::Taken),
    ("TagResource", "KeyId", "TagResource", Aliases::Refused),
    ("UntagResource", "KeyId", "UntagResource", Aliases::Refused),
    ("UpdateAlias", "TargetKeyId", "UpdateAlias", Aliases::NoTarget),
    ("UpdateKeyDescription", "KeyId", "UpdateKeyDescription", Aliases::Refused),
    ("UpdatePrimaryRegion", "KeyId", "UpdatePrimaryRegion", Aliases::Refused),
    ("Verify", "KeyId", "Verify", Aliases::Taken),
    ("VerifyMac", "KeyId", "VerifyMac", Aliases::Taken),
];

/// The operations of the table.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    TABLE.into_iter().map(|(operation, ..)| operation)
}

/// An input of the operation that names the key so in this member, and is right otherwise.
fn input(subject: &Subject, member: &str, identifier: &str) -> Value {
    with(&subject.rest, json!({member: identifier}))
}

fn refused_alias(aliases: Aliases) -> AwsError {
    match aliases {
        Aliases::NoTarget => aws_error("ValidationException", "Aliases must refer to keys. Not aliases"),
        _ => aws_error("InvalidArnException", "Key Aliases are not supported for this operation."),
    }
}

fn alias_arn(account: &str) -> String {
    format!("arn:aws:kms:{REGION}:{account}:alias/it")
}

#[tokio::test]
async fn ids_and_arns_are_taken_everywhere_and_aliases_where_the_api_has_them() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    for (operation, member, _, aliases) in TABLE {
        for form in 0..4 {
            // A fresh account each time, since some of these change the key.
            let account = accounts.next().unwrap();
            let client = world.client(&account, REGION);
            let subject = Subject::of(operation, &client).await;
            if operation == "CancelKeyDeletion" {
                client.call("ScheduleKeyDeletion", json!({"KeyId": subject.key})).await.unwrap();
            }
            let identifier = [key_id_of(&subject.key), &subject.key, "alias/it", &alias_arn(&account)][form].to_owned();
            let result = client.call(operation, input(&subject, member, &identifier)).await;
            if form >= 2 && aliases != Aliases::Taken {
                assert_eq!(result, Err(refused_alias(aliases)), "{operation} {member} {identifier}");
            } else {
                assert!(result.is_ok(), "{operation} {member} {identifier}: {result:?}");
            }
        }
    }
}

/// What names no key of this account in [`REGION`]: identifier, code, text.
fn wrong_identifiers(account: &str) -> Vec<(String, &'static str, String)> {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let missing = format!("arn:aws:kms:{REGION}:{account}:key/{NO_KEY}");
    let does_not_exist = format!("Key '{missing}' does not exist");
    let invalid_id = |value: &str| (value.to_owned(), "NotFoundException", format!("Invalid keyId '{value}'"));
    let invalid_arn = |value: &str| (value.to_owned(), "InvalidArnException", format!("Invalid arn {value}"));
    vec![
        (NO_KEY.to_owned(), "NotFoundException", does_not_exist.clone()),
        (missing, "NotFoundException", does_not_exist),
        invalid_id("no-id"),
        invalid_id(" "),
        invalid_id(&id.to_uppercase()),
        invalid_id(&format!("{id} ")),
        invalid_id(&format!("key/{id}")),
        invalid_id("mrk-1234"),
        invalid_id("alias/"),
        invalid_id("alias/a b"),
        invalid_id("Alias/it"),
        (
            "mrk-0123456789abcdef0123456789abcdef".to_owned(),
            "NotFoundException",
            format!("Key 'arn:aws:kms:{REGION}:{account}:key/mrk-0123456789abcdef0123456789abcdef' does not exist"),
        ),
        ("x".repeat(2048), "NotFoundException", format!("Invalid keyId '{}'", "x".repeat(256))),
        invalid_arn("arn:aws:kms:us-east-1"),
        invalid_arn("arn:"),
        invalid_arn(&format!("arn:aws:s3:{REGION}:{account}:key/{NO_KEY}")),
        invalid_arn(&format!("arn:aws-cn:kms:{REGION}:{account}:key/{NO_KEY}")),
        invalid_arn(&format!("arn:aws:kms::{account}:key/{NO_KEY}")),
        invalid_arn(&format!("arn:aws:kms:{REGION}::key/{NO_KEY}")),
        invalid_arn(&format!("arn:aws:kms:{REGION}:{account}:{NO_KEY}")),
        invalid_arn(&format!("arn:aws:kms:{REGION}:{account}:key/no-id")),
        invalid_arn(&format!("arn:aws:kms:{REGION}:{account}:alias/")),
        (
            format!("arn:aws:kms:eu-west-1:{account}:key/{NO_KEY}"),
            "NotFoundException",
            "Invalid arn eu-west-1".to_owned(),
        ),
    ]
}

#[tokio::test]
async fn every_wrong_identifier_has_its_error() {
    let world = World::new().await;
    for ((operation, member, _, aliases), account) in TABLE.into_iter().zip(fresh_accounts()) {
        let client = world.client(&account, REGION);
        let subject = Subject::of(operation, &client).await;
        for (identifier, code, message) in wrong_identifiers(&account) {
            let error = client.call(operation, input(&subject, member, &identifier)).await;
            assert_eq!(error, Err(aws_error(code, &message)), "{operation} {member} {identifier}");
        }
        if aliases == Aliases::Taken {
            let error = client.call(operation, input(&subject, member, "alias/none")).await;
            let message = format!("Alias arn:aws:kms:{REGION}:{account}:alias/none is not found.");
            assert_eq!(error, Err(aws_error("NotFoundException", &message)), "{operation} {member}");
        }
        for (identifier, bound) in
            [(String::new(), "greater than or equal to 1"), ("x".repeat(2049), "less than or equal to 2048")]
        {
            let error = client.call(operation, input(&subject, member, &identifier)).await.unwrap_err();
            assert_eq!(error.code, "ValidationException", "{operation} {member}");
            assert!(error.message.ends_with(&format!("Member must have length {bound}")), "{}", error.message);
        }
    }
}

#[tokio::test]
async fn the_name_of_a_key_is_required_where_there_is_no_other_way_to_find_it() {
    // A ciphertext names its key, and aliases can be listed of all keys.
    let optional = [("Decrypt", "KeyId"), ("ListAliases", "KeyId"), ("ReEncrypt", "SourceKeyId")];
    let world = World::new().await;
    for ((operation, member, ..), account) in TABLE.into_iter().zip(fresh_accounts()) {
        let client = world.client(&account, REGION);
        let subject = Subject::of(operation, &client).await;
        let mut input = input(&subject, member, "");
        input[member] = Value::Null;
        let result = client.call(operation, input).await;
        if optional.contains(&(operation, member)) {
            assert!(result.is_ok(), "{operation} {member}: {result:?}");
            continue;
        }
        let path = format!("{}{}", member[..1].to_lowercase(), &member[1..]);
        let text = format!(
            "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!(result, Err(aws_error("ValidationException", &text)), "{operation} {member}");
    }
}

#[tokio::test]
async fn another_accounts_keys_cannot_be_told_from_missing_ones() {
    let world = World::new().await;
    let (existing, _) = key_and_blob(&world.client(ACCOUNT, REGION)).await;
    world
        .client(ACCOUNT, REGION)
        .call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": existing}))
        .await
        .unwrap();
    let missing = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}");
    for ((operation, member, action, aliases), account) in TABLE.into_iter().zip(fresh_accounts()) {
        let stranger = world.client(&account, REGION);
        let own = Subject::of(operation, &stranger).await;
        let denied = aws_error(
            "AccessDeniedException",
            &format!(
                "User: arn:aws:iam::{account}:root is not authorized to perform: kms:{action} on this resource \
                 because the resource does not exist in this Region, no resource-based policies allow access, or a \
                 resource-based policy explicitly denies access"
            ),
        );
        for identifier in [&existing, &missing] {
            let error = stranger.call(operation, input(&own, member, identifier)).await;
            assert_eq!(error, Err(denied.clone()), "{operation} {member} {identifier}");
        }
        // A bare id is looked up among one's own, where it is not.
        let error = stranger.call(operation, input(&own, member, key_id_of(&existing))).await;
        assert_eq!(error.unwrap_err().code, "NotFoundException", "{operation} {member}");
        // An alias ARN is refused as an alias or as another account's.
        let expected = if aliases == Aliases::Taken { denied } else { refused_alias(aliases) };
        let error = stranger.call(operation, input(&own, member, &alias_arn(ACCOUNT))).await;
        assert_eq!(error, Err(expected), "{operation} {member}");
    }
}

#[tokio::test]
async fn the_key_behind_a_ciphertext_is_hidden_from_strangers_and_other_regions() {
    let world = World::new().await;
    let (key, blob) = key_and_blob(&world.client(ACCOUNT, REGION)).await;
    let denied = aws_error(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are \
         not allowed to access.",
    );
    for (account, region) in [(OTHER_ACCOUNT, REGION), (ACCOUNT, "eu-west-1")] {
        let client = world.client(account, region);
        let decrypt = client.call("Decrypt", json!({"CiphertextBlob": blob})).await;
        assert_eq!(decrypt, Err(denied.clone()), "{account} {region}");
        let own = client.call("CreateKey", json!({})).await.unwrap();
        let input = json!({"CiphertextBlob": blob, "DestinationKeyId": text(&own["KeyMetadata"]["KeyId"])});
        assert_eq!(client.call("ReEncrypt", input).await, Err(denied.clone()), "{account} {region}");
        let error = client.call("DescribeKey", json!({"KeyId": key_id_of(&key)})).await.unwrap_err();
        assert_eq!(error.code, "NotFoundException", "{account} {region}");
    }
}
