//! The scenarios of multi-Region keys with imported material: what one of a set has, and what the others are told of it.

use kagiban_base::time::Clock as _;
use kagiban_storage::Engine;
use kagiban_testkit::{World, unsettled_keys};
use serde_json::{Value, json};

use super::Stage;
use super::scenarios::{Scenario, assert_erased, hex};
use super::shared::{REGIONS, SECOND, THIRD, assert_open_everywhere, call, in_region, run_jobs};
use crate::imports::{self, Parameters};
use crate::jobs::erasure::bodies;
use crate::support::{ACCOUNT, HI, REGION, encrypt, key_id_of, text, with};

const WAITS: &str = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";

/// What ImportKeyMaterial needs to bring this material to the key of a Region.
async fn import_input(world: &World, key: &Value, region: &str, material: &[u8], more: Value) -> Value {
    let (client, key) = (world.client(ACCOUNT, region), in_region(key, region));
    with(&Parameters::of(&client, &key).await.input(&key, material), more)
}

async fn import(world: &World, key: &Value, region: &str, material: &[u8], more: Value) -> Value {
    let input = import_input(world, key, region, material, more).await;
    call(world, region, "ImportKeyMaterial", input).await
}

/// The materials that a key lists: the state of each, and whether it is there.
async fn materials(world: &World, key: &Value, region: &str) -> Vec<(String, String)> {
    let input = json!({"KeyId": in_region(key, region), "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let answer = call(world, region, "ListKeyRotations", input).await;
    let list = answer["Rotations"].as_array().unwrap();
    list.iter().map(|entry| (text(&entry["KeyMaterialState"]), text(&entry["ImportState"]))).collect()
}

fn of(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(state, import)| ((*state).to_owned(), (*import).to_owned())).collect()
}

impl Scenario {
    /// A set of three with imported material, and other material that waits: on its way to one of them, or everywhere.
    pub(super) async fn prepare_import_shared(self, world: &World, engine: &dyn Engine) -> Value {
        let made = call(world, REGION, "CreateKey", json!({"MultiRegion": true, "Origin": "EXTERNAL"})).await;
        let key = &made["KeyMetadata"]["Arn"];
        import(world, key, REGION, &imports::FIRST, json!({})).await;
        let blob = encrypt(&world.client(ACCOUNT, REGION), &text(key), HI).await;
        for region in [SECOND, THIRD] {
            call(world, REGION, "ReplicateKey", json!({"KeyId": key, "ReplicaRegion": region})).await;
        }
        run_jobs(world).await;
        for region in [SECOND, THIRD] {
            import(world, key, region, &imports::FIRST, json!({})).await;
        }
        let before = bodies("material", key_id_of(key.as_str().unwrap()), engine).await;
        let soon = world.clock.now().unix_ms() / 1000 + 60;
        let expiry = match self {
            Self::WaitingExpiry => json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon}),
            _ => json!({}),
        };
        let new = with(&expiry, json!({"ImportType": "NEW_KEY_MATERIAL"}));
        let new = import(world, key, REGION, &imports::SECOND, new).await["KeyMaterialId"].clone();
        run_jobs(world).await;
        import(world, key, THIRD, &imports::SECOND, json!({})).await;
        let input = import_input(world, key, SECOND, &imports::SECOND, json!({})).await;
        let mut needles = Vec::new();
        if !matches!(self, Self::SharedImport) {
            call(world, SECOND, "ImportKeyMaterial", input.clone()).await;
            let mut doomed = bodies("material", key_id_of(key.as_str().unwrap()), engine).await;
            doomed.retain(|body| !before.contains(body));
            assert_eq!(doomed.len(), 3);
            needles = doomed.iter().map(|body| hex(body)).collect();
        }
        run_jobs(world).await;
        if matches!(self, Self::WaitingExpiry) {
            world.clock.move_by_ms(60_000);
        } else {
            assert_eq!(unsettled_keys(engine).await, [""; 0]);
        }
        json!({"key": key, "blobs": [blob], "new": new, "input": input, "needles": needles})
    }

    pub(super) async fn act_import_shared(self, world: &World, facts: &Value) {
        match self {
            Self::SharedImport => {
                call(world, SECOND, "ImportKeyMaterial", facts["input"].clone()).await;
                run_jobs(world).await;
                call(world, REGION, "RotateKeyOnDemand", json!({"KeyId": facts["key"]})).await;
            }
            Self::WaitingDeletion => delete_waiting(world, facts).await,
            _ => {}
        }
        run_jobs(world).await;
        world.service.erase_deleted().await;
    }

    pub(super) async fn check_half_import_shared(self, stage: &Stage, when: &str) {
        assert_open_everywhere(stage, when).await;
        for region in REGIONS {
            let key = json!({"KeyId": in_region(&stage.facts["key"], region)});
            let metadata = call(&stage.world, region, "DescribeKey", key).await;
            assert_eq!(metadata["KeyMetadata"]["KeyState"], "Enabled", "{when}, {region}");
        }
    }

    pub(super) async fn check_end_import_shared(self, stage: &Stage, when: &str) {
        let (world, key) = (&stage.world, &stage.facts["key"]);
        let own = materials(world, key, REGION).await;
        if matches!(self, Self::WaitingDeletion) && own.len() == 2 {
            // Cut before it began.
            assert_eq!(own, of(&[("CURRENT", "IMPORTED"), ("PENDING_ROTATION", "IMPORTED")]), "{when}");
            delete_waiting(world, &stage.facts).await;
            run_jobs(world).await;
            world.service.erase_deleted().await;
        }
        assert_eq!(unsettled_keys(&*stage.engine).await, [""; 0], "{when}");
        assert_open_everywhere(stage, when).await;
        if !matches!(self, Self::SharedImport) {
            for region in REGIONS {
                assert_eq!(materials(world, key, region).await, of(&[("CURRENT", "IMPORTED")]), "{when}, {region}");
            }
            return assert_erased(stage, when).await;
        }
        let there = materials(world, key, SECOND).await;
        for region in [REGION, THIRD] {
            let is_missing = there[1].1 == "PENDING_IMPORT";
            let known = materials(world, key, region).await;
            let expected: &[_] = match known[1].0.as_str() {
                WAITS if is_missing => &[("CURRENT", "IMPORTED"), (WAITS, "IMPORTED")],
                "PENDING_ROTATION" if !is_missing => &[("CURRENT", "IMPORTED"), ("PENDING_ROTATION", "IMPORTED")],
                _ => &[("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")],
            };
            assert_eq!(known, of(expected), "{when}, {region}");
            assert_eq!(known[1].0, there[1].0, "{when}, {region}");
        }
    }
}

async fn delete_waiting(world: &World, facts: &Value) {
    let input = json!({"KeyId": facts["key"], "KeyMaterialId": facts["new"]});
    call(world, REGION, "DeleteImportedKeyMaterial", input).await;
}
