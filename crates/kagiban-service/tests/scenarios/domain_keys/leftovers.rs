//! Rows that a rotation cannot wrap again, or that come when it has ended: what becomes of them, of their keys and of the rest.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_storage::engine::Entry;
use kagiban_storage::{Batch, Engine, MemoryEngine};
use serde_json::{Value, json};

use super::{HOUR_MS, MINUTE_MS, assert_decrypts, described, domain_keys, hex, needed, only, phase, rotate, tend};
use crate::jobs::erasure::rows_of;
use crate::support::{ACCOUNT, HI, REGION, Scene, create_key, encrypt};

/// The row of a table with this in its key.
async fn row_of(table: &str, part: &str, engine: &MemoryEngine) -> Entry {
    let rows = rows_of(table, engine).await;
    rows.into_iter().find(|row| row.key.windows(part.len()).any(|found| found == part.as_bytes())).unwrap()
}

/// Changes the wrapped secret of a row; gives the key of the row.
async fn alter(
    (table, part): (&str, &str),
    member: &str,
    change: impl FnOnce(&mut Vec<u8>),
    engine: &MemoryEngine,
) -> Vec<u8> {
    let row = row_of(table, part, engine).await;
    let mut body: Value = serde_json::from_slice(&row.value[1..]).unwrap();
    let mut secret = STANDARD.decode(body[member].as_str().unwrap()).unwrap();
    change(&mut secret);
    body[member] = json!(STANDARD.encode(secret));
    let value = [&row.value[..1], body.to_string().as_bytes()].concat();
    engine.commit(Batch::new().put(row.key.clone(), value)).await.unwrap();
    row.key
}

fn id_of(arn: &str) -> &str {
    arn.rsplit_once('/').unwrap().1
}

/// A secret that does not open could not be wrapped again; nobody takes its key away, and nothing else waits for it.
#[tokio::test]
async fn a_row_that_does_not_open_keeps_its_key() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let client = world.client(ACCOUNT, REGION);
    let (damaged, sound) = (create_key(&client).await, create_key(&client).await);
    let blob = json!(encrypt(&client, &sound, HI).await);
    let damage = |secret: &mut Vec<u8>| *secret.last_mut().unwrap() ^= 1;
    let row = alter(("material", id_of(&damaged)), "wrapped", damage, &scene.engine).await;
    let before = needed(&scene.engine).await;

    let new = rotate(world, true).await;
    tend(&world.service).await;
    assert_eq!(phase(world).await, "KEEPING");
    assert_eq!(described(world).await["Rotation"]["RowsLeft"], 1);
    assert_eq!(needed(&scene.engine).await, &before | &BTreeSet::from([new]));
    for row in rows_of("domain-key", &scene.engine).await {
        assert!(!String::from_utf8(row.value).unwrap().contains("handed_over"));
    }
    let revision = scene.revision().await;
    let rewrapped = described(world).await["Rotation"]["SecretsRewrapped"].clone();
    tend(&world.service).await;
    assert_eq!(described(world).await["Rotation"]["SecretsRewrapped"], rewrapped);
    assert_eq!(scene.revision().await, revision, "what stays as it is is not written");

    let newer = rotate(world, true).await;
    tend(&world.service).await;
    world.clock.move_by_ms(48 * HOUR_MS);
    tend(&world.service).await;
    let replaced = before.into_iter().map(|id| (id, "REPLACED".to_owned())).collect();
    assert_eq!(domain_keys(world).await, &only(&newer) | &replaced);
    assert_decrypts(&client, &blob).await;
    // Without the row its key goes, too.
    scene.engine.commit(Batch::new().delete(row)).await.unwrap();
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await, only(&newer));
    assert_decrypts(&client, &blob).await;
}

/// Nor does anything wait for a row whose domain key is nowhere; and what else is in it can be changed.
#[tokio::test]
async fn a_row_that_names_no_domain_key_holds_nothing_up() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let client = world.client(ACCOUNT, REGION);
    let blob = json!(encrypt(&client, &create_key(&client).await, HI).await);
    let id = client.user("ann", &Value::Null).await.signer.access_key_id.to_string();
    alter(("access-key", &id), "wrapped_secret", |secret| secret[1..17].fill(9), &scene.engine).await;
    for _ in 0..2 {
        let new = rotate(world, true).await;
        tend(&world.service).await;
        world.clock.move_by_ms(MINUTE_MS);
        tend(&world.service).await;
        assert_eq!(domain_keys(world).await, only(&new));
        assert_eq!(needed(&scene.engine).await, BTreeSet::from([new, hex(&[9; 16])]));
    }
    let inactive = [("UserName", "ann"), ("AccessKeyId", id.as_str()), ("Status", "Inactive")];
    client.iam("UpdateAccessKey", &inactive).await.unwrap();
    assert_decrypts(&client, &blob).await;
}

/// No row comes under a key that was replaced; if one did all the same, its key is not deleted before it is moved.
#[tokio::test]
async fn rows_are_looked_for_once_more_before_a_key_goes() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let blob = json!(encrypt(&client, &key, HI).await);
    let row = row_of("material", id_of(&key), &scene.engine).await;
    let new = rotate(world, true).await;
    tend(&world.service).await;
    scene.engine.commit(Batch::new().put(row.key, row.value)).await.unwrap();
    world.clock.move_by_ms(MINUTE_MS);
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await, only(&new));
    assert_eq!(needed(&scene.engine).await, BTreeSet::from([new]));
    assert_decrypts(&world.restarted().await.client(ACCOUNT, REGION), &blob).await;
}
