//! What the service does by itself is recorded with the change, once it is made and not before, whatever is cut off.

use std::path::Path;
use std::sync::Arc;

use kagiban_base::time::DAY_MS;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::{MemoryJournal, Setting, Snapshot, World};
use serde_json::{Value, json};

use super::records_of;
use crate::imports::{FIRST, waiting_key};
use crate::support::{ACCOUNT, REGION, Scene, create_key, describe, text, with};

/// The records that `work` and the jobs after it leave, but for those of requests.
async fn events_of<T>(world: &World, work: impl Future<Output = T>) -> Vec<Value> {
    let both = async {
        work.await;
        assert_eq!(world.service.run_due_jobs().await, 0);
    };
    let records = records_of(world, both).await;
    let mut events: Vec<Value> =
        records.into_iter().filter(|record| record["sourceIPAddress"] == "AWS Internal").collect();
    // Those of one moment have no order.
    events.sort_by_key(|event| format!("{}{}", event["eventTime"], event["eventName"]));
    events
}

#[tokio::test]
async fn every_event_is_as_reviewed() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let mut snapshot = Snapshot::default();
    let mut show = |name: &str, events: &[Value]| {
        snapshot.heading(name);
        for event in events {
            assert_eq!(event["userIdentity"], json!({"accountId": ACCOUNT, "invokedBy": "AWS Internal"}));
            assert_eq!(event.get("requestID").is_none(), event["eventType"] == "AwsServiceEvent");
            snapshot.record(event["awsRegion"].as_str().unwrap(), &[], event);
        }
    };
    let key = create_key(&root).await;
    let call = async |operation: &str, input: Value| root.call(operation, input).await.unwrap();
    show("rotation on demand", &events_of(&world, call("RotateKeyOnDemand", json!({"KeyId": key}))).await);
    call("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90})).await;
    show("automatic rotation", &events_of(&world, async { world.clock.move_by_ms(90 * DAY_MS) }).await);
    call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await;
    show("deletion", &events_of(&world, async { world.clock.move_by_ms(7 * DAY_MS) }).await);
    let (imported, parameters) = waiting_key(&root).await;
    let soon = describe(&root, &imported).await["CreationDate"].as_f64().unwrap() + 60.0;
    let expiry = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon});
    call("ImportKeyMaterial", with(&parameters.input(&imported, &FIRST), expiry)).await;
    show("expiry", &events_of(&world, async { world.clock.move_by_ms(60_000) }).await);
    let made = call("CreateKey", json!({"MultiRegion": true})).await;
    let primary = text(&made["KeyMetadata"]["Arn"]);
    let replicate = call("ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}));
    show("a replica", &events_of(&world, replicate).await);
    let update = call("UpdatePrimaryRegion", json!({"KeyId": primary, "PrimaryRegion": "eu-west-1"}));
    show("another primary", &events_of(&world, update).await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/audit/service-events.txt");
    snapshot.assert_is(&path);
}

/// An event waits in the store while the journal cannot take it, and is removed when it is durable.
#[tokio::test]
async fn events_wait_for_the_journal() {
    let engine = MemoryEngine::new();
    let journal = Arc::new(MemoryJournal::new());
    let setting = Setting { engine: Arc::new(engine.clone()), journal: Arc::clone(&journal), ..Setting::default() };
    let scene = Scene { world: World::of(setting).await, engine };
    let root = scene.client();
    let key = create_key(&root).await;
    root.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(scene.row_count_of("service-event").await, 1);
    journal.stop();
    assert_eq!(scene.world.service.run_due_jobs().await, 1);
    assert_eq!(scene.row_count_of("service-event").await, 1);
    journal.resume();
    // Cut off between the record and its durability: recorded again, under the same number.
    let before = journal.count();
    journal.hold();
    {
        let jobs = scene.world.service.run_due_jobs();
        tokio::pin!(jobs);
        let recorded = async {
            while journal.count() == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { biased; _ = &mut jobs => panic!("it did not wait"), () = recorded => {} }
    }
    assert_eq!(scene.row_count_of("service-event").await, 1);
    journal.release();
    assert_eq!(scene.world.service.run_due_jobs().await, 0);
    assert_eq!(scene.row_count_of("service-event").await, 0);
    let records = journal.rendered_after(before);
    let [first, again] = &records[..] else { panic!("{} records", records.len()) };
    assert_eq!(first, again);
    assert_eq!((&first["eventName"], &first["eventType"]), (&json!("RotateKey"), &json!("AwsServiceEvent")));
}

/// A change that fails leaves no event.
#[tokio::test]
async fn what_is_not_done_is_no_event() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    root.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    root.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!(scene.row_count_of("service-event").await, 0);
}
