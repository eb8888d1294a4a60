//! A store that fails at any step: the caller learns that it was not its fault, nothing is half done, reads go on, and
//! what was acknowledged is there after a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use kagiban_base::random::public_array;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{Engine, EngineError, MemoryEngine};
use kagiban_testkit::{AwsError, Client, SeededRandom, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, HI, REGION, create_key, describe, encrypt, key_and_blob, texts_of};

/// A world on an engine that fails when it is told to.
struct Faulty {
    world: World,
    engine: FaultyEngine,
    memory: MemoryEngine,
}

/// What the operations need: a key with an alias, and one whose deletion is scheduled.
struct Keys {
    key: String,
    doomed: String,
    policy: Value,
}

impl Faulty {
    async fn new() -> Self {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        Self { world: World::on(Arc::new(engine.clone())).await, engine, memory }
    }

    /// A world with keys in it; equal to any other, ids included, since randomness repeats.
    async fn with_keys() -> (Self, Keys) {
        let scene = Self::new().await;
        let client = scene.client();
        let (key, doomed) = (create_key(&client).await, create_key(&client).await);
        client.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
        client.call("ScheduleKeyDeletion", json!({"KeyId": doomed})).await.unwrap();
        let policy = client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap()["Policy"].clone();
        (scene, Keys { key, doomed, policy })
    }

    fn client(&self) -> Client<'_> {
        self.world.client(ACCOUNT, REGION)
    }

    /// The world after a restart.
    async fn reopened(&self) -> World {
        let random = Arc::new(SeededRandom::new(2));
        World::reopen(Arc::new(self.memory.clone()), Arc::clone(&self.world.clock), random).await
    }

    /// Every stored row.
    async fn rows(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let snapshot = self.memory.snapshot().await.unwrap();
        let page = snapshot.scan(&KeyRange::all(), 1000).await.unwrap();
        assert!(!page.more);
        page.entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
    }
}

/// Each operation that writes, with an input that succeeds.
fn writes(keys: &Keys) -> Vec<(&'static str, Value)> {
    let Keys { key, doomed, policy } = keys;
    vec![
        ("CancelKeyDeletion", json!({"KeyId": doomed})),
        ("CreateAlias", json!({"AliasName": "alias/new", "TargetKeyId": key})),
        ("CreateKey", json!({"Description": "new"})),
        ("DeleteAlias", json!({"AliasName": "alias/it"})),
        ("DisableKey", json!({"KeyId": key})),
        ("EnableKey", json!({"KeyId": key})),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})),
        ("ScheduleKeyDeletion", json!({"KeyId": key})),
        ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]})),
        ("UntagResource", json!({"KeyId": key, "TagKeys": ["a"]})),
        ("UpdateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})),
        ("UpdateKeyDescription", json!({"KeyId": key, "Description": "new"})),
    ]
}

/// Each operation that reads from the store and not from the view.
fn stored_reads(keys: &Keys) -> Vec<(&'static str, Value)> {
    vec![
        ("GetKeyPolicy", json!({"KeyId": keys.key})),
        ("ListAliases", json!({})),
        ("ListAliases", json!({"KeyId": keys.key})),
    ]
}

fn internal() -> AwsError {
    AwsError {
        status: 500,
        code: "KMSInternalException".to_owned(),
        message: "The request was not completed because of an internal error. You can retry it.".to_owned(),
    }
}

/// Everything that a caller can see of the account.
async fn observed(client: &Client<'_>) -> Value {
    let keys = client.call("ListKeys", json!({"Limit": 1000})).await.unwrap();
    let aliases = client.call("ListAliases", json!({"Limit": 100})).await.unwrap();
    let mut seen = json!({"keys": keys, "aliases": aliases});
    for key in texts_of(&keys["Keys"], "KeyArn") {
        let tags = client.call("ListResourceTags", json!({"KeyId": key})).await.unwrap();
        let policy = client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap();
        seen[&key] = json!([describe(client, &key).await, tags, policy]);
    }
    seen
}

/// The n-th call of each kind fails, for every n that the operation gets to.
#[tokio::test]
async fn whatever_step_fails_nothing_is_changed_and_a_retry_succeeds() {
    let (_, keys) = Faulty::with_keys().await;
    for (operation, input) in writes(&keys).into_iter().chain(stored_reads(&keys)) {
        let mut failures = 0;
        for call in [Call::Snapshot, Call::Read, Call::Scan, Call::Commit] {
            for nth in 1.. {
                let (scene, _) = Faulty::with_keys().await;
                let before = scene.rows().await;
                let calls = scene.engine.calls(call);
                scene.engine.plan(call, nth, Fault::Fail(EngineError::Unavailable));
                let result = scene.client().call(operation, input.clone()).await;
                if scene.engine.calls(call) < calls + nth {
                    result.unwrap();
                    break;
                }
                failures += 1;
                assert_eq!(result, Err(internal()), "{operation}, {call:?} {nth}");
                assert_eq!(scene.rows().await, before, "{operation}, {call:?} {nth}");
                scene.client().call(operation, input.clone()).await.unwrap();
            }
        }
        assert!(failures >= 2, "{operation} met {failures} failures");
    }
}

#[tokio::test]
async fn a_commit_whose_outcome_is_unknown_is_whole_or_not_at_all() {
    let (_, keys) = Faulty::with_keys().await;
    for (operation, input) in writes(&keys) {
        let (twin, _) = Faulty::with_keys().await;
        twin.client().call(operation, input.clone()).await.unwrap();
        for (fault, takes_effect) in [(Fault::LoseRequest, false), (Fault::LoseAnswer, true)] {
            let (scene, _) = Faulty::with_keys().await;
            let before = scene.rows().await;
            scene.engine.plan(Call::Commit, 1, fault.clone());
            assert_eq!(scene.client().call(operation, input.clone()).await, Err(internal()), "{operation} {fault:?}");
            let expected = if takes_effect { twin.rows().await } else { before };
            assert_eq!(scene.rows().await, expected, "{operation} {fault:?}");
            // The view follows what the store has. A write after it is seen only when the view is past the one before.
            let fence = json!({"KeyId": create_key(&scene.client()).await, "Description": "fence"});
            scene.client().call("UpdateKeyDescription", fence).await.unwrap();
            let seen = observed(&scene.client()).await;
            assert_eq!(seen, observed(&scene.reopened().await.client(ACCOUNT, REGION)).await, "{operation} {fault:?}");
        }
    }
}

#[tokio::test]
async fn other_writers_who_are_faster_go_unnoticed() {
    let (_, keys) = Faulty::with_keys().await;
    for (operation, input) in writes(&keys) {
        let (twin, _) = Faulty::with_keys().await;
        let expected = twin.client().call(operation, input.clone()).await.unwrap();
        let (scene, _) = Faulty::with_keys().await;
        for nth in 1..=10 {
            scene.engine.plan(Call::Commit, nth, Fault::Conflict);
        }
        assert_eq!(scene.client().call(operation, input).await.unwrap(), expected, "{operation}");
        assert_eq!(scene.rows().await, twin.rows().await, "{operation}");
    }
}

#[tokio::test]
async fn endless_conflicts_are_a_hot_key() {
    let (scene, keys) = Faulty::with_keys().await;
    let before = scene.rows().await;
    for nth in 1..=64 {
        scene.engine.plan(Call::Commit, nth, Fault::Conflict);
    }
    let error = scene.client().call("DisableKey", json!({"KeyId": keys.key})).await.unwrap_err();
    let text = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    assert_eq!(error, crate::support::aws_error("ThrottlingException", text));
    assert_eq!(scene.rows().await, before);
    scene.client().call("DisableKey", json!({"KeyId": keys.key})).await.unwrap();
}

#[tokio::test]
async fn cryptography_and_descriptions_need_no_store() {
    let (scene, _) = Faulty::with_keys().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    scene.memory.close().await.unwrap();
    for (operation, input) in [
        ("Decrypt", json!({"CiphertextBlob": blob})),
        ("DescribeKey", json!({"KeyId": "alias/it"})),
        ("Encrypt", json!({"KeyId": "alias/it", "Plaintext": HI})),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("GenerateRandom", json!({"NumberOfBytes": 8})),
        ("ListKeyPolicies", json!({"KeyId": key})),
        ("ListKeys", json!({})),
        ("ListResourceTags", json!({"KeyId": key})),
        ("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": "alias/it"})),
    ] {
        client.call(operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    }
    assert!(!scene.world.service.is_ready().await);
    assert_eq!(client.call("DisableKey", json!({"KeyId": key})).await, Err(internal()));
    assert_eq!(client.call("ListAliases", json!({})).await, Err(internal()));
}

/// The feed breaks off and is taken up again: the view is loaded anew under the readers' feet.
#[tokio::test]
async fn a_view_that_fell_behind_catches_up() {
    let (scene, keys) = Faulty::with_keys().await;
    let client = scene.client();
    let mut rescans = 0;
    for round in 0..5 {
        // The coming call is waiting already; the one after it finds the changes gone.
        scene.engine.plan(Call::Next, 1, Fault::Conflict);
        for (operation, input) in [
            ("CreateAlias", json!({"AliasName": format!("alias/{round}"), "TargetKeyId": keys.key})),
            ("UpdateKeyDescription", json!({"KeyId": keys.key, "Description": round.to_string()})),
            ("DeleteAlias", json!({"AliasName": format!("alias/{round}")})),
        ] {
            client.call(operation, input).await.unwrap();
            rescans = usize::from(format!("{:?}", scene.world.service).contains(&format!("rescans: {}", round + 1)));
        }
        assert_eq!(rescans, 1, "the feed was taken up again");
        assert_eq!(describe(&client, &keys.key).await["Description"], round.to_string());
        let error = client.call("DescribeKey", json!({"KeyId": format!("alias/{round}")})).await.unwrap_err();
        assert_eq!(error.code, "NotFoundException");
        assert_eq!(encrypt(&client, "alias/it", HI).await.len(), encrypt(&client, &keys.key, HI).await.len());
    }
    assert_eq!(observed(&client).await, observed(&scene.reopened().await.client(ACCOUNT, REGION)).await);
}

/// When nobody follows the store any more, a write stands but is not acknowledged: its writer would not see it.
#[tokio::test]
async fn without_a_follower_no_write_is_acknowledged() {
    let (scene, keys) = Faulty::with_keys().await;
    let client = scene.client();
    scene.engine.plan(Call::Next, 1, Fault::Fail(EngineError::Unavailable));
    // The follower waits for one more change and dies after it.
    client.call("UpdateKeyDescription", json!({"KeyId": keys.key, "Description": "seen"})).await.unwrap();
    let unseen = json!({"KeyId": keys.key, "Description": "unseen"});
    assert_eq!(client.call("UpdateKeyDescription", unseen).await, Err(internal()));
    assert_eq!(describe(&client, &keys.key).await["Description"], "seen");
    encrypt(&client, &keys.key, HI).await;
    let world = scene.reopened().await;
    assert_eq!(describe(&world.client(ACCOUNT, REGION), &keys.key).await["Description"], "unseen");
}

#[tokio::test]
async fn a_restart_keeps_everything_acknowledged() {
    let (scene, keys) = Faulty::with_keys().await;
    let client = scene.client();
    let blob = encrypt(&client, &keys.key, HI).await;
    for (operation, input) in writes(&keys) {
        // These two would take away what the others and the last lines need.
        if !["DeleteAlias", "ScheduleKeyDeletion"].contains(&operation) {
            client.call(operation, input).await.unwrap();
        }
    }
    let world = scene.reopened().await;
    let after = world.client(ACCOUNT, REGION);
    assert_eq!(observed(&after).await, observed(&client).await);
    assert_eq!(after.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    create_key(&after).await;
}

/// Faults at random, restart after restart: what was acknowledged is there, what failed is there whole or not at all, and
/// every key there is works.
#[tokio::test]
async fn nothing_acknowledged_is_lost_under_random_faults() {
    let (mut failed, mut lost_answers) = (0, 0);
    for seed in 1..=6 {
        let scene = Faulty::new().await;
        let mut acknowledged = Vec::new();
        for round in 0..8 {
            let engine = FaultyEngine::new(Arc::new(scene.memory.clone()));
            let random = Arc::new(SeededRandom::new(100 * seed + round));
            let world = World::reopen(Arc::new(engine.clone()), Arc::clone(&scene.world.clock), random).await;
            let client = world.client(ACCOUNT, REGION);
            lost_answers += plan_at_random(&engine, 100 * seed + round);
            for n in 0..10 {
                match create_with_alias(&client, &format!("alias/{round}-{n}")).await {
                    Ok(pair) => acknowledged.push(pair),
                    Err(error) => {
                        assert_eq!(error, internal());
                        failed += 1;
                    }
                }
            }
            assert_whole(&scene.reopened().await.client(ACCOUNT, REGION), &acknowledged).await;
        }
        assert!(acknowledged.len() > 20, "{} acknowledged", acknowledged.len());
    }
    assert!(failed > 60 && lost_answers > 10, "{failed} failed, {lost_answers} answers to be lost");
}

/// Lets about one in fifteen of the coming calls fail, and tells how many of them are commits whose answer is lost.
fn plan_at_random(engine: &FaultyEngine, seed: u64) -> usize {
    let random = SeededRandom::new(seed);
    let mut lost_answers = 0;
    for call in [Call::Snapshot, Call::Read, Call::Commit] {
        for nth in 1..=60 {
            let [byte] = public_array(&random).unwrap();
            let fault = match byte {
                0..6 => Fault::Conflict,
                6..12 => Fault::LoseAnswer,
                12..18 => Fault::Fail(EngineError::Unavailable),
                _ => continue,
            };
            lost_answers += usize::from(call == Call::Commit && matches!(fault, Fault::LoseAnswer) && nth <= 20);
            engine.plan(call, nth, fault);
        }
    }
    lost_answers
}

/// A key and its alias, if both are acknowledged.
async fn create_with_alias(client: &Client<'_>, name: &str) -> Result<(String, String), AwsError> {
    let answer = client.call("CreateKey", json!({})).await?;
    let key = crate::support::text(&answer["KeyMetadata"]["Arn"]);
    client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await?;
    Ok((key, name.to_owned()))
}

/// Every acknowledged pair is there, and every key there is works.
async fn assert_whole(client: &Client<'_>, acknowledged: &[(String, String)]) {
    for (key, alias) in acknowledged {
        assert_eq!(describe(client, alias).await["Arn"], key.as_str());
    }
    let seen = observed(client).await;
    for key in texts_of(&seen["keys"]["Keys"], "KeyArn") {
        let blob = encrypt(client, &key, HI).await;
        assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["KeyId"], key);
    }
}
