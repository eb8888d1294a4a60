//! Numbers of requests: exact over threads, nodes, months, restarts and lost answers.

use std::sync::Arc;

use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::save;
use crate::support::{
    ACCOUNT, HI, OTHER_ACCOUNT, REGION, Scene, create_key, encrypt, key_and_blob, key_id_of, text, with,
};

const MANAGEMENT: &str = "000000000000";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// All pages of a listing.
async fn listed(client: &Client<'_>, operation: &str, member: &str, input: Value) -> Vec<Value> {
    let (mut all, mut input) = (Vec::new(), input);
    loop {
        let page = client.operator(operation, input.clone()).await.unwrap();
        all.extend(page[member].as_array().unwrap().clone());
        assert_eq!(page["Truncated"], !page["NextMarker"].is_null());
        if page["NextMarker"].is_null() {
            return all;
        }
        input = with(&input, json!({"Marker": page["NextMarker"]}));
    }
}

/// The requests of a month about one key, or about none.
async fn requests(client: &Client<'_>, month: &str, key: Option<&str>) -> Value {
    let usage = listed(client, "ListUsage", "Usage", json!({"Month": month, "AccountId": ACCOUNT, "Limit": 2})).await;
    let wanted = key.map_or(Value::Null, |key| json!(key_id_of(key)));
    usage.into_iter().find(|entry| entry["KeyId"] == wanted).unwrap_or_default()
}

#[tokio::test]
async fn requests_are_counted_by_key_operation_and_outcome() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&client).await;
    let other = create_key(&client).await;
    for _ in 0..3 {
        client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    }
    let dry = json!({"KeyId": key, "Plaintext": HI, "DryRun": true});
    client.call("Encrypt", dry).await.unwrap_err();
    client.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    client.call("GenerateRandom", json!({"NumberOfBytes": 8})).await.unwrap();
    client.call("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": other})).await.unwrap();
    client.call("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": key})).await.unwrap();
    for spec in ["RSA_2048", "ECC_NIST_P256"] {
        client.call("GenerateDataKeyPair", json!({"KeyId": key, "KeyPairSpec": spec})).await.unwrap();
    }
    // Strangers and requests that are none do not count with the key.
    world.client(OTHER_ACCOUNT, REGION).call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap_err();
    client.call("Encrypt", json!({"KeyId": "none", "Plaintext": HI})).await.unwrap_err();

    let counted = requests(&client, "2026-11", Some(&key)).await;
    let expected = json!({
        "Decrypt": 3, "DescribeKey": 1, "Encrypt": 1, "GenerateDataKeyPair": 1, "GenerateDataKeyPair/RSA": 1, "ReEncrypt": 2,
    });
    assert_eq!((&counted["Succeeded"], &counted["Failed"]), (&expected, &json!({"Encrypt": 1})));
    assert_eq!(counted["KeySpec"], "SYMMETRIC_DEFAULT");
    let counted = requests(&client, "2026-11", Some(&other)).await;
    assert_eq!(counted["Succeeded"], json!({"ReEncryptTo": 1}));
    let keyless = requests(&client, "2026-11", None).await;
    assert_eq!(keyless["Succeeded"], json!({"CreateKey": 2, "GenerateRandom": 1}));
    assert_eq!(keyless["Failed"], json!({"Encrypt": 1}));
}

#[tokio::test]
async fn months_are_kept_apart_over_restarts_and_a_kill_loses_what_was_not_written() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    encrypt(&client, &key, HI).await;
    // The month turns between two requests; nothing was written in between.
    world.clock.move_by_ms(10 * DAY_MS);
    encrypt(&client, &key, HI).await;
    encrypt(&client, &key, HI).await;
    save(&world).await;
    encrypt(&client, &key, HI).await;

    let killed = world.restarted().await;
    let client = killed.client(ACCOUNT, REGION);
    for (month, count) in [("2026-11", 1), ("2026-12", 2)] {
        assert_eq!(requests(&client, month, Some(&key)).await["Succeeded"]["Encrypt"], count, "{month}");
    }
    encrypt(&client, &key, HI).await;
    assert_eq!(requests(&client, "2026-12", Some(&key)).await["Succeeded"]["Encrypt"], 3);
    assert_eq!(requests(&client, "2027-01", Some(&key)).await, Value::Null);
}

#[tokio::test]
async fn numbers_of_36_months_are_kept() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    for _ in 0..40 {
        encrypt(&client, &key, HI).await;
        save(&scene.world).await;
        scene.world.clock.move_by_ms(30 * DAY_MS + DAY_MS / 2);
    }
    let usage = client.operator("DescribeKeyUsage", json!({"KeyId": key})).await.unwrap();
    let months = usage["Months"].as_array().unwrap().len();
    assert!((34..=36).contains(&months), "{months}");
    // Each month has a row for the key; one more is for what was not about a key, long ago, and is gone.
    assert_eq!(scene.row_count_of("usage").await, months);
}

/// Nor does it matter that the key changes all the while: each time its notes have to be found again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_and_a_writer_add_up_to_the_last_request() {
    let world = Arc::new(World::new().await);
    let client = world.client(ACCOUNT, REGION);
    let (key, mut changes) = (create_key(&client).await, 0);
    let caller = |world: Arc<World>, key: String| async move {
        for _ in 0..250 {
            encrypt(&world.client(ACCOUNT, REGION), &key, HI).await;
        }
    };
    let callers: Vec<_> = (0..4).map(|_| tokio::spawn(caller(Arc::clone(&world), key.clone()))).collect();
    while !callers.iter().all(tokio::task::JoinHandle::is_finished) {
        let change = json!({"KeyId": key, "Description": changes.to_string()});
        client.call("UpdateKeyDescription", change).await.unwrap();
        changes += 1;
        save(&world).await;
        tokio::task::yield_now().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let counted = requests(&client, "2026-11", Some(&key)).await;
    assert_eq!(counted["Succeeded"], json!({"Encrypt": 1000, "UpdateKeyDescription": changes}));
}

#[tokio::test]
async fn two_nodes_on_one_store_add_up() {
    let one = World::new().await;
    let key = create_key(&one.client(ACCOUNT, REGION)).await;
    let two = one.restarted().await;
    for turn in 0..6 {
        for node in [&one, &two] {
            encrypt(&node.client(ACCOUNT, REGION), &key, HI).await;
            if turn % 2 == 0 {
                save(node).await;
            }
        }
    }
    save(&two).await;
    assert_eq!(requests(&one.client(ACCOUNT, REGION), "2026-11", Some(&key)).await["Succeeded"]["Encrypt"], 12);
}

/// A batch that was written although nobody said so is not written again, and one that was not is.
#[tokio::test]
async fn lost_answers_of_the_store_count_nothing_twice() {
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::Fail(EngineError::Closed)] {
        let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
        let world = World::on(Arc::new(engine.clone())).await;
        let client = world.client(ACCOUNT, REGION);
        let key = create_key(&client).await;
        encrypt(&client, &key, HI).await;
        save(&world).await;
        encrypt(&client, &key, HI).await;
        engine.plan(Call::Commit, 1, fault.clone());
        world.service.key_use_writer().save().await.unwrap_err();
        // What comes meanwhile is not lost either.
        encrypt(&client, &key, HI).await;
        assert_eq!(requests(&client, "2026-11", Some(&key)).await["Succeeded"]["Encrypt"], 3, "{fault:?}");
    }
}

#[tokio::test]
async fn accounts_see_their_own_and_the_management_account_sees_all() {
    let world = World::new().await;
    let (client, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, "eu-west-1"));
    let keys = [create_key(&client).await, create_key(&client).await, create_key(&other).await];
    world.clock.move_by_ms(1);
    let management = world.client(MANAGEMENT, REGION);
    for (operation, member) in [("ListUsage", "Usage"), ("ListKeyTimes", "Keys")] {
        let ids = async |client: &Client<'_>, input: Value| {
            let entries = listed(client, operation, member, with(&input, json!({"Limit": 1}))).await;
            let mut accounts: Vec<_> = entries.iter().map(|entry| text(&entry["AccountId"])).collect();
            accounts.dedup();
            accounts
        };
        assert_eq!(ids(&client, json!({})).await, [ACCOUNT], "{operation}");
        assert_eq!(ids(&management, json!({"AccountId": OTHER_ACCOUNT})).await, [OTHER_ACCOUNT], "{operation}");
        let mut all = ids(&management, json!({})).await;
        all.sort_unstable();
        assert_eq!(all, [ACCOUNT, OTHER_ACCOUNT], "{operation}");
        let refused = client.operator(operation, json!({"AccountId": OTHER_ACCOUNT})).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{operation}");
        let nobody = client.user(&format!("nobody-{operation}"), &Value::Null).await;
        assert_eq!(nobody.operator(operation, json!({})).await.unwrap_err().code, "AccessDeniedException");
    }
    let times = listed(&client, "ListKeyTimes", "Keys", json!({})).await;
    assert_eq!(times.len(), 2);
    assert!(times.iter().all(|key| keys.iter().any(|arn| key_id_of(arn) == key["KeyId"])));
}

#[tokio::test]
async fn keys_are_there_for_hours_and_so_is_what_rotated() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    // 2026-11-21T12:00: 9.5 days are left of November.
    let key = create_key(&client).await;
    world.clock.move_by_ms(DAY_MS);
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    let times = async |month: &str| listed(&client, "ListKeyTimes", "Keys", json!({"Month": month})).await;
    assert_eq!(times("2026-11").await[0]["Hours"], 24);
    world.clock.move_by_ms(20 * DAY_MS);
    let november = times("2026-11").await;
    assert_eq!((&november[0]["Hours"], &november[0]["MonthHours"]), (&json!(228), &json!(720)));
    assert_eq!(november[0]["RotationHours"], json!([204]));
    assert_eq!(times("2026-12").await[0]["Hours"], 276);
    assert_eq!(times("2026-12").await[0]["RotationHours"], json!([276]));
    assert!(times("2026-10").await.is_empty() && times("2027-01").await.is_empty());
}
