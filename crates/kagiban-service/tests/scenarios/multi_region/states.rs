//! The columns of the key-state table that only multi-Region keys have, cell by cell.

use std::collections::BTreeSet;

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use super::{THIRD, in_region, replicate};
use crate::states::{input, operations};
use crate::subjects::{REPLICA_REGION, Subject};
use crate::support::{HI, REGION, aws_error, describe, encrypt, fresh_accounts, with};

/// What is said behind the key's ARN; nothing when it is done.
const OK: &str = "";
const CR: &str = " is creating.";
const NP: &str = " is not pending deletion.";
const PR: &str = " is pending replica deletion.";
const UP: &str = " is updating.";
/// There can be no grant on a key that is Creating.
const NONE: &str = "none";

const STATES: [&str; 3] = ["PendingReplicaDeletion", "Creating", "Updating"];

/// Operation, then its outcome in each state.
const TABLE: [(&str, [&str; 3]); 46] = [
    ("CancelKeyDeletion", [OK, NP, NP]),
    ("CreateAlias", [PR, OK, OK]),
    ("CreateGrant", [PR, CR, OK]),
    ("Decapsulate", [PR, CR, OK]),
    ("Decrypt", [PR, CR, OK]),
    ("DeleteAlias", [OK, OK, OK]),
    ("DeleteImportedKeyMaterial", [OK, CR, UP]),
    ("DeriveSharedSecret", [PR, CR, OK]),
    ("DescribeKey", [OK, OK, OK]),
    ("DisableKey", [PR, CR, UP]),
    ("DisableKeyRotation", [PR, CR, OK]),
    ("EnableKey", [PR, CR, UP]),
    ("EnableKeyRotation", [PR, CR, OK]),
    ("Encapsulate", [PR, CR, OK]),
    ("Encrypt", [PR, CR, OK]),
    ("GenerateDataKey", [PR, CR, OK]),
    ("GenerateDataKeyPair", [PR, CR, OK]),
    ("GenerateDataKeyPairWithoutPlaintext", [PR, CR, OK]),
    ("GenerateDataKeyWithoutPlaintext", [PR, CR, OK]),
    ("GenerateMac", [PR, CR, OK]),
    ("GetKeyLastUsage", [OK, OK, OK]),
    ("GetKeyPolicy", [OK, OK, OK]),
    ("GetKeyRotationStatus", [OK, OK, OK]),
    ("GetParametersForImport", [PR, CR, UP]),
    ("GetPublicKey", [PR, CR, OK]),
    ("ImportKeyMaterial", [PR, CR, OK]),
    ("ListAliases", [OK, OK, OK]),
    ("ListGrants", [OK, OK, OK]),
    ("ListKeyPolicies", [OK, OK, OK]),
    ("ListKeyRotations", [OK, OK, OK]),
    ("ListResourceTags", [OK, OK, OK]),
    ("PutKeyPolicy", [OK, OK, OK]),
    ("ReEncrypt", [PR, CR, OK]),
    ("ReplicateKey", [PR, CR, UP]),
    ("RetireGrant", [OK, NONE, OK]),
    ("RevokeGrant", [OK, NONE, OK]),
    ("RotateKeyOnDemand", [PR, CR, OK]),
    ("ScheduleKeyDeletion", [PR, OK, UP]),
    ("Sign", [PR, CR, OK]),
    ("TagResource", [PR, OK, OK]),
    ("UntagResource", [PR, OK, OK]),
    ("UpdateAlias", [PR, OK, OK]),
    ("UpdateKeyDescription", [PR, OK, OK]),
    ("UpdatePrimaryRegion", [PR, CR, OK]),
    ("Verify", [PR, CR, OK]),
    ("VerifyMac", [PR, CR, OK]),
];

/// A replica that waits for its material, and a key beside it that has some.
async fn creating(operation: &str, client: &Client<'_>) -> Subject {
    let there = client.in_region(THIRD);
    let Subject { rest, .. } = Subject::of(operation, &there).await;
    let primary = Subject::multi_region_key(operation, client).await;
    let more = match operation {
        "Decrypt" | "ReEncrypt" => json!({"CiphertextBlob": encrypt(client, &primary, HI).await}),
        _ => json!({}),
    };
    let key = replicate(client, &primary, THIRD).await;
    there.call("UpdateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    let of_both = json!({"SourceKeyId": key, "DestinationKeyId": key});
    let rest = if operation == "ReEncrypt" { with(&rest, of_both) } else { rest };
    Subject { key, rest: with(&rest, more) }
}

/// A primary with a replica in this state.
async fn primary(operation: &str, state: &str, client: &Client<'_>) -> Subject {
    let subject = Subject::of_multi_region(operation, client).await;
    replicate(client, &subject.key, THIRD).await;
    if state == "PendingReplicaDeletion" {
        client.call("ScheduleKeyDeletion", json!({"KeyId": subject.key})).await.unwrap();
        return subject;
    }
    client.world().service.run_due_jobs().await;
    if describe(&client.in_region(THIRD), &in_region(&subject.key, THIRD)).await["KeyState"] == "PendingImport" {
        crate::subjects::import(&client.in_region(THIRD), &in_region(&subject.key, THIRD)).await;
    }
    // The operation itself again, where it is the one.
    let region = if operation == "UpdatePrimaryRegion" { REPLICA_REGION } else { THIRD };
    client.call("UpdatePrimaryRegion", json!({"KeyId": subject.key, "PrimaryRegion": region})).await.unwrap();
    subject
}

fn outcome(arn: &str, result: Result<Value, AwsError>) -> String {
    match result {
        Ok(_) => OK.to_owned(),
        Err(error) if error.code == "KMSInvalidStateException" => error.message.replace(arn, ""),
        Err(error) => panic!("no outcome of the table: {error:?}"),
    }
}

#[tokio::test]
async fn every_operation_answers_every_state_of_multi_region_keys_as_the_table_says() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    for (operation, expected) in TABLE {
        for (state, expected) in STATES.into_iter().zip(expected).filter(|(_, expected)| *expected != NONE) {
            let client = world.client(&accounts.next().unwrap(), REGION);
            let subject = match state {
                "Creating" => creating(operation, &client).await,
                _ => primary(operation, state, &client).await,
            };
            let client = client.in_region_of(&subject.key);
            assert_eq!(describe(&client, &subject.key).await["KeyState"], state, "{operation}");
            let result = client.call(operation, input(operation, &subject)).await;
            assert_eq!(outcome(&subject.key, result), expected, "{operation} in {state}");
        }
    }
}

/// Automatic rotation of imported material: what kind of key it is, is asked before its state.
#[tokio::test]
async fn imported_material_does_not_rotate_automatically_in_any_of_these_states() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    for state in STATES {
        for operation in ["EnableKeyRotation", "DisableKeyRotation"] {
            let client = world.client(&accounts.next().unwrap(), REGION);
            // An import is what makes keys of origin EXTERNAL here.
            let of_import = "ImportKeyMaterial";
            let subject = match state {
                "Creating" => creating(of_import, &client).await,
                _ => primary(of_import, state, &client).await,
            };
            let client = client.in_region_of(&subject.key);
            let metadata = describe(&client, &subject.key).await;
            assert_eq!(
                (&metadata["KeyState"], &metadata["Origin"]),
                (&json!(state), &json!("EXTERNAL")),
                "{operation}"
            );
            let text = format!("{} origin is EXTERNAL which is not valid for this operation.", subject.key);
            let refused = client.call(operation, json!({"KeyId": subject.key})).await;
            assert_eq!(refused, Err(aws_error("UnsupportedOperationException", &text)), "{operation} in {state}");
            let status = client.call("GetKeyRotationStatus", json!({"KeyId": subject.key})).await.unwrap();
            assert_eq!(status["KeyRotationEnabled"], false, "{state}");
        }
    }
}

#[test]
fn every_operation_is_in_the_table() {
    let table: BTreeSet<_> = TABLE.into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(table, operations().collect());
}
