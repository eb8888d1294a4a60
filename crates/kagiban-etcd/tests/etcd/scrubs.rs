//! Scrubs: what is gone from the members' databases, and who scrubs when.

use std::fs;
use std::sync::Arc;

use kagiban_etcd::EtcdEngine;
use kagiban_storage::batch::Batch;
use kagiban_storage::engine::Scrubbed;
use kagiban_storage::{Engine, EngineError};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::http;
use crate::leases::{call, stored};

/// The key that the node holds which scrubs.
const TURN: &str = "rows/y";

/// How many members have these bytes in their database.
fn holding(cluster: &Cluster, bytes: &[u8]) -> usize {
    let holds = |n: &usize| fs::read(cluster.database(*n)).unwrap().windows(bytes.len()).any(|window| window == bytes);
    (0..cluster.size()).filter(holds).count()
}

/// How often each member was defragmented.
async fn defragmented(cluster: &Cluster) -> Vec<u64> {
    let mut counts = Vec::new();
    for n in 0..cluster.size() {
        let metrics = http::request(cluster.port(n), "GET", "/metrics", "").await.unwrap();
        let count =
            metrics.lines().find_map(|line| line.strip_prefix("etcd_disk_backend_defrag_duration_seconds_count "));
        counts.push(count.unwrap().parse().unwrap());
    }
    counts
}

/// Waits until the key of the turn was written so often since it was made: once for the turn, and once for each member.
async fn turn_written(cluster: &Cluster, times: u64) -> String {
    loop {
        if let Some(turn) = stored(cluster, TURN).await
            && turn["version"].as_str() == Some(&times.to_string())
        {
            return turn["lease"].as_str().unwrap().to_owned();
        }
        tokio::task::yield_now().await;
    }
}

fn scrub(engine: &Arc<EtcdEngine>) -> JoinHandle<Result<Scrubbed, EngineError>> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move { engine.scrub().await })
}

/// What could not be told: a scrub that does nothing would have passed every other test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_is_in_no_members_database_after_a_scrub() {
    let cluster = Cluster::start(3).await;
    let engine = cluster.engine("rows");
    let (deleted, replaced, kept): (&[u8], &[u8], &[u8]) =
        (b"the wrapped material of a key that is deleted", b"a value that another replaces", b"a value that stays");
    for (key, value) in [("deleted", deleted), ("replaced", replaced), ("kept", kept)] {
        engine.commit(Batch::new().put(key, value)).await.unwrap();
    }
    // Members write their databases a little later.
    while [deleted, replaced, kept].iter().any(|value| holding(&cluster, value) < 3) {
        tokio::task::yield_now().await;
    }
    engine.commit(Batch::new().delete("deleted").put("replaced", "by this")).await.unwrap();
    assert_eq!((holding(&cluster, deleted), holding(&cluster, replaced)), (3, 3), "deleted, it is still there");
    assert!(engine.scrub().await.unwrap().written_bytes > 0);
    assert_eq!((holding(&cluster, deleted), holding(&cluster, replaced), holding(&cluster, kept)), (0, 0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_loses_its_turn_between_two_members_leaves_the_rest_to_the_next() {
    let cluster = Cluster::start(3).await;
    let (one, other) = (Arc::new(cluster.engine("rows")), Arc::new(cluster.engine("rows")));
    one.commit(Batch::new().put("k", "v")).await.unwrap();
    // For which the other will wait, in its turn, before it touches a member.
    let reading = other.snapshot().await.unwrap();
    one.commit(Batch::new().put("k", "w")).await.unwrap();
    cluster.pause(1);
    let scrubbing = scrub(&one);
    // The turn, the first member, and the second, which does not answer.
    let lease = turn_written(&cluster, 3).await;
    call(&cluster, "lease/revoke", json!({"ID": lease})).await;
    let next = scrub(&other);
    cluster.resume(1);
    assert!(scrubbing.await.unwrap().is_err());
    // The second one was finished, or left where it stood still for too long.
    let done = defragmented(&cluster).await;
    assert!([[1, 1, 0], [1, 0, 0]].contains(&[done[0], done[1], done[2]]), "{done:?}: one goes on without its turn");
    turn_written(&cluster, 1).await;
    drop(reading);
    next.await.unwrap().unwrap();
    assert_eq!(defragmented(&cluster).await, [done[0] + 1, done[1] + 1, 1]);
    assert!(stored(&cluster, TURN).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_scrubbing_node_dies_the_next_one_gets_its_turn() {
    let cluster = Cluster::start(1).await;
    let (one, other) = (Arc::new(cluster.engine("rows")), cluster.engine("rows"));
    one.commit(Batch::new().put("k", "v")).await.unwrap();
    let reading = one.snapshot().await.unwrap();
    one.commit(Batch::new().put("k", "w")).await.unwrap();
    let scrubbing = scrub(&one);
    let lease = turn_written(&cluster, 1).await;
    scrubbing.abort();
    assert!(scrubbing.await.unwrap_err().is_cancelled());
    drop((reading, one));
    assert!(matches!(other.scrub().await, Err(EngineError::Unavailable)), "as far as anybody knows it still scrubs");
    let told = call(&cluster, "lease/timetolive", json!({"ID": lease})).await;
    // What docs/etcd.md says.
    assert_eq!(told["grantedTTL"], "1320");
    // That time is over.
    call(&cluster, "lease/revoke", json!({"ID": lease})).await;
    other.scrub().await.unwrap();
    assert_eq!(defragmented(&cluster).await, [1]);
}
