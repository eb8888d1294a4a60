//! The feed over time: broken links, compacted histories, and what proves it fresh.

use std::sync::Arc;

use kagiban_storage::batch::Batch;
use kagiban_storage::feed::{ChangeFeed, FeedError, FeedEvent};
use kagiban_storage::{Engine, Revision};
use tokio::time::Instant;

use crate::cluster::{Cluster, connect};
use crate::proxy::Proxy;

async fn next_change(feed: &mut dyn ChangeFeed) -> Revision {
    loop {
        if let FeedEvent::Change(change) = feed.next().await.unwrap() {
            return change.revision;
        }
    }
}

/// A proof of a moment after this call.
async fn proven(feed: &mut dyn ChangeFeed) -> Revision {
    let asked = Instant::now();
    loop {
        match feed.next().await.unwrap() {
            FeedEvent::Progress { through, as_of } if as_of > asked => return through,
            _ => {}
        }
    }
}

async fn put(engine: &dyn Engine, key: &str) -> Revision {
    engine.commit(Batch::new().put(key, "x")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_where_its_link_was_cut() {
    let cluster = Cluster::start(1).await;
    let (proxy, direct) = (Proxy::to(cluster.port(0)).await, cluster.engine("rows"));
    let engine = connect(&format!("etcd://127.0.0.1:{}/rows", proxy.port));
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    for round in 0..30 {
        let first = put(&direct, "k").await;
        if round % 2 == 0 {
            assert_eq!(next_change(&mut *feed).await, first);
        }
        proxy.cut();
        let second = put(&direct, "k").await;
        if round % 2 == 1 {
            assert_eq!(next_change(&mut *feed).await, first);
        }
        assert_eq!(next_change(&mut *feed).await, second);
    }
}

/// The cluster serves others, too, whose writes and compactions are none of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compaction_behind_a_quiet_store_is_not_noticed() {
    let cluster = Cluster::start(1).await;
    let (proxy, direct, others) = (Proxy::to(cluster.port(0)).await, cluster.engine("rows"), cluster.engine("others"));
    let engine = connect(&format!("etcd://127.0.0.1:{}/rows", proxy.port));
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    let first = put(&direct, "k").await;
    assert_eq!(next_change(&mut *feed).await, first);
    for _ in 0..3 {
        for _ in 0..20 {
            put(&others, "o").await;
        }
        direct.forget_changes(put(&others, "o").await).await.unwrap();
        proxy.cut();
        assert_eq!(proven(&mut *feed).await, first);
    }
    let second = put(&direct, "k").await;
    assert_eq!(next_change(&mut *feed).await, second);
}

/// A deletion at the very revision that is compacted is gone from the history: a feed before it must not pass over it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_never_passes_over_a_compacted_deletion() {
    let cluster = Cluster::start(1).await;
    let engine = cluster.engine("rows");
    let written = put(&engine, "k").await;
    let deleted = engine.commit(Batch::new().delete("k")).await.unwrap();
    put(&engine, "other").await;
    engine.forget_changes(deleted).await.unwrap();
    let mut before = engine.changes(written).await.unwrap();
    let next = before.next().await;
    assert!(matches!(next, Err(FeedError::Compacted { after }) if after == written), "{next:?}");
    let mut behind = engine.changes(deleted).await.unwrap();
    assert!(next_change(&mut *behind).await > deleted);
}

/// A member that is cut off from the others has nothing new to tell and does not say so: only a majority proves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_proven_by_a_majority_only() {
    let cluster = Cluster::start(3).await;
    let engine = cluster.engine("rows");
    let first = put(&engine, "k").await;
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    assert_eq!(next_change(&mut *feed).await, first);
    assert_eq!(proven(&mut *feed).await, first);
    // Member 0, which the feed watches, goes on alone.
    cluster.pause(1);
    cluster.pause(2);
    let cut_off = Instant::now();
    let bound = engine_patience();
    let mut latest = None;
    while cut_off.elapsed() < bound {
        if let Ok(Ok(FeedEvent::Progress { as_of, .. })) =
            tokio::time::timeout(bound - cut_off.elapsed(), feed.next()).await
        {
            latest = Some(as_of);
        }
    }
    assert!(latest.is_none_or(|as_of| as_of < cut_off), "proven without a majority");
    cluster.resume(1);
    cluster.resume(2);
    let mut feed = engine.changes(first).await.unwrap();
    assert_eq!(proven(&mut *feed).await, first);
}

/// Long enough for several proofs.
fn engine_patience() -> std::time::Duration {
    kagiban_etcd::Deadlines::default().proof * 5
}

/// The member that a feed watches stops; the feed turns to another and misses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_leaves_a_member_that_has_stopped() {
    let cluster = Cluster::start(3).await;
    let watching = Arc::new(cluster.engine("rows"));
    let writing = connect(&cluster.address(1, "rows"));
    let first = put(&writing, "k").await;
    let mut feed = watching.changes(Revision::ZERO).await.unwrap();
    assert_eq!(next_change(&mut *feed).await, first);
    cluster.pause(0);
    let second = put(&writing, "k").await;
    assert_eq!(next_change(&mut *feed).await, second);
    assert_eq!(proven(&mut *feed).await, second);
    cluster.resume(0);
}
