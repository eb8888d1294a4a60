//! What was deleted is nowhere in the store's files afterwards: their bytes are searched for each row that held it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kagiban_base::time::DAY_MS;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::engine::{Entry, KeyRange};
use kagiban_storage::{EmbeddedEngine, Engine, EngineError, MemoryEngine};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::imports::{self, FIRST, Parameters, imported_key, waiting_key};
use crate::support::{ACCOUNT, HI, REGION, create_key, describe, encrypt, key_id_of, text, with};

/// The names of the files in a directory that hold these bytes.
fn files_with(needle: &[u8], directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let holds = |path: &Path| fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle);
    entries.filter(|entry| holds(&entry.path())).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// The rows of a table, or all if it has no name.
pub(crate) async fn rows_of(table: &str, engine: &dyn Engine) -> Vec<Entry> {
    let prefix = if table.is_empty() { String::new() } else { format!("{table}\0") };
    let range = KeyRange::prefix(prefix.as_bytes());
    engine.snapshot().await.unwrap().scan(&range, 1000).await.unwrap().entries
}

/// How many rows there are, but for those of events that wait to be recorded, and of what was deleted.
pub(crate) async fn rows_but_events(engine: &dyn Engine) -> usize {
    let is_left = |table: &str, key: &[u8]| key.starts_with(table.as_bytes());
    let left = ["service-event\0", "deleted-key\0", "deleted-material\0"];
    rows_of("", engine).await.iter().filter(|row| !left.iter().any(|table| is_left(table, &row.key))).count()
}

/// The bodies of the rows of a table in whose names this is.
pub(crate) async fn bodies(table: &str, named: &str, engine: &dyn Engine) -> Vec<Vec<u8>> {
    let mut rows = rows_of(table, engine).await;
    rows.retain(|row| row.key.windows(named.len()).any(|window| window == named.as_bytes()));
    assert!(!rows.is_empty(), "{table} {named}");
    rows.into_iter().map(|row| row.value[1..].to_vec()).collect()
}

/// A key with a text of its own, this one, in all that a key can have, and three materials.
pub(crate) async fn marked_key(client: &Client<'_>, mark: &str) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": format!("{mark}policy"), "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*", "Resource": "*"}]});
    let input = json!({"Description": format!("{mark}description"), "Policy": policy.to_string(),
        "Tags": [{"TagKey": format!("{mark}tag"), "TagValue": format!("{mark}value")}]});
    let key = text(&client.call("CreateKey", input).await.unwrap()["KeyMetadata"]["Arn"]);
    let alias = json!({"AliasName": format!("alias/{mark}alias"), "TargetKeyId": key});
    client.call("CreateAlias", alias).await.unwrap();
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let grant = json!({"KeyId": key, "GranteePrincipal": root, "Operations": ["Decrypt"], "Name": format!("{mark}grant"),
        "Constraints": {"EncryptionContextSubset": {format!("{mark}context"): "x"}}});
    client.call("CreateGrant", grant).await.unwrap();
    for _ in 0..2 {
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    }
    key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_what_was_deleted_is_left_in_any_file() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Arc::new(EmbeddedEngine::create(&directory.path().join("store")).unwrap());
    let world = imports::world(engine.clone()).await;
    let client = world.client(ACCOUNT, REGION);
    let mut others = Vec::new();
    for number in 0..40 {
        let key = marked_key(&client, &format!("other{number}")).await;
        others.push((encrypt(&client, &key, HI).await, key));
    }
    let doomed = marked_key(&client, "DOOMED").await;
    let (imported, ..) = imported_key(&client).await;
    let (emptied, ..) = imported_key(&client).await;
    let (expiring, waiting) = waiting_key(&client).await;
    let soon = describe(&client, &expiring).await["CreationDate"].as_f64().unwrap() + 86400.0;
    let expiry = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon});
    client.call("ImportKeyMaterial", with(&waiting.input(&expiring, &FIRST), expiry)).await.unwrap();
    let access_key = client.user("leaver", &Value::Null).await.signer.access_key_id;

    let mut needles: Vec<Vec<u8>> = ["policy", "description", "tag", "value", "alias", "grant", "context"]
        .iter()
        .map(|part| format!("DOOMED{part}").into_bytes())
        .collect();
    for key in [&doomed, &imported, &emptied, &expiring] {
        needles.extend(bodies("material", key_id_of(key), &*engine).await);
    }
    needles.extend(bodies("access-key", access_key.as_str(), &*engine).await);
    assert_eq!(needles.len(), 7 + 3 + 3 + 1);
    for needle in &needles {
        assert_eq!(files_with(needle, directory.path()), ["store"], "{}", needle.escape_ascii());
    }

    for key in [&doomed, &imported] {
        client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    }
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": emptied})).await.unwrap();
    let parameter = [("UserName", "leaver"), ("AccessKeyId", access_key.as_str())];
    client.iam("DeleteAccessKey", &parameter).await.unwrap();
    world.clock.move_by_ms(7 * DAY_MS);
    assert_eq!(world.service.run_due_jobs().await, 0);
    // Pages are used again; one that was freed last is not yet.
    let tags = json!([{"TagKey": "last", "TagValue": "DOOMEDlast"}]);
    client.call("TagResource", json!({"KeyId": emptied, "Tags": tags})).await.unwrap();
    client.call("UntagResource", json!({"KeyId": emptied, "TagKeys": ["last"]})).await.unwrap();
    needles.push(b"DOOMEDlast".to_vec());
    let left = needles.iter().filter(|needle| !files_with(needle, directory.path()).is_empty()).count();
    assert!(left > 0, "else this test shows nothing: {left}");
    assert_eq!(rows_of("erasure", &*engine).await.len(), 5, "two keys, two materials, an access key");

    world.service.erase_deleted().await;
    let assert_gone = || {
        for needle in &needles {
            assert_eq!(files_with(needle, directory.path()), [""; 0], "{}", needle.escape_ascii());
        }
    };
    assert_gone();
    assert!(rows_of("erasure", &*engine).await.is_empty());
    let parameters = Parameters::of(&client, &emptied).await;
    client.call("ImportKeyMaterial", parameters.input(&emptied, &FIRST)).await.unwrap();
    engine.close().await.unwrap();
    drop((world, engine));
    assert_gone();
    let engine = Arc::new(EmbeddedEngine::open(&directory.path().join("store")).unwrap());
    let clock =
        Arc::new(kagiban_testkit::FakeClock::at(kagiban_base::time::Timestamp::from_unix_ms(1_796_000_000_000)));
    let random = Arc::new(kagiban_testkit::SeededRandom::new(9));
    let world = World::reopen(engine, clock, random).await;
    let client = world.client(ACCOUNT, REGION);
    for (blob, key) in &others {
        let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!(HI), &json!(key)));
    }
    assert_eq!(describe(&client, &emptied).await["KeyState"], "Enabled");
    assert!(client.call("DescribeKey", json!({"KeyId": doomed})).await.is_err());
}

/// A note that is left is worked off by the next call, after a restart too; one that came during a scrub waits for another.
#[tokio::test]
async fn notes_stay_until_a_scrub_that_began_later_has_ended() {
    let memory = MemoryEngine::new();
    let engine = FaultyEngine::new(Arc::new(memory.clone()));
    let world = World::on(Arc::new(engine.clone())).await;
    let client = world.client(ACCOUNT, REGION);
    let notes = async || rows_of("erasure", &memory).await.len();
    let scrubs = || engine.calls(Call::Scrub);
    let delete = async || {
        let key = create_key(&client).await;
        client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
        world.clock.move_by_ms(7 * DAY_MS);
        assert_eq!(world.service.run_due_jobs().await, 0);
    };
    let soon = world.service.erase_deleted().await;
    assert_eq!((scrubs(), notes().await), (0, 0), "nothing was deleted");
    for _ in 0..120 {
        delete().await;
    }
    assert_eq!(notes().await, 120);
    engine.plan(Call::Scrub, 1, Fault::Fail(EngineError::Unavailable));
    assert!(world.service.erase_deleted().await > soon, "no haste after a failure");
    assert_eq!((scrubs(), notes().await), (1, 120));
    // The last of its batches fails.
    engine.plan(Call::Commit, 3, Fault::LoseRequest);
    world.service.erase_deleted().await;
    assert_eq!((scrubs(), notes().await), (2, 20));

    let gate = kagiban_storage::engine::faulty::Gate::new();
    engine.plan(Call::Scrub, 1, Fault::Gate(gate.clone()));
    let later = async {
        gate.reached(1).await;
        delete().await;
        gate.open();
    };
    tokio::join!(world.service.erase_deleted(), later);
    assert_eq!((scrubs(), notes().await), (3, 1));
    world.restarted().await.service.erase_deleted().await;
    assert_eq!((scrubs(), notes().await), (4, 0));
}
