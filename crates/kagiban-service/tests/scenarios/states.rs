//! Every operation in every state that a key can be in today: the key-state table, cell by cell.

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

/// What an operation answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Ok,
    Disabled,
    NotPendingDeletion,
    PendingDeletion,
}

use Outcome::{Disabled as D, NotPendingDeletion as NP, Ok as OK, PendingDeletion as PD};

/// Operation, then its outcome in Enabled, Disabled, PendingDeletion.
const TABLE: [(&str, [Outcome; 3]); 20] = [
    ("CancelKeyDeletion", [NP, NP, OK]),
    ("CreateAlias", [OK, OK, PD]),
    ("Decrypt", [OK, D, PD]),
    ("DeleteAlias", [OK, OK, OK]),
    ("DescribeKey", [OK, OK, OK]),
    ("DisableKey", [OK, OK, PD]),
    ("EnableKey", [OK, OK, PD]),
    ("Encrypt", [OK, D, PD]),
    ("GenerateDataKey", [OK, D, PD]),
    ("GenerateDataKeyWithoutPlaintext", [OK, D, PD]),
    ("GetKeyPolicy", [OK, OK, OK]),
    ("ListAliases", [OK, OK, OK]),
    ("ListKeyPolicies", [OK, OK, OK]),
    ("ListResourceTags", [OK, OK, OK]),
    ("PutKeyPolicy", [OK, OK, OK]),
    ("ReEncrypt", [OK, D, PD]),
    ("TagResource", [OK, OK, PD]),
    ("UntagResource", [OK, OK, PD]),
    ("UpdateAlias", [OK, OK, PD]),
    ("UpdateKeyDescription", [OK, OK, PD]),
];

/// A key in a state, with what the operations need around it.
struct Scene {
    arn: String,
    blob: Value,
    policy: Value,
}

impl Scene {
    async fn in_state(client: &Client<'_>, state: &str) -> Self {
        let key = client.call("CreateKey", json!({})).await.unwrap();
        let arn = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
        let blob = client.call("Encrypt", json!({"KeyId": arn, "Plaintext": "aGk="})).await.unwrap();
        let policy = client.call("GetKeyPolicy", json!({"KeyId": arn})).await.unwrap();
        client.call("CreateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": arn})).await.unwrap();
        let other = client.call("CreateKey", json!({})).await.unwrap();
        let other = other["KeyMetadata"]["Arn"].as_str().unwrap();
        client.call("CreateAlias", json!({"AliasName": "alias/other", "TargetKeyId": other})).await.unwrap();
        match state {
            "Enabled" => {}
            "Disabled" => drop(client.call("DisableKey", json!({"KeyId": arn})).await.unwrap()),
            "PendingDeletion" => drop(client.call("ScheduleKeyDeletion", json!({"KeyId": arn})).await.unwrap()),
            _ => panic!("no such state"),
        }
        Self { arn, blob: blob["CiphertextBlob"].clone(), policy: policy["Policy"].clone() }
    }

    fn input(&self, operation: &str) -> Value {
        let mut input = json!({"KeyId": self.arn});
        let more = match operation {
            "CreateAlias" => json!({"AliasName": "alias/new", "TargetKeyId": self.arn}),
            "Decrypt" => json!({"CiphertextBlob": self.blob}),
            "DeleteAlias" => json!({"AliasName": "alias/mine"}),
            "Encrypt" => json!({"Plaintext": "aGk="}),
            "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => json!({"KeySpec": "AES_256"}),
            "PutKeyPolicy" => json!({"Policy": self.policy}),
            "ReEncrypt" => json!({"CiphertextBlob": self.blob, "DestinationKeyId": self.arn}),
            "TagResource" => json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
            "UntagResource" => json!({"TagKeys": ["a"]}),
            "UpdateAlias" => json!({"AliasName": "alias/other", "TargetKeyId": self.arn}),
            "UpdateKeyDescription" => json!({"Description": "d"}),
            _ => json!({}),
        };
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    }
}

fn outcome(arn: &str, result: Result<Value, AwsError>) -> Outcome {
    let Err(error) = result else { return OK };
    let (code, text) = (error.code.as_str(), error.message.as_str());
    match (code, text.strip_prefix(arn)) {
        ("DisabledException", Some(" is disabled.")) => D,
        ("KMSInvalidStateException", Some(" is not pending deletion.")) => NP,
        ("KMSInvalidStateException", Some(" is pending deletion.")) => PD,
        _ => panic!("no outcome of the table: {error:?}"),
    }
}

#[tokio::test]
async fn every_operation_answers_every_state_as_the_table_says() {
    for (operation, expected) in TABLE {
        for (state, expected) in ["Enabled", "Disabled", "PendingDeletion"].into_iter().zip(expected) {
            let world = World::new().await;
            let client = world.client("111122223333", "us-east-1");
            let scene = Scene::in_state(&client, state).await;
            let result = client.call(operation, scene.input(operation)).await;
            assert_eq!(outcome(&scene.arn, result), expected, "{operation} in {state}");
        }
    }
}

#[tokio::test]
async fn scheduling_deletion_twice_is_refused_and_moves_nothing() {
    let world = World::new().await;
    let client = world.client("111122223333", "us-east-1");
    let scene = Scene::in_state(&client, "PendingDeletion").await;
    let before = client.call("DescribeKey", json!({"KeyId": scene.arn})).await.unwrap();
    let again = client.call("ScheduleKeyDeletion", json!({"KeyId": scene.arn, "PendingWindowInDays": 7})).await;
    assert_eq!(outcome(&scene.arn, again), PD);
    assert_eq!(client.call("DescribeKey", json!({"KeyId": scene.arn})).await.unwrap(), before);
}

#[tokio::test]
async fn each_key_of_a_re_encryption_is_asked_for_its_state() {
    let world = World::new().await;
    let client = world.client("111122223333", "us-east-1");
    let mut keys = Vec::new();
    for _ in 0..2 {
        let key = client.call("CreateKey", json!({})).await.unwrap();
        keys.push(key["KeyMetadata"]["Arn"].clone());
    }
    let blob = client.call("Encrypt", json!({"KeyId": keys[0], "Plaintext": "aGk="})).await.unwrap();
    let input = json!({"CiphertextBlob": blob["CiphertextBlob"], "DestinationKeyId": keys[1]});
    for key in &keys {
        client.call("DisableKey", json!({"KeyId": key})).await.unwrap();
        let result = client.call("ReEncrypt", input.clone()).await;
        assert_eq!(outcome(key.as_str().unwrap(), result), D);
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    }
    client.call("ReEncrypt", input).await.unwrap();
}
