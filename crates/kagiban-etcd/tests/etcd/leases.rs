//! Leases that end while they are needed: a commit's slot is lost, or the turn to scrub. Revoking one is what etcd does itself when
//! one runs out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_storage::Engine;
use kagiban_storage::batch::{Batch, Expect};
use serde_json::{Value, json};

use crate::cluster::{Cluster, connect};
use crate::faults::{follow, reached, write_through_at};
use crate::http;
use crate::proxy::Proxy;

/// A call of etcd's over JSON, at the first member.
pub(crate) async fn call(cluster: &Cluster, path: &str, body: Value) -> Value {
    let answer = http::request(cluster.port(0), "POST", &format!("/v3/{path}"), &body.to_string()).await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

/// All leases there are, by their ids.
pub(crate) async fn leases(cluster: &Cluster) -> Vec<String> {
    let listed = call(cluster, "lease/leases", json!({})).await;
    let ids = listed["leases"].as_array().into_iter().flatten();
    ids.map(|lease| lease["ID"].as_str().unwrap().to_owned()).collect()
}

pub(crate) async fn revoke_all(cluster: &Cluster) {
    for id in leases(cluster).await {
        // It may have gone by itself.
        _ = call(cluster, "lease/revoke", json!({"ID": id})).await;
    }
}

/// What etcd has under a key of a store.
pub(crate) async fn stored(cluster: &Cluster, key: &str) -> Option<Value> {
    let found = call(cluster, "kv/range", json!({"key": STANDARD.encode(key)})).await;
    found["kvs"].get(0).cloned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_ends_between_two_commits_is_replaced() {
    let cluster = Cluster::start(1).await;
    let engine = cluster.engine("rows");
    let mut last = engine.commit(Batch::new().put("k", "first")).await.unwrap();
    for number in 0..20 {
        let before = leases(&cluster).await;
        revoke_all(&cluster).await;
        assert!(leases(&cluster).await.is_empty());
        // One that goes through, and one that is refused: both are told for what they are.
        let batch = Batch::new().expect("k", Expect::WrittenAt(last)).put("k", format!("{number}"));
        let revision = engine.commit(batch.clone()).await.unwrap();
        assert!(revision > last);
        revoke_all(&cluster).await;
        assert!(matches!(engine.commit(batch).await, Err(kagiban_storage::CommitError::Conflict)));
        last = revision;
        let after = leases(&cluster).await;
        assert!(after.len() == 1 && before.len() == 1 && after != before, "{before:?} {after:?}");
    }
    assert_eq!(follow(&engine, last).await, 21);
}

/// Answers are lost, and with the lease the slot that could tell what came of the commit. Then its outcome is unknown: it is neither
/// told to have failed nor sent again. `write_through_at` checks that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_ends_in_the_middle_of_commits_doubles_nothing_and_loses_nothing() {
    let cluster = Cluster::start(3).await;
    let proxies = [Proxy::to(cluster.port(0)).await, Proxy::to(cluster.port(1)).await];
    let addresses = proxies.each_ref().map(|proxy| format!("etcd://127.0.0.1:{}/rows", proxy.port));
    let told = write_through_at(&cluster, &addresses, 120, async |acknowledged| {
        for round in 1..=40 {
            proxies.iter().for_each(|proxy| proxy.lose_answers_after(9 + round % 7));
            reached(acknowledged, round * 10).await;
            revoke_all(&cluster).await;
        }
        // The rest, in peace.
        proxies.iter().for_each(|proxy| proxy.lose_answers_after(0));
    })
    .await;
    let unknown = told.values().map(|told| told.unknown.len()).sum::<usize>();
    assert!(unknown > 0, "no lease ended while the outcome of a commit was in doubt");
}

/// Without conditions, a batch that is sent again after its slot was lost would be written twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_slot_is_lost_is_written_once_at_most() {
    let cluster = Cluster::start(1).await;
    let proxy = Proxy::to(cluster.port(0)).await;
    let engine = connect(&format!("etcd://127.0.0.1:{}/rows", proxy.port));
    let (mut told, mut unknown) = (0, 0);
    for number in 0..60_u64 {
        proxy.lose_answers_after(5 + number % 7);
        let batch = Batch::new().put("k", number.to_string());
        let (outcome, ()) = tokio::join!(engine.commit(batch), revoke_all(&cluster));
        match outcome {
            Ok(_) => told += 1,
            Err(kagiban_storage::CommitError::OutcomeUnknown { .. }) => unknown += 1,
            Err(kagiban_storage::CommitError::Engine(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let direct = cluster.engine("rows");
    let head = direct.snapshot().await.unwrap().revision();
    let changes = follow(&direct, head).await;
    assert!((told..=told + unknown).contains(&changes), "{changes} changes, {told} told, {unknown} unknown");
}
