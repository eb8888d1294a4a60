//! What is cut, and what must hold then.

use kagiban_base::time::DAY_MS;
use kagiban_storage::Engine;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::Stage;
use crate::domain_keys::{needed, rotate, tend};
use crate::imports::{FIRST, SECOND, imported_key, waiting_key};
use crate::jobs::erasure::{bodies, marked_key, rows_but_events, rows_of};
use crate::support::{ACCOUNT, HI, REGION, create_key, describe, encrypt, key_id_of, text, with};

/// What a child does until it is killed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scenario {
    AutomaticRotation,
    Deletion,
    DomainKeyRotation,
    Expiry,
    MaterialDeletion,
    OnDemandRotation,
    PrimaryChange,
    PrimaryDeletion,
    ReplicaDeletion,
    Replication,
    SharedImport,
    SharedRotation,
    WaitingDeletion,
    WaitingExpiry,
}

const ALL: [Scenario; 14] = [
    Scenario::AutomaticRotation,
    Scenario::Deletion,
    Scenario::DomainKeyRotation,
    Scenario::Expiry,
    Scenario::MaterialDeletion,
    Scenario::OnDemandRotation,
    Scenario::PrimaryChange,
    Scenario::PrimaryDeletion,
    Scenario::ReplicaDeletion,
    Scenario::Replication,
    Scenario::SharedImport,
    Scenario::SharedRotation,
    Scenario::WaitingDeletion,
    Scenario::WaitingExpiry,
];

fn client(world: &World) -> Client<'_> {
    world.client(ACCOUNT, REGION)
}

async fn rotations(client: &Client<'_>, key: &Value) -> usize {
    let answer = client.call("ListKeyRotations", json!({"KeyId": key, "Limit": 1000})).await.unwrap();
    answer["Rotations"].as_array().unwrap().len()
}

/// Every blob of a list opens.
async fn assert_all_open(client: &Client<'_>, blobs: &Value, when: &str) {
    for blob in blobs.as_array().unwrap() {
        let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await;
        assert_eq!(opened.unwrap_or_else(|error| panic!("{when}: {error:?}"))["Plaintext"], HI, "{when}");
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bodies of a key's materials, in hex.
async fn materials(key: &str, engine: &dyn Engine) -> Vec<String> {
    bodies("material", key_id_of(key), engine).await.iter().map(|body| hex(body)).collect()
}

impl Scenario {
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    pub(super) fn named(name: &str) -> Self {
        ALL.into_iter().find(|scenario| scenario.name() == name).unwrap()
    }

    /// A walk that finds fewer steps to cut does not cut what it should.
    pub(super) const fn steps_min(self) -> u64 {
        match self {
            Self::AutomaticRotation => 1,
            Self::OnDemandRotation => 2,
            Self::Expiry | Self::MaterialDeletion => 3,
            Self::Deletion => 12,
            Self::DomainKeyRotation => 8,
            Self::PrimaryChange => 5,
            Self::PrimaryDeletion => 11,
            Self::ReplicaDeletion => 7,
            Self::Replication => 3,
            Self::SharedImport => 8,
            Self::SharedRotation => 10,
            Self::WaitingDeletion | Self::WaitingExpiry => 6,
        }
    }

    /// Moments within a step besides those within a commit, in microseconds: a scrub takes longer.
    pub(super) const fn more_moments(self) -> &'static [u64] {
        match self {
            Self::AutomaticRotation | Self::OnDemandRotation => &[],
            Self::PrimaryChange | Self::Replication | Self::SharedRotation => &[],
            Self::PrimaryDeletion | Self::ReplicaDeletion | Self::SharedImport => &[],
            Self::WaitingDeletion | Self::WaitingExpiry => &[8000],
            Self::DomainKeyRotation => &[8000],
            Self::Expiry | Self::MaterialDeletion => &[3000, 6000, 9000, 14_000, 20_000, 40_000],
            Self::Deletion => &[8000, 25_000],
        }
    }

    /// Makes what the children start from, and says what is to be remembered of it.
    pub(super) async fn prepare(self, world: &World, engine: &dyn Engine) -> Value {
        let client = &client(world);
        let other = marked_key(client, "other").await;
        let others = json!([encrypt(client, &other, HI).await]);
        let own = match self {
            Self::AutomaticRotation => prepare_rotation(world).await,
            Self::OnDemandRotation => prepare_rotations_on_demand(world).await,
            Self::Deletion => prepare_deletion(world, engine).await,
            Self::DomainKeyRotation => prepare_domain_key_rotation(world, engine).await,
            Self::Expiry | Self::MaterialDeletion => prepare_import(world, engine).await,
            Self::SharedImport | Self::WaitingDeletion | Self::WaitingExpiry => {
                self.prepare_import_shared(world, engine).await
            }
            shared => shared.prepare_shared(world, engine).await,
        };
        with(&json!({"others": others, "needles": []}), own)
    }

    /// What is cut.
    pub(super) async fn act(self, world: &World, facts: &Value) {
        match self {
            Self::AutomaticRotation => assert_eq!(world.service.run_due_jobs().await, 0),
            Self::OnDemandRotation => {
                for key in facts["keys"].as_array().unwrap() {
                    client(world).call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
                }
            }
            Self::DomainKeyRotation => {
                rotate(world, true).await;
                end_rotation(world).await;
                world.service.erase_deleted().await;
            }
            Self::Deletion | Self::Expiry => {
                assert_eq!(world.service.run_due_jobs().await, 0);
                world.service.erase_deleted().await;
            }
            Self::MaterialDeletion => {
                client(world).call("DeleteImportedKeyMaterial", json!({"KeyId": facts["key"]})).await.unwrap();
                world.service.erase_deleted().await;
            }
            Self::SharedImport | Self::WaitingDeletion | Self::WaitingExpiry => {
                self.act_import_shared(world, facts).await
            }
            shared => shared.act_shared(world, facts).await,
        }
    }

    /// What holds right after the cut.
    pub(super) async fn check_halfway(self, stage: &Stage, when: &str) {
        let (client, facts) = (client(&stage.world), &stage.facts);
        assert_all_open(&client, &facts["others"], when).await;
        match self {
            Self::AutomaticRotation | Self::OnDemandRotation => {
                for key in facts["keys"].as_array().unwrap() {
                    assert!([1, 2].contains(&rotations(&client, key).await), "{when}");
                    assert_eq!(encrypt(&client, key.as_str().unwrap(), HI).await.len() % 4, 0, "{when}");
                }
                assert_all_open(&client, &facts["blobs"], when).await;
            }
            Self::Deletion => check_half_deletion(stage, &client, when).await,
            Self::DomainKeyRotation => assert_all_open(&client, &facts["blobs"], when).await,
            Self::Expiry | Self::MaterialDeletion => check_half_import(stage, &client, when).await,
            Self::SharedImport | Self::WaitingDeletion | Self::WaitingExpiry => {
                self.check_half_import_shared(stage, when).await
            }
            shared => shared.check_half_shared(stage, when).await,
        }
    }

    /// What holds once the jobs have run.
    pub(super) async fn check_end(self, stage: &Stage, when: &str) {
        let (client, facts) = (client(&stage.world), &stage.facts);
        assert_all_open(&client, &facts["others"], when).await;
        match self {
            Self::AutomaticRotation => {
                assert_eq!(rotations(&client, &facts["keys"][0]).await, 2, "{when}");
                assert_all_open(&client, &facts["blobs"], when).await;
            }
            Self::OnDemandRotation => assert_all_open(&client, &facts["blobs"], when).await,
            Self::DomainKeyRotation => {
                end_rotation(&stage.world).await;
                let old = facts["domain_key"].as_str().unwrap();
                if needed(&*stage.engine).await.contains(old) {
                    // Cut before it began.
                    rotate(&stage.world, true).await;
                    end_rotation(&stage.world).await;
                }
                stage.world.service.erase_deleted().await;
                assert!(!needed(&*stage.engine).await.contains(old), "{when}");
                assert_eq!(rows_of("domain-key", &*stage.engine).await.len(), 1, "{when}");
                assert_all_open(&client, &facts["blobs"], when).await;
                assert_erased(stage, when).await;
            }
            Self::Deletion => {
                let gone = client.call("DescribeKey", json!({"KeyId": facts["key"]})).await.unwrap_err();
                assert_eq!(gone.code, "NotFoundException", "{when}");
                assert_eq!(rows_but_events(&*stage.engine).await as u64, facts["rows"], "{when}");
                assert_erased(stage, when).await;
            }
            Self::Expiry => {
                assert_eq!(state(&client, facts).await, "PendingImport", "{when}");
                assert_erased(stage, when).await;
            }
            Self::MaterialDeletion => {
                client.call("DeleteImportedKeyMaterial", json!({"KeyId": facts["key"]})).await.unwrap();
                stage.world.service.erase_deleted().await;
                assert_eq!(state(&client, facts).await, "PendingImport", "{when}");
                assert_erased(stage, when).await;
            }
            Self::SharedImport | Self::WaitingDeletion | Self::WaitingExpiry => {
                self.check_end_import_shared(stage, when).await
            }
            shared => shared.check_end_shared(stage, when).await,
        }
    }
}

/// Goes on with the rotation of a domain key, until the old one is deleted.
async fn end_rotation(world: &World) {
    tend(&world.service).await;
    world.clock.move_by_ms(60_000);
    tend(&world.service).await;
}

/// More than one batch of secrets, and the wrapped domain key that is to be gone in the end.
async fn prepare_domain_key_rotation(world: &World, engine: &dyn Engine) -> Value {
    let client = &client(world);
    let mut blobs = Vec::new();
    for _ in 0..130 {
        let key = create_key(client).await;
        blobs.push(encrypt(client, &key, HI).await);
    }
    let row = rows_of("domain-key", engine).await.remove(0);
    let body: Value = serde_json::from_slice(&row.value[1..]).unwrap();
    let domain_key = needed(engine).await.pop_first().unwrap();
    json!({"blobs": blobs, "domain_key": domain_key, "needles": [hex(text(&body["wrapped"]).as_bytes())]})
}

async fn state(client: &Client<'_>, facts: &Value) -> Value {
    describe(client, facts["key"].as_str().unwrap()).await["KeyState"].clone()
}

async fn notes(stage: &Stage) -> usize {
    rows_of("erasure", &*stage.engine).await.len()
}

pub(super) async fn assert_erased(stage: &Stage, when: &str) {
    assert_eq!((notes(stage).await, stage.marked_files()), (0, Vec::new()), "{when}");
}

/// A key that rotated once and is due for the second time.
async fn prepare_rotation(world: &World) -> Value {
    let client = &client(world);
    let key = create_key(client).await;
    let mut blobs = vec![encrypt(client, &key, HI).await];
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    blobs.push(encrypt(client, &key, HI).await);
    client.call("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90})).await.unwrap();
    world.clock.move_by_ms(90 * DAY_MS);
    json!({"keys": [key], "blobs": blobs})
}

/// Two keys that rotated once and can rotate again, the second one to material that was imported for it.
async fn prepare_rotations_on_demand(world: &World) -> Value {
    let client = &client(world);
    let first = create_key(client).await;
    let (second, parameters, _) = imported_key(client).await;
    let mut blobs = Vec::new();
    let new =
        |material: [u8; 32]| with(&parameters.input(&second, &material), json!({"ImportType": "NEW_KEY_MATERIAL"}));
    client.call("ImportKeyMaterial", new(SECOND)).await.unwrap();
    for key in [&first, &second] {
        blobs.push(encrypt(client, key, HI).await);
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        blobs.push(encrypt(client, key, HI).await);
    }
    client.call("ImportKeyMaterial", new([9; 32])).await.unwrap();
    json!({"keys": [first, second], "blobs": blobs})
}

/// A key with everything that a key can have, each in more than one batch, whose waiting period is over.
async fn prepare_deletion(world: &World, engine: &dyn Engine) -> Value {
    let client = &client(world);
    let rows = rows_but_events(engine).await;
    let key = marked_key(client, "DOOMED").await;
    let blob = encrypt(client, &key, HI).await;
    client.call("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90})).await.unwrap();
    for _ in 0..49 {
        world.clock.move_by_ms(90 * DAY_MS);
        assert_eq!(world.service.run_due_jobs().await, 0);
    }
    for number in 0..26 {
        let alias = json!({"AliasName": format!("alias/doomed-{number}"), "TargetKeyId": key});
        client.call("CreateAlias", alias).await.unwrap();
    }
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for number in 0..31 {
        let grant = json!({"KeyId": key, "GranteePrincipal": root, "RetiringPrincipal": root,
            "Operations": ["Decrypt"], "Name": number.to_string()});
        client.call("CreateGrant", grant).await.unwrap();
    }
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    world.clock.move_by_ms(7 * DAY_MS);
    let mut needles = materials(&key, engine).await;
    let parts = ["policy", "description", "tag", "value", "alias", "grant", "context"];
    needles.extend(parts.map(|part| hex(format!("DOOMED{part}").as_bytes())));
    json!({"key": key, "blob": blob, "rows": rows, "needles": needles})
}

/// A key with imported material that has expired, but for the job.
async fn prepare_import(world: &World, engine: &dyn Engine) -> Value {
    let client = &client(world);
    let (key, parameters) = waiting_key(client).await;
    let soon = describe(client, &key).await["CreationDate"].as_f64().unwrap() + 60.0;
    let expiry = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon});
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), expiry)).await.unwrap();
    let blob = encrypt(client, &key, HI).await;
    world.clock.move_by_ms(60_000);
    json!({"key": key, "blob": blob, "needles": materials(&key, engine).await})
}

/// Gone for every caller, or waiting and of no use; and gone from the file when nobody is to be told any more.
async fn check_half_deletion(stage: &Stage, client: &Client<'_>, when: &str) {
    let facts = &stage.facts;
    let error = client.call("Decrypt", json!({"CiphertextBlob": facts["blob"]})).await.unwrap_err();
    match client.call("DescribeKey", json!({"KeyId": facts["key"]})).await {
        Ok(left) => {
            assert_eq!(left["KeyMetadata"]["KeyState"], "PendingDeletion", "{when}");
            assert_eq!(error.code, "KMSInvalidStateException", "{when}");
            assert_eq!(notes(stage).await, 0, "{when}");
        }
        Err(gone) => {
            assert_eq!(gone.code, "NotFoundException", "{when}");
            if notes(stage).await == 0 {
                assert_erased(stage, when).await;
            }
        }
    }
}

/// The material's time is over, whether it is still there or gone; and it is gone from the file when nobody is to be told any more.
async fn check_half_import(stage: &Stage, client: &Client<'_>, when: &str) {
    let facts = &stage.facts;
    let opened = client.call("Decrypt", json!({"CiphertextBlob": facts["blob"]})).await;
    match text(&state(client, facts).await).as_str() {
        "Enabled" => {
            let refused = opened.unwrap_err().code;
            assert_eq!((refused.as_str(), notes(stage).await), ("KMSInvalidStateException", 0), "{when}");
        }
        "PendingImport" => {
            assert_eq!(opened.unwrap_err().code, "KMSInvalidStateException", "{when}");
            if notes(stage).await == 0 {
                assert_erased(stage, when).await;
            }
        }
        other => panic!("{when}: {other}"),
    }
}
