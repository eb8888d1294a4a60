//! Every commit of every step between related keys is cut in every way, and by two nodes at once: the set ends up as if
//! nothing had happened, and was never half of anything in between.

use std::sync::Arc;

use kagiban_base::time::{Clock as _, DAY_MS};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{Client, SeededRandom, World};
use serde_json::{Value, json};

use super::{Regions, SECOND, THIRD, create, in_region, replicate, synchronise};
use crate::imports::{Parameters, world};
use crate::support::{HI, encrypt, key_id_of, text, with};

/// What a job has to do.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// Two new replicas need a history of several materials.
    Replicate,
    /// New material is on its way to two replicas.
    Rotate,
    /// The role moves, and the successor does not know the last change.
    Move,
    /// The last replica of a primary whose deletion is scheduled is at its end.
    Leave,
    /// A replica has imported the material that waits.
    Report,
    /// The material that waits has expired on the primary, and the replicas have it.
    Expire,
    /// The material that waits was deleted on the primary, and the replicas have it.
    Forget,
}

const WORKS: [Work; 7] =
    [Work::Replicate, Work::Rotate, Work::Move, Work::Leave, Work::Report, Work::Expire, Work::Forget];

impl Work {
    const fn is_of_imports(self) -> bool {
        matches!(self, Self::Report | Self::Expire | Self::Forget)
    }
}

/// A world on an engine that fails, in which work on a set is due.
struct Due {
    work: Work,
    world: World,
    engine: FaultyEngine,
    memory: MemoryEngine,
    key: String,
    blobs: Vec<String>,
}

impl Due {
    async fn of(work: Work) -> Self {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        let world = world(Arc::new(engine.clone())).await;
        let (key, blobs) = prepare(work, &world).await;
        Self { work, world, engine, memory, key, blobs }
    }

    /// Another node, or this one after a restart.
    async fn another(&self) -> World {
        let random = Arc::new(SeededRandom::new(2));
        World::reopen(Arc::new(self.memory.clone()), Arc::clone(&self.world.clock), random).await
    }
}

async fn import(client: &Client<'_>, key: &str, byte: u8, more: Value) -> Value {
    let parameters = Parameters::of(client, key).await;
    client.call("ImportKeyMaterial", with(&parameters.input(key, &[byte; 32]), more)).await.unwrap()
}

/// Both materials come to the replicas.
async fn import_there(regions: &Regions<'_>, key: &str) {
    for (client, region) in [(&regions.second, SECOND), (&regions.third, THIRD)] {
        import(client, &in_region(key, region), 1, json!({})).await;
        import(client, &in_region(key, region), 2, json!({})).await;
    }
}

async fn prepare(work: Work, world: &World) -> (String, Vec<String>) {
    let regions = Regions::of(world);
    let kind = if work.is_of_imports() { json!({"Origin": "EXTERNAL"}) } else { json!({}) };
    let key = create(&regions.first, kind).await;
    let input = json!({"KeyId": key});
    if work.is_of_imports() {
        import(&regions.first, &key, 1, json!({})).await;
    }
    let mut blobs = vec![encrypt(&regions.first, &key, HI).await];
    if matches!(work, Work::Replicate) {
        for _ in 0..2 {
            regions.first.call("RotateKeyOnDemand", input.clone()).await.unwrap();
            blobs.push(encrypt(&regions.first, &key, HI).await);
        }
    }
    let replica = replicate(&regions.first, &key, SECOND).await;
    if !matches!(work, Work::Leave) {
        replicate(&regions.first, &key, THIRD).await;
    }
    if !matches!(work, Work::Replicate) {
        synchronise(world).await;
    }
    match work {
        Work::Replicate => {}
        Work::Rotate => _ = regions.first.call("RotateKeyOnDemand", input).await.unwrap(),
        Work::Move => {
            let to = with(&input, json!({"PrimaryRegion": SECOND}));
            regions.first.call("UpdatePrimaryRegion", to).await.unwrap();
            regions.first.call("EnableKeyRotation", input).await.unwrap();
        }
        Work::Leave => {
            regions.first.call("ScheduleKeyDeletion", input).await.unwrap();
            let input = json!({"KeyId": replica, "PendingWindowInDays": 7});
            regions.second.call("ScheduleKeyDeletion", input).await.unwrap();
            world.clock.move_by_ms(7 * DAY_MS);
        }
        Work::Report => {
            import(&regions.first, &key, 2, json!({"ImportType": "NEW_KEY_MATERIAL"})).await;
            synchronise(world).await;
            import_there(&regions, &key).await;
        }
        Work::Expire | Work::Forget => {
            let soon = world.clock.now().unix_ms() / 1000 + 60;
            let expires =
                json!({"ImportType": "NEW_KEY_MATERIAL", "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon});
            let new = import(&regions.first, &key, 2, expires).await;
            synchronise(world).await;
            import_there(&regions, &key).await;
            synchronise(world).await;
            if matches!(work, Work::Forget) {
                let named = with(&input, json!({"KeyMaterialId": new["KeyMaterialId"]}));
                regions.first.call("DeleteImportedKeyMaterial", named).await.unwrap();
            }
            world.clock.move_by_ms(60_000);
        }
    }
    (key, blobs)
}

/// All that the related keys show, Region by Region.
async fn seen(world: &World, key: &str) -> Vec<Value> {
    let regions = Regions::of(world);
    let mut seen = Vec::new();
    for client in [&regions.first, &regions.second, &regions.third] {
        for operation in ["DescribeKey", "GetKeyRotationStatus", "ListKeyRotations"] {
            let input = json!({"KeyId": key_id_of(key), "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
            seen.push(json!(client.call(operation, input).await.ok()));
        }
    }
    seen
}

/// What must be so at every moment: at most one key acts as the primary, and whatever is in use opens what any of them
/// encrypts now or did before.
async fn assert_sound(world: &World, due: &Due, what: &str) {
    let regions = Regions::of(world);
    let id = key_id_of(&due.key);
    let clients = [&regions.first, &regions.second, &regions.third];
    let (mut acting, mut in_use, mut blobs) = (0, Vec::new(), due.blobs.clone());
    for client in clients {
        if let Ok(blob) = client.call("Encrypt", json!({"KeyId": id, "Plaintext": HI})).await {
            in_use.push(client);
            blobs.push(text(&blob["CiphertextBlob"]));
        }
        // A setting as it is already: only a primary takes it.
        let setting = if matches!(due.work, Work::Move) { "EnableKeyRotation" } else { "DisableKeyRotation" };
        acting += usize::from(client.call(setting, json!({"KeyId": id})).await.is_ok());
    }
    assert!(acting <= 1, "{what}: {acting} primaries");
    for client in in_use {
        for blob in &blobs {
            let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await;
            assert_eq!(opened.unwrap_or_else(|error| panic!("{what}: {error:?}"))["Plaintext"], HI);
        }
    }
}

/// What an undisturbed run leaves.
async fn expected(work: Work) -> Vec<Value> {
    let due = Due::of(work).await;
    synchronise(&due.world).await;
    seen(&due.world, &due.key).await
}

async fn assert_survives_cuts(work: Work) {
    let expected = expected(work).await;
    let mut cuts = 0;
    for fault in [Fault::Fail(EngineError::Unavailable), Fault::LoseRequest, Fault::LoseAnswer] {
        for nth in 1.. {
            let due = Due::of(work).await;
            let commits = due.engine.calls(Call::Commit);
            due.engine.plan(Call::Commit, nth, fault.clone());
            // As after a kill: nothing more is written by this node.
            (nth + 1..nth + 40).for_each(|later| {
                due.engine.plan(Call::Commit, later, Fault::Fail(EngineError::Unavailable));
            });
            due.world.service.run_due_jobs().await;
            if due.engine.calls(Call::Commit) < commits + nth {
                assert!(nth > 2, "{work:?} {nth}");
                break;
            }
            cuts += 1;
            let what = format!("{work:?} {fault:?} {nth}");
            let after = due.another().await;
            assert_sound(&after, &due, &what).await;
            synchronise(&after).await;
            assert_eq!(seen(&after, &due.key).await, expected, "{what}");
            assert_sound(&after, &due, &what).await;
        }
    }
    assert!(cuts >= 6, "{work:?} {cuts}");
}

#[tokio::test]
async fn replication_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Replicate).await;
}

#[tokio::test]
async fn rotation_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Rotate).await;
}

#[tokio::test]
async fn a_change_of_primary_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Move).await;
}

#[tokio::test]
async fn the_end_of_a_replica_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Leave).await;
}

#[tokio::test]
async fn a_report_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Report).await;
}

#[tokio::test]
async fn an_expiry_on_a_primary_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Expire).await;
}

#[tokio::test]
async fn a_deletion_on_a_primary_that_was_cut_goes_on() {
    assert_survives_cuts(Work::Forget).await;
}

#[tokio::test]
async fn two_nodes_do_the_same_work_at_once() {
    for work in WORKS {
        let expected = expected(work).await;
        let due = Due::of(work).await;
        let other = due.another().await;
        tokio::join!(due.world.service.run_due_jobs(), other.service.run_due_jobs());
        for world in [&due.world, &other] {
            synchronise(world).await;
        }
        for world in [&due.world, &other] {
            assert_eq!(seen(world, &due.key).await, expected, "{work:?}");
            assert_sound(world, &due, &format!("{work:?}")).await;
        }
    }
}
