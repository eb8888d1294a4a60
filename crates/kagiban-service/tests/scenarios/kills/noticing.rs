//! That what the rows are checked for would be noticed.

use std::sync::Arc;

use kagiban_storage::{Batch, Engine, MemoryEngine};
use kagiban_testkit::{World, broken_invariants, unsettled_keys};
use serde_json::json;

use crate::imports::{self, imported_key};
use crate::jobs::erasure::{marked_key, rows_of};
use crate::support::{ACCOUNT, HI, REGION, encrypt};

/// A copy of a store, but for one row, or with another body of it.
async fn changed(engine: &MemoryEngine, key: &[u8], body: Option<String>) -> MemoryEngine {
    let copy = MemoryEngine::new();
    for row in rows_of("", engine).await {
        let value = match &body {
            _ if row.key != key => row.value,
            Some(body) => [&row.value[..1], body.as_bytes()].concat(),
            None => continue,
        };
        copy.commit(Batch::new().put(row.key, value)).await.unwrap();
    }
    copy
}

/// Keys with all that keys can have: two materials, an import, an alias, a grant with a name and a retiring principal, a
/// replica.
async fn with_keys() -> MemoryEngine {
    let engine = MemoryEngine::new();
    let world: World = imports::world(Arc::new(engine.clone())).await;
    let client = world.client(ACCOUNT, REGION);
    let key = marked_key(&client, "a").await;
    encrypt(&client, &key, HI).await;
    imported_key(&client).await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let grant = json!({"KeyId": key, "GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Decrypt"]});
    client.call("CreateGrant", grant).await.unwrap();
    let shared = client.call("CreateKey", json!({"MultiRegion": true})).await.unwrap();
    let replica = json!({"KeyId": shared["KeyMetadata"]["KeyId"], "ReplicaRegion": "eu-west-1"});
    client.call("ReplicateKey", replica).await.unwrap();
    assert!(!unsettled_keys(&engine).await.is_empty(), "before the jobs have run");
    assert_eq!(world.service.run_due_jobs().await, 0);
    engine
}

#[tokio::test]
async fn a_row_that_is_missing_is_noticed() {
    let engine = with_keys().await;
    assert_eq!((broken_invariants(&engine).await, unsettled_keys(&engine).await), (Vec::new(), Vec::new()));
    let mut missed = Vec::new();
    for table in [
        "key",
        "key-policy",
        "material",
        "key-rotation",
        "alias",
        "key-alias",
        "grant",
        "grant-count",
        "retirable-grant",
    ] {
        let rows = rows_of(table, &engine).await;
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            if broken_invariants(&changed(&engine, &row.key, None).await).await.is_empty() {
                missed.push(row.key.escape_ascii().to_string());
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test]
async fn a_row_that_says_otherwise_is_noticed() {
    let engine = with_keys().await;
    for (table, from, to) in [
        ("key", "\"alias_count\":1", "\"alias_count\":2"),
        ("key", "\"state\":\"Enabled\"", "\"state\":\"PendingDeletion\""),
        ("key", "\"count\":2", "\"count\":3"),
        ("key", "\"present\":true", "\"present\":false"),
        ("key", "\"role\":\"REPLICA\"", "\"role\":\"PRIMARY\""),
        ("key", "\"alias_count\"", "\"erasing\":true,\"alias_count\""),
        ("grant-count", "\"count\":2", "\"count\":1"),
        ("grant-name", "\"grant_id\":\"", "\"grant_id\":\"f"),
        ("alias", "\"target\":\"", "\"target\":\"f"),
    ] {
        let rows = rows_of(table, &engine).await;
        let body = |value: &[u8]| String::from_utf8(value[1..].to_vec()).unwrap();
        let row = rows.iter().find(|row| body(&row.value).contains(from));
        let row = row.unwrap_or_else(|| panic!("no {from} in {table}"));
        let otherwise = changed(&engine, &row.key, Some(body(&row.value).replacen(from, to, 1))).await;
        assert!(!broken_invariants(&otherwise).await.is_empty(), "{table}: {to}");
    }
}
