//! The end of a key after its waiting period: all of it goes and nothing else, whatever cuts in, and not a moment too soon.

use std::sync::Arc;

use kagiban_base::time::DAY_MS;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{Engine, EngineError, MemoryEngine};
use kagiban_testkit::{Client, SeededRandom, World};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, NO_KEY, REGION, Scene, create_key, describe, encrypt, key_id_of, tells_of_deletion, texts_of,
};

/// A key with everything that a key can have, in more than one batch, whose deletion is scheduled in 7 days; and a blob.
async fn doomed(client: &Client<'_>, aliases: usize, grants: usize) -> (String, String) {
    let key = create_key(client).await;
    let blob = encrypt(client, &key, HI).await;
    client.call("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]})).await.unwrap();
    for number in 0..aliases {
        let name = format!("alias/doomed-{number}");
        client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
    }
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for number in 0..grants {
        let input = json!({
            "KeyId": key, "GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Decrypt"],
            "Name": number.to_string(),
        });
        client.call("CreateGrant", input).await.unwrap();
    }
    schedule(client, &key).await;
    (key, blob)
}

async fn schedule(client: &Client<'_>, key: &str) {
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
}

/// Every operation on the key gives the error that a key that never was gives.
async fn assert_never_was(client: &Client<'_>, key: &str, blob: &str) {
    for operation in ["DescribeKey", "CancelKeyDeletion", "EnableKey", "GetKeyPolicy", "ListGrants", "ListResourceTags"]
    {
        let error = |key: String| async move { client.call(operation, json!({"KeyId": key})).await.unwrap_err() };
        let (gone, never) = (error(key.to_owned()).await, error(key.replace(key_id_of(key), NO_KEY)).await);
        assert_eq!(gone.code, "NotFoundException", "{operation}");
        assert_eq!(gone.message, never.message.replace(NO_KEY, key_id_of(key)), "{operation}");
    }
    let keys = client.call("ListKeys", json!({"Limit": 1000})).await.unwrap();
    assert!(!texts_of(&keys["Keys"], "KeyArn").iter().any(|listed| listed == key));
    assert!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.is_err());
}

#[tokio::test]
async fn all_of_a_key_goes_at_its_date_and_nothing_else() {
    let scene = Scene::new().await;
    let client = scene.client();
    let other = create_key(&client).await;
    client.call("CreateAlias", json!({"AliasName": "alias/other", "TargetKeyId": other})).await.unwrap();
    let blob_of_other = encrypt(&client, &other, HI).await;
    let rows = scene.row_count().await;
    let service = &scene.world.service;
    assert_eq!(service.next_due(), None);
    let (key, blob) = doomed(&client, 27, 31).await;
    scene.world.clock.move_by_ms(7 * DAY_MS - 1);
    let before = scene.revision().await;
    assert_eq!((service.run_due_jobs().await, scene.revision().await), (0, before), "too soon");
    assert_eq!(describe(&client, &key).await["KeyState"], "PendingDeletion");

    scene.world.clock.move_by_ms(1);
    assert_eq!(service.run_due_jobs().await, 0);
    assert_eq!((scene.row_count().await, service.next_due()), (rows, None));
    assert_never_was(&client, &key, &blob).await;
    let aliases = client.call("ListAliases", json!({})).await.unwrap();
    assert_eq!(texts_of(&aliases["Aliases"], "AliasName"), ["alias/other"]);
    let error = client.call("DescribeKey", json!({"KeyId": "alias/doomed-3"})).await.unwrap_err();
    assert_eq!(error.code, "NotFoundException");
    client.call("CreateAlias", json!({"AliasName": "alias/doomed-3", "TargetKeyId": other})).await.unwrap();
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob_of_other})).await.unwrap()["Plaintext"], HI);
    let again = scene.world.restarted().await;
    assert_never_was(&again.client(ACCOUNT, REGION), &key, &blob).await;
}

#[tokio::test]
async fn a_deletion_is_cancelled_to_the_last_moment() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = doomed(&client, 1, 1).await;
    scene.world.clock.move_by_ms(7 * DAY_MS - 1);
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    scene.world.clock.move_by_ms(DAY_MS);
    assert_eq!((scene.world.service.run_due_jobs().await, scene.world.service.next_due()), (0, None));
    client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    assert_eq!(encrypt(&client, "alias/doomed-0", HI).await.len(), blob.len());
}

/// A world on an engine that fails, in which a key is due; and how many rows there were without it.
struct Due {
    world: World,
    engine: FaultyEngine,
    memory: MemoryEngine,
    rows: usize,
    key: String,
    blob: String,
}

/// Rows but for what tells of deletions.
async fn row_count(memory: &MemoryEngine) -> usize {
    let page = memory.snapshot().await.unwrap().scan(&KeyRange::all(), 1000).await.unwrap();
    page.entries.iter().filter(|row| !tells_of_deletion(&row.key)).count()
}

impl Due {
    async fn new() -> Self {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        let world = World::on(Arc::new(engine.clone())).await;
        let rows = row_count(&memory).await;
        let (key, blob) = doomed(&world.client(ACCOUNT, REGION), 26, 31).await;
        world.clock.move_by_ms(7 * DAY_MS);
        Self { world, engine, memory, rows, key, blob }
    }

    /// Another node, or this one after a restart.
    async fn another(&self) -> World {
        let random = Arc::new(SeededRandom::new(2));
        World::reopen(Arc::new(self.memory.clone()), Arc::clone(&self.world.clock), random).await
    }
}

/// Each commit fails in each way, and the deletion goes on after a restart. In between the key is of no use and cannot be had
/// back.
#[tokio::test]
async fn a_deletion_that_was_cut_goes_on() {
    let mut cuts = 0;
    for fault in [Fault::Fail(EngineError::Unavailable), Fault::LoseRequest, Fault::LoseAnswer] {
        for nth in 1.. {
            let due = Due::new().await;
            let commits = due.engine.calls(Call::Commit);
            due.engine.plan(Call::Commit, nth, fault.clone());
            // Let go of after the fault, as by a kill.
            let is_cut = due.world.service.run_due_jobs().await == 1;
            if due.engine.calls(Call::Commit) < commits + nth {
                assert!(!is_cut && nth > 6, "{nth}");
                break;
            }
            assert!(is_cut, "{fault:?} {nth}");
            cuts += 1;
            let after = due.another().await;
            let client = after.client(ACCOUNT, REGION);
            let left: Value = json!(client.call("DescribeKey", json!({"KeyId": due.key})).await.ok());
            if !left.is_null() {
                assert_eq!(left["KeyMetadata"]["KeyState"], "PendingDeletion", "{fault:?} {nth}");
                let error = client.call("Decrypt", json!({"CiphertextBlob": due.blob})).await.unwrap_err();
                assert_eq!(error.code, "KMSInvalidStateException", "{fault:?} {nth}");
                if nth > 1 {
                    let error = client.call("CancelKeyDeletion", json!({"KeyId": due.key})).await.unwrap_err();
                    assert_eq!(error.code, "NotFoundException", "{fault:?} {nth}");
                }
                // A clock that was set back does not stop what has begun.
                due.world.clock.move_by_ms(if nth > 1 { -DAY_MS } else { 0 });
            }
            assert_eq!(after.service.run_due_jobs().await, 0, "{fault:?} {nth}");
            assert_never_was(&client, &due.key, &due.blob).await;
            assert_eq!(row_count(&due.memory).await, due.rows, "{fault:?} {nth}");
        }
    }
    assert!(cuts > 18, "{cuts}");
}

#[tokio::test]
async fn two_nodes_delete_a_key_at_once() {
    let due = Due::new().await;
    let other = due.another().await;
    let failures = tokio::join!(due.world.service.run_due_jobs(), other.service.run_due_jobs());
    assert_eq!((failures, row_count(&due.memory).await), ((0, 0), due.rows));
    for world in [&due.world, &other] {
        assert_never_was(&world.client(ACCOUNT, REGION), &due.key, &due.blob).await;
    }
}

#[tokio::test]
async fn the_failure_of_one_key_does_not_stop_the_others() {
    let due = Due::new().await;
    let client = due.world.client(ACCOUNT, REGION);
    let second = create_key(&client).await;
    schedule(&client, &second).await;
    due.world.clock.move_by_ms(7 * DAY_MS);
    // The first key fails twice: in the pass that deletes the second one, and in the next.
    for nth in [1, 5] {
        due.engine.plan(Call::Commit, nth, Fault::Fail(EngineError::Unavailable));
    }
    assert_eq!(due.world.service.run_due_jobs().await, 1);
    let state = |key: String| async move { client.call("DescribeKey", json!({"KeyId": key})).await.is_ok() };
    assert!(state(due.key.clone()).await);
    let client = due.world.client(ACCOUNT, REGION);
    assert!(client.call("DescribeKey", json!({"KeyId": second})).await.is_err());
    assert!(!due.world.service.pause_before_jobs().is_zero(), "no haste after a failure");
    assert_eq!(due.world.service.run_due_jobs().await, 0);
    assert_eq!(row_count(&due.memory).await, due.rows);
}
