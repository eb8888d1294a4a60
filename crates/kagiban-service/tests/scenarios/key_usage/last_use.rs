//! GetKeyLastUsage: exact to the operation, over restarts, nodes and threads.

use kagiban_base::event_id::EventId;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_testkit::{Client, USES, World};
use serde_json::{Value, json};

use super::{call, save, usage};
use crate::subjects::Subject;
use crate::support::{
    ACCOUNT, HI, OTHER_ACCOUNT, REGION, Scene, create_key, encrypt, fresh_accounts, key_and_blob, key_id_of, with,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[expect(clippy::cast_precision_loss, reason = "dates of our time")]
fn seconds(at: Timestamp) -> f64 {
    at.unix_ms() as f64 / 1000.0
}

fn assert_last(answer: &Value, operation: &str, request_id: &str, at: Timestamp) {
    let event = EventId::of(request_id.parse().unwrap(), ACCOUNT.parse().unwrap());
    let last = &answer["KeyLastUsage"];
    assert_eq!(last["Operation"], operation);
    assert_eq!(last["KmsRequestId"], request_id, "{operation}");
    assert_eq!(last["CloudTrailEventId"], event.as_str(), "{operation}");
    assert_eq!(last["Timestamp"].as_f64().unwrap(), seconds(at), "{operation}");
}

/// The input of an operation on its subject.
fn input(operation: &str, subject: &Subject) -> Value {
    if operation == "ReEncrypt" { subject.rest.clone() } else { with(&subject.rest, json!({"KeyId": subject.key})) }
}

#[tokio::test]
async fn each_of_the_14_operations_is_told_with_its_time_and_its_request() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    for operation in USES {
        let subject = Subject::of(operation, &client).await;
        world.clock.move_by_ms(DAY_MS + 1);
        let request_id = call(&world, &client, operation, &input(operation, &subject)).await;
        let used_at = world.clock.now();
        world.clock.move_by_ms(1000);
        let answer = usage(&client, &subject.key).await;
        assert_last(&answer, operation, &request_id, used_at);
        assert_eq!(answer["KeyId"], key_id_of(&subject.key));
        for alias in ["alias/it", "alias/other"] {
            client.call("DeleteAlias", json!({"AliasName": alias})).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_without_use_has_an_empty_last_usage_and_dates() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let began = world.clock.now();
    let early = create_key(&client).await;
    world.clock.move_by_ms(DAY_MS);
    let late = create_key(&client).await;
    for (key, created) in [(early, began), (late, world.clock.now())] {
        let answer = usage(&client, &key).await;
        assert_eq!(answer["KeyLastUsage"], json!({}));
        assert_eq!(answer["KeyCreationDate"].as_f64().unwrap(), seconds(created));
        assert_eq!(answer["TrackingStartDate"].as_f64().unwrap(), seconds(created.max(began)));
        assert_eq!(answer.as_object().unwrap().len(), 4);
    }
}

/// The fixtures hold a use that an older version wrote down, and keys that are older than what is known.
#[tokio::test]
async fn in_every_state_by_id_and_arn_of_the_own_account_only() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, _) = key_and_blob(&client).await;
    let expected = usage(&client, &key).await;
    assert_eq!(expected["KeyLastUsage"]["Operation"], "Encrypt");
    for change in ["DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"] {
        client.call(change, json!({"KeyId": key})).await.unwrap();
        assert_eq!(usage(&client, &key).await, expected, "{change}");
        assert_eq!(usage(&client, key_id_of(&key)).await, expected, "{change}");
    }
    let other = scene.world.client(OTHER_ACCOUNT, REGION);
    let refused = other.call("GetKeyLastUsage", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
}

#[tokio::test]
async fn what_is_no_use_of_the_material_is_none() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    // A dry run of each, and a use in vain.
    for operation in USES {
        let client = world.client(&accounts.next().unwrap(), REGION);
        let subject = Subject::of(operation, &client).await;
        let before = usage(&client, &subject.key).await;
        world.clock.move_by_ms(1);
        let dry = with(&input(operation, &subject), json!({"DryRun": true}));
        assert_eq!(client.call(operation, dry).await.unwrap_err().code, "DryRunOperationException", "{operation}");
        client.call("DisableKey", json!({"KeyId": subject.key})).await.unwrap();
        client.call(operation, input(operation, &subject)).await.unwrap_err();
        assert_eq!(usage(&client, &subject.key).await, before, "{operation}");
    }
    let client = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&client).await;
    let before = usage(&client, &key).await;
    world.clock.move_by_ms(1);
    let wrong = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
    client.call("Decrypt", wrong).await.unwrap_err();
    for operation in ["DescribeKey", "GetKeyPolicy", "ListGrants", "GetKeyRotationStatus", "RotateKeyOnDemand"] {
        client.call(operation, json!({"KeyId": key})).await.unwrap();
    }
    client.call("GenerateRandom", json!({"NumberOfBytes": 8})).await.unwrap();
    assert_eq!(usage(&client, &key).await, before);
}

#[tokio::test]
async fn re_encryption_uses_both_keys() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let (source, blob) = key_and_blob(&client).await;
    let destination = create_key(&client).await;
    world.clock.move_by_ms(1);
    let again = json!({"CiphertextBlob": blob, "DestinationKeyId": destination});
    let request_id = call(&world, &client, "ReEncrypt", &again).await;
    for key in [&source, &destination] {
        assert_last(&usage(&client, key).await, "ReEncrypt", &request_id, world.clock.now());
    }
}

/// The event of a request is another one in the key owner's account than in the caller's.
#[tokio::test]
async fn a_use_by_another_account_is_one_for_the_owner() {
    let world = World::new().await;
    let (owner, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let key = create_key(&owner).await;
    let grant = json!({"KeyId": key, "GranteePrincipal": OTHER_ACCOUNT, "Operations": ["Encrypt"]});
    let statement = json!({
        "Effect": "Allow", "Principal": {"AWS": [ACCOUNT, OTHER_ACCOUNT]}, "Action": "kms:*", "Resource": "*",
    });
    owner.call("CreateGrant", grant).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    owner.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
    let request_id = call(&world, &other, "Encrypt", &json!({"KeyId": key, "Plaintext": HI})).await;
    assert_last(&usage(&owner, &key).await, "Encrypt", &request_id, world.clock.now());
}

#[tokio::test]
async fn the_last_of_many_uses_in_one_millisecond_is_told() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&client).await;
    for turn in 0..20 {
        let (operation, input) = match turn % 2 {
            0 => ("Decrypt", json!({"CiphertextBlob": blob})),
            _ => ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        };
        let request_id = call(&world, &client, operation, &input).await;
        assert_last(&usage(&client, &key).await, operation, &request_id, world.clock.now());
        if turn % 3 == 0 {
            save(&world).await;
            assert_last(&usage(&client, &key).await, operation, &request_id, world.clock.now());
        }
    }
}

/// A shutdown in order writes everything down, a kill loses what was not written.
#[tokio::test]
async fn uses_live_through_restarts_once_they_are_written_down() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&client).await;
    let decrypt = json!({"CiphertextBlob": blob});
    world.clock.move_by_ms(1);
    let request_id = call(&world, &client, "Decrypt", &decrypt).await;
    let written = usage(&client, &key).await;
    save(&world).await;
    assert_eq!(usage(&client, &key).await, written);
    world.clock.move_by_ms(DAY_MS);
    call(&world, &client, "Encrypt", &json!({"KeyId": key, "Plaintext": HI})).await;

    let killed = world.restarted().await;
    let client = killed.client(ACCOUNT, REGION);
    assert_eq!(usage(&client, &key).await, written);
    assert_eq!(written["KeyLastUsage"]["KmsRequestId"], request_id);
    // Nothing new: nothing is written, and what is there stays.
    save(&killed).await;
    assert_eq!(usage(&killed.restarted().await.client(ACCOUNT, REGION), &key).await, written);
}

#[tokio::test]
async fn of_two_nodes_the_latest_use_counts() {
    let one = World::new().await;
    let key = create_key(&one.client(ACCOUNT, REGION)).await;
    let two = one.restarted().await;
    let encrypt = json!({"KeyId": key, "Plaintext": HI});
    // The later use is written down first, and then the earlier one.
    call(&one, &one.client(ACCOUNT, REGION), "Encrypt", &encrypt).await;
    two.clock.move_by_ms(1);
    let last = call(&two, &two.client(ACCOUNT, REGION), "Encrypt", &encrypt).await;
    save(&two).await;
    save(&one).await;
    for node in [&one, &two, &one.restarted().await] {
        let client = node.client(ACCOUNT, REGION);
        assert_last(&usage(&client, &key).await, "Encrypt", &last, two.clock.now());
    }
}

/// Notes of keys that are not in use leave the memory, and come back with the next use.
#[tokio::test]
async fn writing_down_again_and_again_loses_nothing() {
    let scene = Scene::new().await;
    let (world, client) = (&scene.world, scene.client());
    let (key, _) = key_and_blob(&client).await;
    save(world).await;
    let revision = scene.revision().await;
    for _ in 0..3 {
        save(world).await;
    }
    assert_eq!(scene.revision().await, revision);
    let use_it = async || {
        world.clock.move_by_ms(1);
        call(world, &client, "GenerateDataKey", &json!({"KeyId": key, "KeySpec": "AES_256"})).await
    };
    let request_id = use_it().await;
    save(world).await;
    assert_last(&usage(&client, &key).await, "GenerateDataKey", &request_id, world.clock.now());
    // Another record of the key finds what was noted with the one before.
    use_it().await;
    client.call("UpdateKeyDescription", json!({"KeyId": key, "Description": "changed"})).await.unwrap();
    let request_id = use_it().await;
    assert_last(&usage(&client, &key).await, "GenerateDataKey", &request_id, world.clock.now());
}

#[tokio::test]
async fn a_deleted_key_leaves_no_last_use_behind() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, _) = key_and_blob(&client).await;
    save(&scene.world).await;
    assert_eq!(scene.row_count_of("key-use").await, 1);
    encrypt(&client, &key, HI).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    scene.world.clock.move_by_ms(7 * DAY_MS);
    scene.world.service.run_due_jobs().await;
    save(&scene.world).await;
    assert_eq!(scene.row_count_of("key-use").await, 0);
}

/// While uses go on, they are read and written down: at the end the last is the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_writers_at_once_hide_no_use() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&client).await;
    for _ in 0..50 {
        let service = std::sync::Arc::clone(&world.service);
        let writing = tokio::spawn(async move { service.key_use_writer().save().await.unwrap() });
        world.clock.move_by_ms(1);
        let request_id = call(&world, &client, "Decrypt", &json!({"CiphertextBlob": blob})).await;
        let told = usage(&client, &key).await;
        assert_last(&told, "Decrypt", &request_id, world.clock.now());
        writing.await.unwrap();
    }
}

/// Callers need the permission of their own.
#[tokio::test]
async fn it_asks_for_its_own_permission() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let asks = async |client: &Client<'_>| client.call("GetKeyLastUsage", json!({"KeyId": key})).await;
    let allow = |action: &str| {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let describer = root.user("describer", &allow("kms:DescribeKey")).await;
    assert_eq!(asks(&describer).await.unwrap_err().code, "AccessDeniedException");
    let auditor = root.user("auditor", &allow("kms:GetKeyLastUsage")).await;
    asks(&auditor).await.unwrap();
}
