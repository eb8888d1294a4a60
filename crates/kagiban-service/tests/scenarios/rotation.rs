//! Rotation of keys whose material is made here: settings, rotations on demand and in their time, and what becomes of old
//! ciphertexts. (Imported material: `imports/rotation.rs`.)

use std::collections::BTreeSet;
use std::sync::Arc;

use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{Client, FakeClock, SeededRandom, World};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, OTHER_ACCOUNT, REGION, Refusal, Scene, assert_refused, create_key, describe, encrypt, key_id_of,
    refusal, text, texts_of, with,
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// The shortest period, so that a test needs not go far.
const PERIOD_DAYS: i64 = 90;

async fn enable(client: &Client<'_>, key: &str) {
    client.call("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": PERIOD_DAYS})).await.unwrap();
}

async fn status(client: &Client<'_>, key: &str) -> Value {
    client.call("GetKeyRotationStatus", json!({"KeyId": key})).await.unwrap()
}

async fn rotations(client: &Client<'_>, key: &str) -> Vec<Value> {
    let answer = client.call("ListKeyRotations", json!({"KeyId": key, "Limit": 1000})).await.unwrap();
    answer["Rotations"].as_array().unwrap().clone()
}

async fn current(client: &Client<'_>, key: &str) -> String {
    text(&describe(client, key).await["CurrentKeyMaterialId"])
}

/// Lets days and minutes pass, and the jobs have their turn.
async fn pass(world: &World, days: i64, minutes: i64) {
    world.clock.move_by_ms(days * DAY_MS + minutes * MINUTE_MS);
    assert_eq!(world.service.run_due_jobs().await, 0);
}

/// A timestamp of an answer: seconds, as milliseconds.
fn ms(value: &Value) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a time of these days")]
    let ms = (value.as_f64().unwrap() * 1000.0).round() as i64;
    ms
}

fn now_ms(world: &World) -> i64 {
    use kagiban_base::time::Clock;
    world.clock.now().unix_ms()
}

#[tokio::test]
async fn the_status_follows_the_settings() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let off = json!({"KeyId": key_id_of(&key), "KeyRotationEnabled": false});
    assert_eq!(status(&client, &key).await, off);
    for (given, period) in [(Value::Null, 365), (json!(90), 90), (json!(2560), 2560), (Value::Null, 365)] {
        scene.world.clock.move_by_ms(DAY_MS);
        let input = json!({"KeyId": key, "RotationPeriodInDays": given});
        assert_eq!(client.call("EnableKeyRotation", input).await.unwrap(), json!({}));
        let status = status(&client, &key).await;
        let shown = (&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]);
        assert_eq!(shown, (&json!(true), &json!(period)));
        assert_eq!(ms(&status["NextRotationDate"]), now_ms(&scene.world) + period * DAY_MS, "{given}");
        assert_eq!(status["OnDemandRotationStartDate"], Value::Null);
    }
    for _ in 0..2 {
        let answer = client.call("DisableKeyRotation", json!({"KeyId": key})).await.unwrap();
        assert_eq!((answer, status(&client, &key).await), (json!({}), off.clone()));
    }
    assert_eq!(rotations(&client, &key).await, Vec::<Value>::new());
}

#[tokio::test]
async fn periods_have_bounds() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let refused = |days: i32, bound: &str| {
        let text = format!(
            "1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member \
             must have value {bound}"
        );
        refusal("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": days}), "ValidationException", text)
    };
    let (least, most) = ("greater than or equal to 90", "less than or equal to 2560");
    let table = vec![refused(89, least), refused(0, least), refused(-1, least), refused(2561, most)];
    assert_refused(&scene, &client, table).await;
}

/// Kinds of keys that do not rotate say so in every state; their status is known all the same.
#[tokio::test]
async fn only_symmetric_encryption_keys_rotate() {
    let scene = Scene::new().await;
    let client = scene.client();
    for kind in [
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
        json!({"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}),
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"}),
    ] {
        let key = text(&client.call("CreateKey", kind.clone()).await.unwrap()["KeyMetadata"]["Arn"]);
        let ways = if kind["Origin"].is_null() { &["EnableKey", "DisableKey", "ScheduleKeyDeletion"][..] } else { &[] };
        for way in [None].into_iter().chain(ways.iter().map(Some)) {
            if let Some(way) = way {
                client.call(way, json!({"KeyId": key})).await.unwrap();
            }
            let refused = |operation| {
                let input = json!({"KeyId": key});
                refusal(operation, input, "UnsupportedOperationException", "")
            };
            let operations = ["DisableKeyRotation", "EnableKeyRotation", "ListKeyRotations", "RotateKeyOnDemand"];
            assert_refused(&scene, &client, operations.map(refused).into()).await;
            assert_eq!(status(&client, &key).await["KeyRotationEnabled"], false);
        }
    }
}

#[tokio::test]
async fn a_rotation_on_demand_gives_new_material_and_keeps_the_old() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let (first, before) = (current(&client, &key).await, describe(&client, &key).await);
    let blob = encrypt(&client, &key, HI).await;
    scene.world.clock.move_by_ms(DAY_MS);
    let answer = client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(answer, json!({"KeyId": key}));
    let second = current(&client, &key).await;
    assert_ne!(first, second);
    assert_eq!(describe(&client, &key).await, with(&before, json!({"CurrentKeyMaterialId": second})));
    let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    assert_eq!((&opened["Plaintext"], &opened["KeyMaterialId"]), (&json!(HI), &json!(first)));
    for (operation, more) in [
        ("GenerateDataKey", json!({"KeySpec": "AES_256"})),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeySpec": "AES_256"})),
        ("GenerateDataKeyPair", json!({"KeyPairSpec": "ECC_NIST_P256"})),
        ("GenerateDataKeyPairWithoutPlaintext", json!({"KeyPairSpec": "ECC_NIST_P256"})),
    ] {
        let made = client.call(operation, with(&json!({"KeyId": key}), more)).await.unwrap();
        assert_eq!(made["KeyMaterialId"], json!(second), "{operation}");
    }
    let input = json!({"CiphertextBlob": blob, "DestinationKeyId": key});
    let moved = client.call("ReEncrypt", input).await.unwrap();
    let ids = (&moved["SourceKeyMaterialId"], &moved["DestinationKeyMaterialId"]);
    assert_eq!(ids, (&json!(first), &json!(second)));
    let listed = rotations(&client, &key).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(ms(&listed[0]["RotationDate"]), now_ms(&scene.world));
    let date = listed[0]["RotationDate"].clone();
    assert_eq!(
        listed[0],
        json!({
            "KeyId": key_id_of(&key), "KeyMaterialId": second, "KeyMaterialState": "CURRENT",
            "RotationDate": date, "RotationType": "ON_DEMAND",
        })
    );
    assert_eq!((scene.row_count_of("material").await, scene.row_count_of("key-rotation").await), (2, 2));
}

fn exhausted(key: &str) -> Refusal {
    let text = "On-demand rotations per key quota is 25, current usage is 25.";
    refusal("RotateKeyOnDemand", json!({"KeyId": key}), "LimitExceededException", text)
}

#[tokio::test]
async fn a_key_has_twenty_five_rotations_on_demand() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    enable(&client, &key).await;
    for _ in 0..25 {
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    }
    assert_refused(&scene, &client, vec![exhausted(&key)]).await;
    // Neither time nor other rotations bring any back.
    pass(&scene.world, PERIOD_DAYS, 0).await;
    assert_eq!(rotations(&client, &key).await.len(), 26);
    client.call("DisableKeyRotation", json!({"KeyId": key})).await.unwrap();
    assert_refused(&scene, &client, vec![exhausted(&key)]).await;
    client.call("RotateKeyOnDemand", json!({"KeyId": other})).await.unwrap();
}

#[tokio::test]
async fn a_rotation_on_demand_keeps_away_from_an_automatic_one() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    enable(&client, &key).await;
    let next = status(&client, &key).await["NextRotationDate"].clone();
    scene.world.clock.move_by_ms(PERIOD_DAYS * DAY_MS - 20 * MINUTE_MS - 1);
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(status(&client, &key).await["NextRotationDate"], next, "the schedule stays");
    for move_ms in [1, 20 * MINUTE_MS] {
        scene.world.clock.move_by_ms(move_ms);
        let text = format!("{key} rotates automatically within the next 20 minutes.");
        let refused = refusal("RotateKeyOnDemand", json!({"KeyId": key}), "ConflictException", text);
        assert_refused(&scene, &client, vec![refused]).await;
    }
    pass(&scene.world, 0, 0).await;
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    let kinds = texts_of(&json!(rotations(&client, &key).await), "RotationType");
    assert_eq!(kinds, ["ON_DEMAND", "AUTOMATIC", "ON_DEMAND"]);
}

#[tokio::test]
async fn a_key_rotates_when_it_is_due_and_not_before() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    enable(&client, &key).await;
    let due = ms(&status(&client, &key).await["NextRotationDate"]);
    pass(&scene.world, PERIOD_DAYS - 1, 24 * 60 - 1).await;
    assert_eq!(rotations(&client, &key).await.len(), 0);
    pass(&scene.world, 0, 1).await;
    for _ in 0..3 {
        // Done once, however often the job runs.
        pass(&scene.world, 0, 0).await;
        let listed = rotations(&client, &key).await;
        assert_eq!((listed.len(), &listed[0]["RotationType"]), (1, &json!("AUTOMATIC")));
        assert_eq!(ms(&listed[0]["RotationDate"]), due);
        assert_eq!(ms(&status(&client, &key).await["NextRotationDate"]), due + PERIOD_DAYS * DAY_MS);
    }
    // Off and on again: a new schedule.
    client.call("DisableKeyRotation", json!({"KeyId": key})).await.unwrap();
    pass(&scene.world, 10 * PERIOD_DAYS, 0).await;
    assert_eq!(rotations(&client, &key).await.len(), 1);
    enable(&client, &key).await;
    pass(&scene.world, PERIOD_DAYS - 1, 0).await;
    assert_eq!(rotations(&client, &key).await.len(), 1);
    pass(&scene.world, 1, 0).await;
    assert_eq!(rotations(&client, &key).await.len(), 2);
}

/// While a key rests nothing rotates; afterwards it catches up, with one rotation however many dates have passed.
#[tokio::test]
async fn a_key_at_rest_does_not_rotate_and_catches_up_once() {
    let scene = Scene::new().await;
    let client = scene.client();
    for (rest, wakes) in
        [("DisableKey", &["EnableKey"][..]), ("ScheduleKeyDeletion", &["CancelKeyDeletion", "EnableKey"])]
    {
        let (key, punctual) = (create_key(&client).await, create_key(&client).await);
        for key in [&key, &punctual] {
            enable(&client, key).await;
            client.call(rest, json!({"KeyId": key})).await.unwrap();
        }
        let shown = status(&client, &key).await;
        assert_eq!(shown["KeyRotationEnabled"], rest == "DisableKey", "{shown}");
        // One wakes before its date and keeps it, the other far behind.
        pass(&scene.world, 5, 0).await;
        for wake in wakes {
            client.call(wake, json!({"KeyId": punctual})).await.unwrap();
        }
        if rest == "ScheduleKeyDeletion" {
            client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
        }
        pass(&scene.world, 4 * PERIOD_DAYS, 0).await;
        assert_eq!((rotations(&client, &key).await.len(), rotations(&client, &punctual).await.len()), (0, 1));
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
        pass(&scene.world, 0, 0).await;
        pass(&scene.world, 0, 0).await;
        let listed = rotations(&client, &key).await;
        assert_eq!(listed.len(), 1, "{rest}");
        assert_eq!(ms(&listed[0]["RotationDate"]), now_ms(&scene.world));
        let next = ms(&status(&client, &key).await["NextRotationDate"]);
        assert_eq!(next, now_ms(&scene.world) + PERIOD_DAYS * DAY_MS);
    }
}

#[tokio::test]
async fn what_a_key_of_a_thousand_rotations_encrypted_opens() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    enable(&client, &key).await;
    let mut blobs = vec![encrypt(&client, &key, HI).await];
    for number in 1..=1000 {
        pass(&scene.world, PERIOD_DAYS, 0).await;
        if number % 10 == 0 {
            blobs.push(encrypt(&client, &key, HI).await);
        }
    }
    let world = scene.world.restarted().await;
    for client in [client, world.client(ACCOUNT, REGION)] {
        let mut materials = BTreeSet::new();
        for blob in &blobs {
            let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
            assert_eq!(opened["Plaintext"], HI);
            materials.insert(text(&opened["KeyMaterialId"]));
        }
        assert_eq!((blobs.len(), materials.len()), (101, 101));
        let listed = rotations(&client, &key).await;
        assert_eq!(listed.len(), 1000);
        assert_eq!(listed[999]["KeyMaterialId"], json!(current(&client, &key).await));
        assert!(listed.iter().filter(|entry| entry["KeyMaterialState"] == "CURRENT").count() == 1);
    }
    let keys = client_keys(&scene).await;
    assert_eq!(keys, 1, "a rotated key is one key");
}

async fn client_keys(scene: &Scene) -> usize {
    scene.client().call("ListKeys", json!({})).await.unwrap()["Keys"].as_array().unwrap().len()
}

/// All pages of a listing.
async fn pages(client: &Client<'_>, input: &Value) -> Vec<Vec<Value>> {
    let (mut pages, mut input) = (Vec::new(), input.clone());
    loop {
        let page = client.call("ListKeyRotations", input.clone()).await.unwrap();
        pages.push(page["Rotations"].as_array().unwrap().clone());
        assert_eq!(page["Truncated"], !page["NextMarker"].is_null());
        if page["Truncated"] == false {
            return pages;
        }
        input = with(&input, json!({"Marker": page["NextMarker"]}));
    }
}

#[tokio::test]
async fn rotations_come_in_pages_the_oldest_first() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let first = current(&client, &key).await;
    let all = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let only_first = json!([[{"KeyId": key_id_of(&key), "KeyMaterialId": first, "KeyMaterialState": "CURRENT"}]]);
    assert_eq!(json!(pages(&client, &all).await), only_first);
    let mut materials = Vec::new();
    for _ in 0..7 {
        scene.world.clock.move_by_ms(MINUTE_MS);
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        materials.push(current(&client, &key).await);
    }
    let with_first: Vec<String> = [first.clone()].into_iter().chain(materials.clone()).collect();
    for (mode, expected) in
        [(Value::Null, &materials), (json!("ROTATIONS_ONLY"), &materials), (json!("ALL_KEY_MATERIAL"), &with_first)]
    {
        for limit in [1, 2, 7, 8, 1000] {
            let input = json!({"KeyId": key, "IncludeKeyMaterial": mode, "Limit": limit});
            let pages = pages(&client, &input).await;
            assert!(pages.iter().all(|page| page.len() <= limit && !page.is_empty()), "{mode} {limit}");
            assert_eq!(pages.len(), expected.len().div_ceil(limit), "{mode} {limit}");
            assert_eq!(&texts_of(&json!(pages.concat()), "KeyMaterialId"), expected, "{mode} {limit}");
        }
    }
    let entries = pages(&client, &all).await.concat();
    let states: Vec<_> = texts_of(&json!(entries), "KeyMaterialState");
    assert!(states[..7].iter().all(|state| state == "NON_CURRENT") && states[7] == "CURRENT");
    assert!(entries[0]["RotationDate"].is_null() && entries[0]["RotationType"].is_null());
    assert!(entries[1..].windows(2).all(|pair| ms(&pair[0]["RotationDate"]) < ms(&pair[1]["RotationDate"])));
}

#[tokio::test]
async fn markers_belong_to_one_listing_of_one_key() {
    let scene = Scene::new().await;
    let client = scene.client();
    let keys = [create_key(&client).await, create_key(&client).await];
    for key in keys.iter().chain(&keys) {
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    }
    let page = client.call("ListKeyRotations", json!({"KeyId": keys[0], "Limit": 1})).await.unwrap();
    let marker = text(&page["NextMarker"]);
    let text = "The marker is not one that this listing gave out.";
    let refused = |input| refusal("ListKeyRotations", input, "InvalidMarkerException", text);
    let table = vec![
        refused(json!({"KeyId": keys[1], "Marker": marker})),
        refused(json!({"KeyId": keys[0], "Marker": marker, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})),
        refused(json!({"KeyId": keys[0], "Marker": "x"})),
    ];
    assert_refused(&scene, &client, table).await;
}

/// Nothing runs in between: each of two at once gives its own material.
#[tokio::test]
async fn two_rotations_on_demand_at_once_are_two() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let rotate = || client.call("RotateKeyOnDemand", json!({"KeyId": key}));
    for _ in 0..12 {
        let (first, second) = tokio::join!(rotate(), rotate());
        assert!(first.is_ok() && second.is_ok());
    }
    let (first, second) = tokio::join!(rotate(), rotate());
    assert!(first.is_ok() != second.is_ok(), "one is left of 25: {first:?} {second:?}");
    let all = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let listed = pages(&client, &all).await.concat();
    let materials: BTreeSet<_> = texts_of(&json!(listed), "KeyMaterialId").into_iter().collect();
    assert_eq!((materials.len(), scene.row_count_of("material").await), (26, 26));
}

/// Encryption goes on through rotations: no request meets a key without material.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encryption_goes_on_while_a_key_rotates() {
    let world = Arc::new(World::on(Arc::new(MemoryEngine::new())).await);
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<String>(1000);
    let (other, of_key) = (Arc::clone(&world), key.clone());
    let encrypting = tokio::spawn(async move {
        let client = other.client(ACCOUNT, REGION);
        while !sender.is_closed() {
            let blob = encrypt(&client, &of_key, HI).await;
            if sender.send(blob).await.is_err() {
                break;
            }
        }
    });
    let mut blobs = Vec::new();
    for _ in 0..25 {
        blobs.push(receiver.recv().await.unwrap());
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    }
    receiver.close();
    encrypting.await.unwrap();
    for blob in blobs {
        client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    }
}

/// Whatever step of the store fails, a rotation is made whole or not at all; the next try makes it once.
#[tokio::test]
async fn a_store_that_fails_leaves_no_half_rotation() {
    let memory = MemoryEngine::new();
    let engine = FaultyEngine::new(Arc::new(memory.clone()));
    let scene = Scene { world: World::on(Arc::new(engine.clone())).await, engine: memory };
    let client = scene.client();
    let key = create_key(&client).await;
    enable(&client, &key).await;
    let mut made = 0;
    for call in [Call::Snapshot, Call::Read, Call::Commit] {
        let (before, revision) = (describe(&client, &key).await, scene.revision().await);
        engine.plan(call, 1, Fault::Fail(EngineError::Unavailable));
        let error = client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (500, "KMSInternalException"), "{call:?}");
        assert_eq!((describe(&client, &key).await, scene.revision().await), (before, revision), "{call:?}");
        for nth in 1..=3 {
            engine.plan(Call::Commit, nth, Fault::Conflict);
        }
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        // Records it; there is nothing else to do.
        assert_eq!(scene.world.service.run_due_jobs().await, 0, "{call:?}");

        scene.world.clock.move_by_ms(PERIOD_DAYS * DAY_MS);
        let revision = scene.revision().await;
        for nth in 1..=3 {
            engine.plan(call, nth, Fault::Fail(EngineError::Unavailable));
        }
        // The other jobs of the key ask the store as well.
        assert!(scene.world.service.run_due_jobs().await > 0, "{call:?}");
        assert_eq!(scene.revision().await, revision, "{call:?}");
        while scene.world.service.run_due_jobs().await > 0 {}
        made += 2;
        assert_eq!(rotations(&client, &key).await.len(), made, "{call:?}");
        assert_eq!(scene.row_count_of("material").await, made + 1, "{call:?}");
    }
}

/// The end of a key is the end of its history, however long.
#[tokio::test]
async fn history_and_materials_go_with_their_key() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    for key in [&key, &other] {
        enable(&client, key).await;
    }
    for _ in 0..120 {
        pass(&scene.world, PERIOD_DAYS, 0).await;
    }
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    pass(&scene.world, 7, 0).await;
    assert_eq!((scene.row_count_of("material").await, scene.row_count_of("key-rotation").await), (121, 121));
    assert_eq!(rotations(&client, &other).await.len(), 120);
    for operation in ["GetKeyRotationStatus", "ListKeyRotations", "RotateKeyOnDemand"] {
        let error = client.call(operation, json!({"KeyId": key})).await.unwrap_err();
        assert_eq!(error.code, "NotFoundException", "{operation}");
    }
}

/// Two nodes on one store: what one has done, the other does not do again.
#[tokio::test]
async fn two_nodes_at_once_rotate_once() {
    let engine = MemoryEngine::new();
    let one = World::on(Arc::new(engine.clone())).await;
    let client = one.client(ACCOUNT, REGION);
    let keys = [create_key(&client).await, create_key(&client).await, create_key(&client).await];
    for key in &keys {
        enable(&client, key).await;
    }
    let (clock, random): (Arc<FakeClock>, _) = (Arc::clone(&one.clock), Arc::new(SeededRandom::new(77)));
    let two = World::reopen(Arc::new(engine), clock, random).await;
    for turn in 1..=5 {
        one.clock.move_by_ms(PERIOD_DAYS * DAY_MS);
        let failed = tokio::join!(one.service.run_due_jobs(), two.service.run_due_jobs());
        assert_eq!(failed, (0, 0));
        for key in &keys {
            assert_eq!(rotations(&client, key).await.len(), turn);
        }
    }
}

#[tokio::test]
async fn the_status_crosses_accounts_and_nothing_else_does() {
    let scene = Scene::new().await;
    let client = scene.client();
    let principals = json!({"AWS": [ACCOUNT, OTHER_ACCOUNT]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principals, "Action": "kms:*", "Resource": "*"},
    ]});
    let made = client.call("CreateKey", json!({"Policy": policy.to_string()})).await.unwrap();
    let key = text(&made["KeyMetadata"]["Arn"]);
    let other = scene.world.client(OTHER_ACCOUNT, REGION);
    assert_eq!(status(&other, &key).await["KeyRotationEnabled"], false);
    for operation in ["DisableKeyRotation", "EnableKeyRotation", "ListKeyRotations", "RotateKeyOnDemand"] {
        let error = other.call(operation, json!({"KeyId": key})).await.unwrap_err();
        assert_eq!(error.code, "AccessDeniedException", "{operation}");
    }
}

/// Policies can hold people to a period.
#[tokio::test]
async fn policies_can_ask_for_the_period() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let allow = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "kms:EnableKeyRotation", "Resource": "*",
        "Condition": {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "365"}},
    }]});
    let ann = root.user("ann", &allow).await;
    for (period, allowed) in [(json!(90), true), (Value::Null, true), (json!(365), true), (json!(366), false)] {
        let input = json!({"KeyId": key, "RotationPeriodInDays": period});
        assert_eq!(ann.call("EnableKeyRotation", input).await.is_ok(), allowed, "{period}");
    }
}
