//! What becomes of imported material at its ValidTo.

use std::collections::BTreeSet;

use kagiban_base::time::DAY_MS;
use serde_json::{Value, json};

use super::{FIRST, Parameters, SECOND, decrypt, scene, waiting_key};
use crate::support::{ACCOUNT, HI, REGION, Scene, describe, encrypt, with};

/// Noon of 2026-11-21, when worlds begin, in seconds.
const NOON: i64 = 1_795_262_400;

/// The expiration of material after so many days.
fn after_days(days: i64) -> Value {
    json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": NOON + days * DAY_MS / 1000})
}

#[tokio::test]
async fn material_expires_at_its_date_and_comes_back() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), after_days(10))).await.unwrap();
    let blob = encrypt(&client, &key, HI).await;
    let enabled = describe(&client, &key).await;
    scene.world.clock.move_by_ms(10 * DAY_MS - 1);
    let before = scene.revision().await;
    assert_eq!((scene.world.service.run_due_jobs().await, scene.revision().await), (0, before), "too soon");

    scene.world.clock.move_by_ms(1);
    assert_eq!(scene.world.service.run_due_jobs().await, 0);
    assert_eq!((scene.row_count_of("material").await, scene.world.service.next_due()), (0, None));
    let metadata = describe(&client, &key).await;
    let told = ["KeyState", "ValidTo", "ExpirationModel"].map(|name| metadata[name].clone());
    assert_eq!(told, [json!("PendingImport"), Value::Null, Value::Null]);
    let error = decrypt(&client, &blob).await.unwrap_err();
    assert_eq!(error.code, "KMSInvalidStateException");

    let parameters = Parameters::of(&client, &key).await;
    let other = client.call("ImportKeyMaterial", parameters.input(&key, &SECOND)).await.unwrap_err();
    assert_eq!(other.code, "IncorrectKeyMaterialException");
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), after_days(20))).await.unwrap();
    assert_eq!(describe(&client, &key).await["CurrentKeyMaterialId"], enabled["CurrentKeyMaterialId"]);
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    let again = scene.world.restarted().await;
    again.clock.move_by_ms(10 * DAY_MS);
    assert_eq!((again.service.run_due_jobs().await, scene.row_count_of("material").await), (0, 0), "after a restart");
}

/// What is done before the material expires, the state after it has, and after CancelKeyDeletion if that is possible.
#[tokio::test]
async fn material_expires_in_every_state() {
    let scene = scene().await;
    let client = scene.client();
    for (ways, after, cancelled) in [
        (&[][..], "PendingImport", None),
        (&["DisableKey"], "PendingImport", None),
        (&["ScheduleKeyDeletion"], "PendingDeletion", Some("PendingImport")),
        (&["DisableKey", "ScheduleKeyDeletion"], "PendingDeletion", Some("PendingImport")),
    ] {
        let (key, parameters) = waiting_key(&client).await;
        let soon = describe(&client, &key).await["CreationDate"].as_f64().unwrap() + 60.0;
        let expiry = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon});
        client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), expiry)).await.unwrap();
        for operation in ways {
            client.call(operation, json!({"KeyId": key})).await.unwrap();
        }
        scene.world.clock.move_by_ms(60_000);
        assert_eq!(scene.world.service.run_due_jobs().await, 0);
        assert_eq!(describe(&client, &key).await["KeyState"], after, "{ways:?}");
        assert_eq!(scene.row_count_of("material").await, 0, "{ways:?}");
        if let Some(cancelled) = cancelled {
            client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
            assert_eq!(describe(&client, &key).await["KeyState"], cancelled, "{ways:?}");
        }
    }
}

/// Material that waits for its rotation is no loss to the key; each has a date of its own.
#[tokio::test]
async fn of_several_materials_each_expires_at_its_own_date() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), after_days(10))).await.unwrap();
    let new = with(&parameters.input(&key, &SECOND), json!({"ImportType": "NEW_KEY_MATERIAL"}));
    client.call("ImportKeyMaterial", with(&new, after_days(5))).await.unwrap();
    for (days, state, materials) in [(4, "Enabled", 2), (5, "Enabled", 1), (9, "Enabled", 1), (10, "PendingImport", 0)]
    {
        let now = kagiban_base::time::Clock::now(&*scene.world.clock).unix_ms();
        scene.world.clock.move_by_ms(NOON * 1000 + days * DAY_MS - now);
        assert_eq!(scene.world.service.run_due_jobs().await, 0);
        assert_eq!(describe(&client, &key).await["KeyState"], state, "{days}");
        assert_eq!(scene.row_count_of("material").await, materials, "{days}");
    }
}

/// What broke: more writes than a batch takes, so that nothing of them was ever deleted, and all went on decrypting.
#[tokio::test]
async fn many_materials_expire_together() {
    let first = scene().await;
    let scene =
        Scene { world: first.world.restarted_with("on-demand-rotations-per-key=100").await, engine: first.engine };
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &[0; 32]), after_days(10))).await.unwrap();
    for number in 1..40 {
        let new = with(&parameters.input(&key, &[number; 32]), json!({"ImportType": "NEW_KEY_MATERIAL"}));
        client.call("ImportKeyMaterial", with(&new, after_days(10))).await.unwrap();
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    }
    assert_eq!(scene.row_count_of("material").await, 40);
    scene.world.clock.move_by_ms(10 * DAY_MS);
    for _ in 0..2 {
        assert_eq!(scene.world.service.run_due_jobs().await, 0);
    }
    assert_eq!((scene.row_count_of("material").await, scene.world.service.next_due()), (0, None));
}

/// Several nodes have the same job: what one of them did is not done, nor told, again by the others.
#[tokio::test]
async fn material_expires_once_however_many_nodes_there_are() {
    let scene = scene().await;
    let client = scene.client();
    let mut keys = Vec::new();
    for _ in 0..5 {
        let (key, parameters) = waiting_key(&client).await;
        client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), after_days(10))).await.unwrap();
        let new = with(&parameters.input(&key, &SECOND), json!({"ImportType": "NEW_KEY_MATERIAL"}));
        client.call("ImportKeyMaterial", with(&new, after_days(10))).await.unwrap();
        keys.push(key);
    }
    let records = scene.world.journal().count();
    scene.world.clock.move_by_ms(10 * DAY_MS);
    let nodes = [scene.world.restarted().await, scene.world.restarted().await];
    let [one, two] = [&scene.world, &nodes[0]].map(|node| node.service.run_due_jobs());
    assert_eq!(tokio::join!(one, two, nodes[1].service.run_due_jobs()), (0, 0, 0));
    for node in [&scene.world, &nodes[0], &nodes[1]] {
        assert_eq!((node.service.run_due_jobs().await, node.service.next_due()), (0, None));
        for key in &keys {
            let metadata = describe(&node.client(ACCOUNT, REGION), key).await;
            assert_eq!((&metadata["KeyState"], &metadata["ValidTo"]), (&json!("PendingImport"), &Value::Null));
        }
    }
    assert_eq!(scene.row_count_of("material").await, 0);
    assert_eq!(scene.row_count_of("service-event").await, 0);
    let told = scene.world.journal().rendered_after(records);
    let told: Vec<_> = told.iter().filter(|record| record["eventName"] == "DeleteExpiredKeyMaterial").collect();
    // Two nodes may each tell of one event, which has its id then.
    let events: BTreeSet<_> = told.iter().map(|event| event["eventID"].to_string()).collect();
    let materials: BTreeSet<_> = told.iter().map(|event| event["serviceEventDetails"].to_string()).collect();
    assert_eq!((events.len(), materials.len()), (10, 10), "one for each material");
}

/// Material is at its end with its date, and not with the job that deletes it.
#[tokio::test]
async fn material_does_not_outlive_its_date_in_use() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), after_days(10))).await.unwrap();
    let blob = encrypt(&client, &key, HI).await;
    scene.world.clock.move_by_ms(10 * DAY_MS - 1);
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    scene.world.clock.move_by_ms(1);
    let late = decrypt(&client, &blob).await.unwrap_err();
    let used = client.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap_err();
    for error in [late, used] {
        assert_eq!(
            (error.code.as_str(), error.message),
            ("KMSInvalidStateException", format!("{key} is pending import."))
        );
    }
}
