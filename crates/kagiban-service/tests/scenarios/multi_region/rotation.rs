//! Rotation of keys with replicas: nobody encrypts with material that a related key lacks.

use kagiban_base::time::DAY_MS;
use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::{Regions, SECOND, THIRD, code, create, in_region, replicate, synchronise};
use crate::support::{HI, Scene, describe, encrypt, key_id_of, text};

/// A symmetric key with replicas in [`SECOND`] and [`THIRD`].
async fn set(scene: &Scene) -> String {
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    for region in [SECOND, THIRD] {
        replicate(&regions.first, &key, region).await;
    }
    synchronise(&scene.world).await;
    key
}

async fn current(client: &Client<'_>, key: &str) -> String {
    text(&describe(client, key_id_of(key)).await["CurrentKeyMaterialId"])
}

async fn status(client: &Client<'_>, key: &str) -> Value {
    client.call("GetKeyRotationStatus", json!({"KeyId": key_id_of(key)})).await.unwrap()
}

#[tokio::test]
async fn new_material_becomes_current_when_every_replica_has_it() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = set(&scene).await;
    let (old, blob) = (current(&regions.first, &key).await, encrypt(&regions.first, &key, HI).await);
    regions.first.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(current(&regions.first, &key).await, old);
    assert!(status(&regions.first, &key).await["OnDemandRotationStartDate"].is_number());
    assert_eq!(code(regions.first.call("RotateKeyOnDemand", json!({"KeyId": key})).await), "ConflictException");

    synchronise(&scene.world).await;
    let new = current(&regions.first, &key).await;
    assert_ne!(new, old);
    let list = json!({"KeyId": key_id_of(&key), "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let materials = regions.first.call("ListKeyRotations", list.clone()).await.unwrap();
    assert_eq!(materials["Rotations"].as_array().unwrap().len(), 2);
    for client in [&regions.first, &regions.second, &regions.third] {
        assert_eq!(current(client, &key).await, new);
        assert_eq!(status(client, &key).await["OnDemandRotationStartDate"], Value::Null);
        assert_eq!(client.call("ListKeyRotations", list.clone()).await.unwrap(), materials);
        let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!((&opened["Plaintext"], &opened["KeyMaterialId"]), (&json!(HI), &json!(old)));
        let fresh = encrypt(client, key_id_of(&key), HI).await;
        for other in [&regions.first, &regions.second, &regions.third] {
            let opened = other.call("Decrypt", json!({"CiphertextBlob": fresh})).await.unwrap();
            assert_eq!((&opened["Plaintext"], &opened["KeyMaterialId"]), (&json!(HI), &json!(new)));
        }
    }
}

#[tokio::test]
async fn replicas_follow_the_settings_and_dates_of_their_primary() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = set(&scene).await;
    let input = json!({"KeyId": key, "RotationPeriodInDays": 90});
    regions.first.call("EnableKeyRotation", input).await.unwrap();
    synchronise(&scene.world).await;
    let on = status(&regions.first, &key).await;
    assert_eq!((&on["KeyRotationEnabled"], &on["RotationPeriodInDays"]), (&json!(true), &json!(90)));
    assert_eq!(status(&regions.second, &key).await, on);
    // A replica that is off or on its way out gets its material all the same.
    regions.second.call("DisableKey", json!({"KeyId": in_region(&key, SECOND)})).await.unwrap();
    regions.third.call("ScheduleKeyDeletion", json!({"KeyId": in_region(&key, THIRD)})).await.unwrap();
    let old = current(&regions.first, &key).await;
    scene.world.clock.move_by_ms(90 * DAY_MS);
    // The third is deleted by now, and comes back.
    synchronise(&scene.world).await;
    replicate(&regions.first, &key, THIRD).await;
    synchronise(&scene.world).await;
    regions.second.call("EnableKey", json!({"KeyId": in_region(&key, SECOND)})).await.unwrap();
    let new = current(&regions.first, &key).await;
    assert_ne!(new, old);
    for client in [&regions.second, &regions.third] {
        assert_eq!(
            (current(client, &key).await, status(client, &key).await),
            (new.clone(), status(&regions.first, &key).await)
        );
        encrypt(client, key_id_of(&key), HI).await;
    }
    regions.first.call("DisableKeyRotation", json!({"KeyId": key})).await.unwrap();
    synchronise(&scene.world).await;
    assert_eq!(status(&regions.third, &key).await["KeyRotationEnabled"], false);
}

#[tokio::test]
async fn a_rotation_waits_while_its_primary_is_disabled() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = set(&scene).await;
    let old = current(&regions.first, &key).await;
    regions.first.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    regions.first.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    synchronise(&scene.world).await;
    for client in [&regions.first, &regions.second] {
        assert_eq!(current(client, &key).await, old);
    }
    regions.first.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    synchronise(&scene.world).await;
    for client in [&regions.first, &regions.second] {
        assert_ne!(current(client, &key).await, old);
    }
}
