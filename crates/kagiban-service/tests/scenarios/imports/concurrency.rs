//! Imports that meet each other, a store that fails, and a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{AwsError, SeededRandom, World};
use serde_json::{Value, json};

use super::{FIRST, SECOND, THIRD, decrypt, imported_key, scene, waiting_key, world};
use crate::support::{ACCOUNT, HI, REGION, Scene, describe, encrypt, with};

/// Whoever comes first decides what the key's material is; the other finds it decided.
#[tokio::test]
async fn of_two_first_imports_at_once_one_wins_and_leaves_no_trace_of_the_other() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let import = |material: &[u8]| client.call("ImportKeyMaterial", parameters.input(&key, material));
    let (first, second) = tokio::join!(import(&FIRST), import(&SECOND));
    let (won, lost) = match (first, second) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        other => panic!("one must win: {other:?}"),
    };
    assert_eq!(lost.code, "IncorrectKeyMaterialException");
    assert_eq!(describe(&client, &key).await["CurrentKeyMaterialId"], won["KeyMaterialId"]);
    assert_eq!(scene.row_count_of("material").await, 1);
    assert_eq!(scene.key_row(&key).await["imports"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_material_twice_at_once_is_imported_once() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let import = || client.call("ImportKeyMaterial", parameters.input(&key, &FIRST));
    let (first, second) = tokio::join!(import(), import());
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(scene.row_count_of("material").await, 1);
}

#[tokio::test]
async fn of_two_new_materials_at_once_one_waits() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    let import = |material: &[u8]| {
        let input = with(&parameters.input(&key, material), json!({"ImportType": "NEW_KEY_MATERIAL"}));
        client.call("ImportKeyMaterial", input)
    };
    let (second, third) = tokio::join!(import(&SECOND), import(&THIRD));
    assert_eq!([&second, &third].into_iter().filter(|outcome| outcome.is_ok()).count(), 1, "{second:?} {third:?}");
    assert_eq!(scene.row_count_of("material").await, 2);
}

/// An import and other changes of the same key: none is lost.
#[tokio::test]
async fn an_import_loses_no_other_change() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let (imported, described, tagged) = tokio::join!(
        client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)),
        client.call("UpdateKeyDescription", json!({"KeyId": key, "Description": "kept"})),
        client.call("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]})),
    );
    for outcome in [imported, described, tagged] {
        outcome.unwrap();
    }
    let metadata = describe(&client, &key).await;
    assert_eq!((&metadata["KeyState"], &metadata["Description"]), (&json!("Enabled"), &json!("kept")));
    let tags = client.call("ListResourceTags", json!({"KeyId": key})).await.unwrap();
    assert_eq!(tags["Tags"].as_array().unwrap().len(), 1);
}

/// Uses the key until it is told to stop, and gives the errors it met.
async fn use_until(stop: Arc<AtomicBool>, world: Arc<World>, operation: &'static str, input: Value) -> Vec<AwsError> {
    let client = world.client(ACCOUNT, REGION);
    let mut errors = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        errors.extend(client.call(operation, input.clone()).await.err());
        tokio::task::yield_now().await;
    }
    errors
}

/// Deletion and use at once: the use comes before or after, and is told so. Never is a ciphertext called invalid, or
/// something said to have failed inside.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_uses_material_while_it_goes_is_told_that_it_is_gone() {
    let world = Arc::new(scene().await.world);
    let client = world.client(ACCOUNT, REGION);
    let (key, parameters, _) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    let stop = Arc::new(AtomicBool::new(false));
    let users = [
        ("Decrypt", json!({"CiphertextBlob": blob})),
        ("Encrypt", json!({"KeyId": key, "Plaintext": HI})),
        ("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": key})),
    ];
    let users = users
        .map(|(operation, input)| tokio::spawn(use_until(Arc::clone(&stop), Arc::clone(&world), operation, input)));
    for _ in 0..200 {
        client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
        client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    for user in users {
        for error in user.await.unwrap() {
            assert_eq!(error.code, "KMSInvalidStateException", "{error:?}");
        }
    }
}

/// Whatever step of the store fails: the caller learns that it was not its fault, material and key are as they were, and a
/// retry does it.
#[tokio::test]
async fn a_store_that_fails_leaves_key_and_material_together() {
    let memory = MemoryEngine::new();
    let engine = FaultyEngine::new(Arc::new(memory.clone()));
    let scene = Scene { world: world(Arc::new(engine.clone())).await, engine: memory };
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let import = ("ImportKeyMaterial", parameters.input(&key, &FIRST));
    let delete = ("DeleteImportedKeyMaterial", json!({"KeyId": key}));
    for (operation, input) in [import.clone(), delete, import] {
        for call in [Call::Snapshot, Call::Read, Call::Commit] {
            let (before, revision) = (describe(&client, &key).await, scene.revision().await);
            engine.plan(call, 1, Fault::Fail(EngineError::Unavailable));
            let error = client.call(operation, input.clone()).await.unwrap_err();
            assert_eq!((error.status, error.code.as_str()), (500, "KMSInternalException"), "{operation} {call:?}");
            assert_eq!(scene.revision().await, revision, "{operation} {call:?}");
            assert_eq!(describe(&client, &key).await, before, "{operation} {call:?}");
        }
        for nth in 1..=5 {
            engine.plan(Call::Commit, nth, Fault::Conflict);
        }
        client.call(operation, input).await.unwrap();
        let has_material = describe(&client, &key).await["KeyState"] == "Enabled";
        assert_eq!(has_material, operation == "ImportKeyMaterial");
        assert_eq!(scene.row_count_of("material").await, usize::from(has_material), "{operation}");
    }
}

/// The world after a restart sees every key as it was, those without their material as well; tokens handed out before
/// still open.
#[tokio::test]
async fn a_restart_changes_nothing() {
    let scene = scene().await;
    let client = scene.client();
    let (working, parameters, _) = imported_key(&client).await;
    let blob = encrypt(&client, &working, HI).await;
    let new = with(&parameters.input(&working, &SECOND), json!({"ImportType": "NEW_KEY_MATERIAL"}));
    client.call("ImportKeyMaterial", new).await.unwrap();
    let (waiting, waiting_parameters) = waiting_key(&client).await;
    let (bereft, bereft_parameters, bereft_id) = imported_key(&client).await;
    let bereft_blob = encrypt(&client, &bereft, HI).await;
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": bereft})).await.unwrap();
    let keys = [&working, &waiting, &bereft];
    let mut before: Vec<Value> = Vec::new();
    for key in keys {
        before.push(describe(&client, key).await);
    }

    let random = Arc::new(SeededRandom::new(2));
    let world = World::reopen(Arc::new(scene.engine.clone()), Arc::clone(&scene.world.clock), random).await;
    let client = world.client(ACCOUNT, REGION);
    for (key, before) in keys.into_iter().zip(before) {
        assert_eq!(describe(&client, key).await, before);
    }
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    assert_eq!(decrypt(&client, &bereft_blob).await.unwrap_err().code, "KMSInvalidStateException");
    for (key, parameters) in [(&waiting, &waiting_parameters), (&bereft, &bereft_parameters)] {
        client.call("ImportKeyMaterial", parameters.input(key, &FIRST)).await.unwrap();
        assert_eq!(describe(&client, key).await["KeyState"], "Enabled");
    }
    assert_eq!(describe(&client, &bereft).await["CurrentKeyMaterialId"], json!(bereft_id));
    assert_eq!(decrypt(&client, &bereft_blob).await.unwrap(), HI);
}
