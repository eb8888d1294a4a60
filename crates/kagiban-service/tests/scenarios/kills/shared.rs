//! The scenarios of multi-Region keys: what is done to one of a set, and what the others must be then.

use kagiban_base::time::DAY_MS;
use kagiban_storage::Engine;
use kagiban_testkit::{World, unsettled_keys};
use serde_json::{Value, json};

use super::Stage;
use super::scenarios::{Scenario, assert_erased, hex};
use crate::jobs::erasure::{bodies, rows_but_events};
use crate::support::{ACCOUNT, HI, REGION, encrypt, key_id_of, text};

pub(super) const SECOND: &str = "eu-west-1";
pub(super) const THIRD: &str = "ap-southeast-2";
pub(super) const REGIONS: [&str; 3] = [REGION, SECOND, THIRD];

pub(super) fn in_region(key: &Value, region: &str) -> String {
    text(key).replace(REGION, region)
}

pub(super) async fn call(world: &World, region: &str, operation: &str, input: Value) -> Value {
    let answer = world.client(ACCOUNT, region).call(operation, input).await;
    answer.unwrap_or_else(|error| panic!("{operation} in {region}: {error:?}"))
}

pub(super) async fn run_jobs(world: &World) {
    assert_eq!(world.service.run_due_jobs().await, 0);
}

/// The metadata of the key in each Region where there is one.
async fn metadata(world: &World, key: &Value) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    for region in REGIONS {
        let input = json!({"KeyId": in_region(key, region)});
        match world.client(ACCOUNT, region).call("DescribeKey", input).await {
            Ok(answer) => found.push((region, answer["KeyMetadata"].clone())),
            Err(error) => assert_eq!(error.code, "NotFoundException"),
        }
    }
    found
}

/// Every blob, and one of today from each Region, opens in every Region in which the key can be used.
pub(super) async fn assert_open_everywhere(stage: &Stage, when: &str) {
    let (world, key) = (&stage.world, &stage.facts["key"]);
    let keys = metadata(world, key).await;
    let usable = keys.iter().filter(|(_, key)| key["KeyState"] == "Enabled" || key["KeyState"] == "Updating");
    let usable: Vec<&str> = usable.map(|(region, _)| *region).collect();
    let mut blobs: Vec<String> = stage.facts["blobs"].as_array().unwrap().iter().map(text).collect();
    for region in &usable {
        blobs.push(encrypt(&world.client(ACCOUNT, region), &in_region(key, region), HI).await);
    }
    for region in &usable {
        for blob in &blobs {
            let input = json!({"CiphertextBlob": blob, "KeyId": in_region(key, region)});
            let opened = world.client(ACCOUNT, region).call("Decrypt", input).await;
            assert_eq!(
                opened.unwrap_or_else(|e| panic!("{when}, {region}: {e:?}"))["Plaintext"],
                HI,
                "{when}, {region}"
            );
        }
    }
}

async fn rotations(world: &World, key: &Value, region: &str) -> usize {
    let answer = call(world, region, "ListKeyRotations", json!({"KeyId": in_region(key, region)})).await;
    answer["Rotations"].as_array().unwrap().len()
}

impl Scenario {
    /// A key that rotated once, and has the replicas that the scenario needs.
    pub(super) async fn prepare_shared(self, world: &World, engine: &dyn Engine) -> Value {
        let rows = rows_but_events(engine).await;
        let made = call(world, REGION, "CreateKey", json!({"MultiRegion": true})).await;
        let key = made["KeyMetadata"]["Arn"].clone();
        let client = world.client(ACCOUNT, REGION);
        let mut blobs = vec![encrypt(&client, &text(&key), HI).await];
        call(world, REGION, "RotateKeyOnDemand", json!({"KeyId": key})).await;
        run_jobs(world).await;
        blobs.push(encrypt(&client, &text(&key), HI).await);
        let replicas: &[&str] = match self {
            Self::Replication => &[],
            Self::SharedRotation => &[SECOND, THIRD],
            _ => &[SECOND],
        };
        for region in replicas {
            call(world, REGION, "ReplicateKey", json!({"KeyId": key, "ReplicaRegion": region})).await;
        }
        run_jobs(world).await;
        assert_eq!(unsettled_keys(engine).await, [""; 0]);
        let needles = self.schedule_deletions(world, engine, &key).await;
        json!({"key": key, "blobs": blobs, "rows": rows, "needles": needles})
    }

    /// Schedules the deletions that the scenario is about, and lets their waiting periods go by. Gives the materials that
    /// are to be erased.
    async fn schedule_deletions(self, world: &World, engine: &dyn Engine, key: &Value) -> Vec<String> {
        let input = |region| json!({"KeyId": in_region(key, region), "PendingWindowInDays": 7});
        let id = key_id_of(key.as_str().unwrap());
        let doomed = match self {
            Self::ReplicaDeletion => format!("{SECOND}\0{ACCOUNT}\0{id}"),
            Self::PrimaryDeletion => {
                call(world, REGION, "ScheduleKeyDeletion", input(REGION)).await;
                id.to_owned()
            }
            _ => return Vec::new(),
        };
        call(world, SECOND, "ScheduleKeyDeletion", input(SECOND)).await;
        world.clock.move_by_ms(7 * DAY_MS);
        bodies("material", &doomed, engine).await.iter().map(|body| hex(body)).collect()
    }

    pub(super) async fn act_shared(self, world: &World, facts: &Value) {
        let key = &facts["key"];
        match self {
            Self::Replication => _ = call(world, REGION, "ReplicateKey", replica(key)).await,
            Self::SharedRotation => _ = call(world, REGION, "RotateKeyOnDemand", json!({"KeyId": key})).await,
            Self::PrimaryChange => {
                call(world, REGION, "UpdatePrimaryRegion", json!({"KeyId": key, "PrimaryRegion": SECOND})).await;
            }
            _ => {}
        }
        run_jobs(world).await;
        if matches!(self, Self::PrimaryDeletion) {
            world.clock.move_by_ms(7 * DAY_MS);
            run_jobs(world).await;
        }
        world.service.erase_deleted().await;
    }

    pub(super) async fn check_half_shared(self, stage: &Stage, when: &str) {
        assert_open_everywhere(stage, when).await;
        for (region, key) in metadata(&stage.world, &stage.facts["key"]).await {
            let state = text(&key["KeyState"]);
            let expected: &[&str] = match (self, region) {
                (Self::PrimaryDeletion, REGION) => &["PendingReplicaDeletion", "PendingDeletion"],
                (Self::PrimaryDeletion | Self::ReplicaDeletion, SECOND) => &["PendingDeletion"],
                (Self::PrimaryChange, _) => &["Enabled", "Updating"],
                (Self::Replication, SECOND) => &["Enabled", "Creating"],
                _ => &["Enabled"],
            };
            assert!(expected.contains(&state.as_str()), "{when}, {region}: {state}");
        }
    }

    pub(super) async fn check_end_shared(self, stage: &Stage, when: &str) {
        let (world, key) = (&stage.world, &stage.facts["key"]);
        if matches!(self, Self::PrimaryDeletion) {
            // However far the child had come: the primary's waiting period began when its replica was gone.
            world.clock.move_by_ms(14 * DAY_MS);
            run_jobs(world).await;
            world.service.erase_deleted().await;
            assert_eq!(rows_but_events(&*stage.engine).await as u64, stage.facts["rows"], "{when}");
        }
        assert_eq!(unsettled_keys(&*stage.engine).await, [""; 0], "{when}");
        assert_open_everywhere(stage, when).await;
        let keys = metadata(world, key).await;
        let regions: Vec<&str> = keys.iter().map(|(region, _)| *region).collect();
        match self {
            Self::Replication if regions == [REGION] => {
                call(world, REGION, "ReplicateKey", replica(key)).await;
                run_jobs(world).await;
                assert_eq!(unsettled_keys(&*stage.engine).await, [""; 0], "{when}");
                assert_open_everywhere(stage, when).await;
            }
            Self::Replication | Self::PrimaryChange => assert_eq!(regions, [REGION, SECOND], "{when}"),
            Self::SharedRotation => {
                let own = rotations(world, key, REGION).await;
                assert!([1, 2].contains(&own), "{when}");
                for region in REGIONS {
                    assert_eq!(rotations(world, key, region).await, own, "{when}, {region}");
                }
            }
            Self::ReplicaDeletion => assert_eq!(regions, [REGION], "{when}"),
            _ => assert_eq!(regions, [""; 0], "{when}"),
        }
        if matches!(self, Self::ReplicaDeletion | Self::PrimaryDeletion) {
            assert_erased(stage, when).await;
        }
    }
}

fn replica(key: &Value) -> Value {
    json!({"KeyId": key, "ReplicaRegion": SECOND, "Tags": [{"TagKey": "a", "TagValue": "b"}]})
}
