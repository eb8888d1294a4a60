//! Every operation in every state that a key can be in today: the key-state table, cell by cell.

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use crate::subjects::Subject;
use crate::support::{ACCOUNT, HI, REGION, aws_error, create_key, describe, encrypt, fresh_accounts, with};

/// What an operation answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Disabled,
    External,
    NotPendingDeletion,
    Ok,
    PendingDeletion,
    PendingImport,
}

use Outcome::PendingImport as PI;
use Outcome::{Disabled as D, External as EX, NotPendingDeletion as NP, Ok as OK, PendingDeletion as PD};

/// The states, in the order of the table's columns.
const STATES: [&str; 4] = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"];

/// Operation, then its outcome in each state.
const TABLE: [(&str, [Outcome; 4]); 46] = [
    ("CancelKeyDeletion", [NP, NP, OK, NP]),
    ("CreateAlias", [OK, OK, PD, OK]),
    ("CreateGrant", [OK, D, PD, PI]),
    ("Decapsulate", [OK, D, PD, PI]),
    ("Decrypt", [OK, D, PD, PI]),
    ("DeleteAlias", [OK, OK, OK, OK]),
    ("DeleteImportedKeyMaterial", [OK, OK, OK, OK]),
    ("DeriveSharedSecret", [OK, D, PD, PI]),
    ("DescribeKey", [OK, OK, OK, OK]),
    ("DisableKey", [OK, OK, PD, PI]),
    ("DisableKeyRotation", [OK, D, PD, EX]),
    ("EnableKey", [OK, OK, PD, PI]),
    ("EnableKeyRotation", [OK, D, PD, EX]),
    ("Encapsulate", [OK, D, PD, PI]),
    ("Encrypt", [OK, D, PD, PI]),
    ("GenerateDataKey", [OK, D, PD, PI]),
    ("GenerateDataKeyPair", [OK, D, PD, PI]),
    ("GenerateDataKeyPairWithoutPlaintext", [OK, D, PD, PI]),
    ("GenerateDataKeyWithoutPlaintext", [OK, D, PD, PI]),
    ("GenerateMac", [OK, D, PD, PI]),
    ("GetKeyLastUsage", [OK, OK, OK, OK]),
    ("GetKeyPolicy", [OK, OK, OK, OK]),
    // EX or ok in PendingImport, says AWS; keys with imported material rotate on demand, so they have a status.
    ("GetKeyRotationStatus", [OK, OK, OK, OK]),
    ("GetParametersForImport", [OK, OK, PD, OK]),
    // The newest table of AWS says ok for PendingImport, but there is no public key before the first import. (After it
    // there is: `imports/lifecycle.rs`.)
    ("GetPublicKey", [OK, OK, PD, PI]),
    ("ImportKeyMaterial", [OK, OK, PD, OK]),
    ("ListAliases", [OK, OK, OK, OK]),
    ("ListGrants", [OK, OK, OK, OK]),
    ("ListKeyPolicies", [OK, OK, OK, OK]),
    ("ListKeyRotations", [OK, OK, OK, OK]),
    ("ListResourceTags", [OK, OK, OK, OK]),
    ("PutKeyPolicy", [OK, OK, OK, OK]),
    ("ReEncrypt", [OK, D, PD, PI]),
    ("ReplicateKey", [OK, D, PD, PI]),
    ("RetireGrant", [OK, OK, OK, OK]),
    ("RevokeGrant", [OK, OK, OK, OK]),
    ("RotateKeyOnDemand", [OK, D, PD, PI]),
    ("ScheduleKeyDeletion", [OK, OK, PD, OK]),
    ("Sign", [OK, D, PD, PI]),
    ("TagResource", [OK, OK, PD, OK]),
    ("UntagResource", [OK, OK, PD, OK]),
    ("UpdateAlias", [OK, OK, PD, OK]),
    ("UpdateKeyDescription", [OK, OK, PD, OK]),
    ("UpdatePrimaryRegion", [OK, D, PD, PI]),
    ("Verify", [OK, D, PD, PI]),
    ("VerifyMac", [OK, D, PD, PI]),
];

/// The operations of the table.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    TABLE.into_iter().map(|(operation, _)| operation)
}

/// A key for the operation in this state.
async fn subject_in_state(operation: &str, state: &str, client: &Client<'_>) -> Subject {
    if state == "PendingImport" {
        return Subject::without_material(operation, client).await;
    }
    let subject = match (operation, state) {
        // With a replica it would be PendingReplicaDeletion.
        ("UpdatePrimaryRegion", "PendingDeletion") => {
            let Subject { key, .. } = Subject::of("ReplicateKey", client).await;
            Subject { key, rest: json!({"PrimaryRegion": "eu-west-1"}) }
        }
        _ => Subject::of(operation, client).await,
    };
    let way = match state {
        "Enabled" => "EnableKey",
        "Disabled" => "DisableKey",
        "PendingDeletion" => "ScheduleKeyDeletion",
        _ => panic!("no such state"),
    };
    client.call(way, json!({"KeyId": subject.key})).await.unwrap();
    subject
}

/// The input that names the key where the operation does.
pub(crate) fn input(operation: &str, subject: &Subject) -> Value {
    let Subject { key, rest } = subject;
    match operation {
        "CreateAlias" | "UpdateAlias" => with(rest, json!({"TargetKeyId": key})),
        "DeleteAlias" => json!({"AliasName": "alias/it"}),
        "ReEncrypt" => rest.clone(),
        _ => with(rest, json!({"KeyId": key})),
    }
}

fn outcome(arn: &str, result: Result<Value, AwsError>) -> Outcome {
    let Err(error) = result else { return OK };
    let (code, text) = (error.code.as_str(), error.message.as_str());
    match (code, text.strip_prefix(arn)) {
        ("DisabledException", Some(" is disabled.")) => D,
        ("UnsupportedOperationException", Some(" origin is EXTERNAL which is not valid for this operation.")) => EX,
        ("KMSInvalidStateException", Some(" is not pending deletion.")) => NP,
        ("KMSInvalidStateException", Some(" is pending deletion.")) => PD,
        ("KMSInvalidStateException", Some(" is pending import.")) => PI,
        _ => panic!("no outcome of the table: {error:?}"),
    }
}

#[tokio::test]
async fn every_operation_answers_every_state_as_the_table_says() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    for (operation, expected) in TABLE {
        for (state, expected) in STATES.into_iter().zip(expected) {
            let client = world.client(&accounts.next().unwrap(), REGION);
            let subject = subject_in_state(operation, state, &client).await;
            assert_eq!(describe(&client, &subject.key).await["KeyState"], state);
            let result = client.call(operation, input(operation, &subject)).await;
            assert_eq!(outcome(&subject.key, result), expected, "{operation} in {state}");
        }
    }
}

#[tokio::test]
async fn scheduling_deletion_twice_is_refused_and_moves_nothing() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let before = describe(&client, &key).await;
    let again = client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await;
    assert_eq!(outcome(&key, again), PD);
    assert_eq!(describe(&client, &key).await, before);
}

/// The rows of imports are of keys with origin EXTERNAL; to others they answer alike in every state.
#[tokio::test]
async fn imports_are_for_keys_of_external_origin_whatever_their_state() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    for operation in ["DeleteImportedKeyMaterial", "GetParametersForImport", "ImportKeyMaterial"] {
        let external = Subject::of(operation, &client).await;
        let key = create_key(&client).await;
        for way in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
            client.call(way, json!({"KeyId": key})).await.unwrap();
            let error = client.call(operation, with(&external.rest, json!({"KeyId": key}))).await;
            let text = format!("{key} origin is AWS_KMS which is not valid for this operation.");
            assert_eq!(error, Err(aws_error("UnsupportedOperationException", &text)), "{operation} after {way}");
        }
        for alias in ["alias/it", "alias/other"] {
            client.call("DeleteAlias", json!({"AliasName": alias})).await.unwrap();
        }
    }
}

/// A key without material is never enabled by a detour.
#[tokio::test]
async fn a_key_without_material_waits_for_it_again_when_its_deletion_is_cancelled() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let Subject { key, .. } = Subject::without_material("Encrypt", &client).await;
    let before = describe(&client, &key).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert_eq!(describe(&client, &key).await, before);
    assert_eq!(before["KeyState"], "PendingImport");
    assert_eq!(outcome(&key, client.call("EnableKey", json!({"KeyId": key})).await), PI);
}

#[tokio::test]
async fn each_key_of_a_re_encryption_is_asked_for_its_state() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let keys = [create_key(&client).await, create_key(&client).await];
    let blob = encrypt(&client, &keys[0], HI).await;
    let input = json!({"CiphertextBlob": blob, "DestinationKeyId": keys[1]});
    for key in &keys {
        client.call("DisableKey", json!({"KeyId": key})).await.unwrap();
        let result = client.call("ReEncrypt", input.clone()).await;
        assert_eq!(outcome(key, result), D);
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    }
    client.call("ReEncrypt", input).await.unwrap();
}
