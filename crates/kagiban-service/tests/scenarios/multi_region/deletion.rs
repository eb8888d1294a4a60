//! Deletion of related keys: replicas when people want, the primary after all of them.

use kagiban_base::time::{Clock as _, DAY_MS};
use serde_json::{Value, json};

use super::{Regions, SECOND, THIRD, code, create, in_region, replicate, roles, synchronise};
use crate::support::{HI, Scene, describe, encrypt, key_id_of};

#[tokio::test]
async fn a_replica_goes_and_comes_again() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    let rows = scene.row_count().await;
    let blob = encrypt(&regions.first, &key, HI).await;
    let replica = replicate(&regions.first, &key, SECOND).await;
    synchronise(&scene.world).await;
    regions.second.call("ScheduleKeyDeletion", json!({"KeyId": replica, "PendingWindowInDays": 7})).await.unwrap();
    let again = || json!({"KeyId": key, "ReplicaRegion": SECOND});
    assert_eq!(code(regions.first.call("ReplicateKey", again()).await), "AlreadyExistsException");
    scene.world.clock.move_by_ms(7 * DAY_MS);
    synchronise(&scene.world).await;
    assert_eq!(code(regions.second.call("DescribeKey", json!({"KeyId": replica})).await), "NotFoundException");
    assert_eq!(roles(&describe(&regions.first, &key).await).2, Vec::<String>::new());
    assert_eq!(scene.row_count().await, rows);
    regions.first.call("ReplicateKey", again()).await.unwrap();
    synchronise(&scene.world).await;
    assert_eq!(regions.second.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
}

/// A replica whose deletion is cancelled before its material has come is in the making again; it was stuck in PendingImport,
/// for which there is no way out for material that is made here.
#[tokio::test]
async fn a_replica_that_is_spared_before_it_is_made_is_made_in_the_end() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    for (origin, spared, made) in [("AWS_KMS", "Creating", "Enabled"), ("EXTERNAL", "PendingImport", "PendingImport")] {
        let key = create(&regions.first, json!({"Origin": origin})).await;
        if origin == "EXTERNAL" {
            crate::subjects::import(&regions.first, &key).await;
        }
        let blob = encrypt(&regions.first, &key, HI).await;
        let replica = replicate(&regions.first, &key, SECOND).await;
        for operation in ["ScheduleKeyDeletion", "CancelKeyDeletion"] {
            regions.second.call(operation, json!({"KeyId": replica})).await.unwrap();
        }
        assert_eq!(describe(&regions.second, &replica).await["KeyState"], spared);
        synchronise(&scene.world).await;
        assert_eq!(describe(&regions.second, &replica).await["KeyState"], made);
        if origin == "EXTERNAL" {
            crate::subjects::import(&regions.second, &replica).await;
        }
        let opened = regions.second.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!(opened["Plaintext"], HI, "{origin}");
    }
}

/// What was noted of the use of a replica is not that of the next one, which has its name.
#[tokio::test]
async fn a_replica_that_comes_again_was_never_used() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    for saves_before in [false, true] {
        let replica = replicate(&regions.first, &key, SECOND).await;
        synchronise(&scene.world).await;
        encrypt(&regions.second, &replica, HI).await;
        if saves_before {
            scene.world.service.key_use_writer().save().await.unwrap();
        }
        let schedule = json!({"KeyId": replica, "PendingWindowInDays": 7});
        regions.second.call("ScheduleKeyDeletion", schedule.clone()).await.unwrap();
        scene.world.clock.move_by_ms(7 * DAY_MS);
        synchronise(&scene.world).await;
        assert_eq!(replicate(&regions.first, &key, SECOND).await, replica);
        synchronise(&scene.world).await;
        for saves_after in [false, true] {
            if saves_after {
                scene.world.service.key_use_writer().save().await.unwrap();
            }
            let usage = regions.second.call("GetKeyLastUsage", json!({"KeyId": replica})).await.unwrap();
            assert_eq!(usage["KeyLastUsage"], json!({}), "{saves_before} {saves_after}");
        }
        regions.second.call("ScheduleKeyDeletion", schedule).await.unwrap();
        scene.world.clock.move_by_ms(7 * DAY_MS);
        synchronise(&scene.world).await;
    }
}

#[tokio::test]
async fn a_primary_waits_for_the_last_of_its_replicas() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let rows = scene.row_count().await;
    let key = create(&regions.first, json!({})).await;
    let replicas = [replicate(&regions.first, &key, SECOND).await, replicate(&regions.first, &key, THIRD).await];
    synchronise(&scene.world).await;
    let answer =
        regions.first.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 9})).await.unwrap();
    let expected = json!({"KeyId": key, "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 9});
    assert_eq!(answer, expected);
    let metadata = describe(&regions.first, &key).await;
    assert_eq!((&metadata["PendingDeletionWindowInDays"], &metadata["DeletionDate"]), (&json!(9), &Value::Null));
    let refused = regions.first.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap_err();
    assert_eq!(refused.message, format!("{key} is pending replica deletion."));
    encrypt(&regions.second, key_id_of(&key), HI).await;
    scene.world.clock.move_by_ms(1000 * DAY_MS);
    synchronise(&scene.world).await;
    assert_eq!(describe(&regions.first, &key).await["KeyState"], "PendingReplicaDeletion");
    // It can be had back, and be deleted again.
    regions.first.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let metadata = describe(&regions.first, &key).await;
    assert_eq!((&metadata["KeyState"], &metadata["PendingDeletionWindowInDays"]), (&json!("Disabled"), &Value::Null));
    regions.first.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 9})).await.unwrap();

    for (client, replica, days) in [(&regions.second, &replicas[0], 7), (&regions.third, &replicas[1], 8)] {
        client.call("ScheduleKeyDeletion", json!({"KeyId": replica, "PendingWindowInDays": days})).await.unwrap();
    }
    scene.world.clock.move_by_ms(7 * DAY_MS);
    synchronise(&scene.world).await;
    assert_eq!(describe(&regions.first, &key).await["KeyState"], "PendingReplicaDeletion");
    scene.world.clock.move_by_ms(DAY_MS);
    synchronise(&scene.world).await;
    let metadata = describe(&regions.first, &key).await;
    assert_eq!(
        (&metadata["KeyState"], &metadata["PendingDeletionWindowInDays"]),
        (&json!("PendingDeletion"), &Value::Null)
    );
    let at = scene.world.clock.now().plus_days(9).unix_s();
    assert_eq!(metadata["DeletionDate"].as_f64(), Some(at as f64));
    scene.world.clock.move_by_ms(9 * DAY_MS);
    synchronise(&scene.world).await;
    assert_eq!(code(regions.first.call("DescribeKey", json!({"KeyId": key})).await), "NotFoundException");
    assert_eq!(scene.row_count().await, rows);
    assert_eq!(
        code(regions.third.call("DescribeKey", json!({"KeyId": in_region(&key, THIRD)})).await),
        "NotFoundException"
    );
}
