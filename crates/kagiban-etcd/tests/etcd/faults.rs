//! What fails: members killed and paused, links cut, answers lost. What was acknowledged stays, and happened once.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kagiban_etcd::EtcdEngine;
use kagiban_storage::batch::{Batch, Expect};
use kagiban_storage::engine::{KeyRange, SCAN_ENTRIES_MAX};
use kagiban_storage::feed::FeedEvent;
use kagiban_storage::{CommitError, Engine, EngineError, Revision};
use tokio::task::JoinHandle;

use crate::cluster::{Cluster, connect};
use crate::proxy::Proxy;

/// What a writer was told of its commits, by number.
#[derive(Default)]
pub(crate) struct Told {
    written: BTreeMap<u64, Revision>,
    pub(crate) unknown: Vec<u64>,
}

/// Writes one row after the other until there are `count`, each free before. None is written twice, whatever happens.
fn writer(engine: Arc<EtcdEngine>, name: u64, count: u64, acknowledged: Arc<AtomicU64>) -> JoinHandle<Told> {
    tokio::spawn(async move {
        let mut told = Told::default();
        for number in 0.. {
            if told.written.len() as u64 >= count {
                return told;
            }
            let key = format!("{name}/{number:06}");
            let batch = Batch::new().expect(key.as_str(), Expect::Absent).put(key.as_str(), number.to_string());
            match engine.commit(batch).await {
                Ok(revision) => {
                    told.written.insert(number, revision);
                    acknowledged.fetch_add(1, Relaxed);
                }
                Err(CommitError::OutcomeUnknown { .. }) => told.unknown.push(number),
                Err(CommitError::Engine(_)) => {}
                // The row can only be there if this very commit wrote it.
                Err(other) => panic!("{name}/{number}: {other:?}"),
            }
        }
        told
    })
}

/// Every row that was acknowledged is there, at its revision; no other is, but for those whose outcome is unknown.
async fn check(engine: &EtcdEngine, told: &BTreeMap<u64, Told>) {
    let snapshot = engine.snapshot().await.unwrap();
    let (mut range, mut found) = (KeyRange::all(), BTreeMap::new());
    loop {
        let page = snapshot.scan(&range, SCAN_ENTRIES_MAX).await.unwrap();
        found.extend(page.entries.into_iter().map(|entry| (String::from_utf8(entry.key).unwrap(), entry.revision)));
        if !page.more {
            break;
        }
        range = range.after(found.keys().last().unwrap().as_bytes());
    }
    for (name, told) in told {
        for (number, revision) in &told.written {
            assert_eq!(found.remove(&format!("{name}/{number:06}")), Some(*revision), "{name}/{number}");
        }
        for number in &told.unknown {
            found.remove(&format!("{name}/{number:06}"));
        }
    }
    assert_eq!(found, BTreeMap::new(), "rows that nobody was told of");
}

pub(crate) async fn reached(acknowledged: &AtomicU64, count: u64) {
    while acknowledged.load(Relaxed) < count {
        tokio::task::yield_now().await;
    }
}

/// Every change once and in order, as many as were acknowledged or may have been.
pub(crate) async fn follow(engine: &EtcdEngine, until: Revision) -> u64 {
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    let (mut last, mut count) = (Revision::ZERO, 0);
    while last < until {
        if let FeedEvent::Change(change) = feed.next().await.unwrap() {
            assert!(change.revision > last);
            assert_eq!(change.writes.len(), 1);
            (last, count) = (change.revision, count + 1);
        }
    }
    count
}

/// Runs four writers, lets `trouble` happen, and checks what they were told.
async fn write_through(cluster: &Cluster, count: u64, trouble: impl AsyncFnOnce(&AtomicU64)) -> BTreeMap<u64, Told> {
    // Two nodes that begin at different members.
    let addresses = [0, 1].map(|first| cluster.address(first, "rows"));
    write_through_at(cluster, &addresses, count, trouble).await
}

/// The same with these addresses of the store "rows", one for each node.
pub(crate) async fn write_through_at(
    cluster: &Cluster,
    addresses: &[String],
    count: u64,
    trouble: impl AsyncFnOnce(&AtomicU64),
) -> BTreeMap<u64, Told> {
    let acknowledged = Arc::new(AtomicU64::new(0));
    let writers = (0..4).map(|name| {
        let engine = Arc::new(connect(&addresses[name as usize % addresses.len()]));
        (name, writer(engine, name, count, Arc::clone(&acknowledged)))
    });
    let writers = writers.collect::<Vec<_>>();
    trouble(&acknowledged).await;
    let mut told = BTreeMap::new();
    for (name, writer) in writers {
        told.insert(name, writer.await.unwrap());
    }
    let engine = cluster.engine("rows");
    check(&engine, &told).await;
    let head = engine.snapshot().await.unwrap().revision();
    let unknown = told.values().map(|told| told.unknown.len() as u64).sum::<u64>();
    let changes = follow(&engine, head).await;
    assert!((4 * count..=4 * count + unknown).contains(&changes), "{changes} changes, {unknown} unknown");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_leaders_loses_nothing_and_doubles_nothing() {
    let cluster = Cluster::start(3).await;
    write_through(&cluster, 300, async |acknowledged: &AtomicU64| {
        for round in 1..=3 {
            reached(acknowledged, round * 250).await;
            let leader = cluster.leader().await;
            cluster.kill(leader);
            reached(acknowledged, round * 250 + 100).await;
            cluster.run(leader);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_member_is_left_for_another() {
    let cluster = Cluster::start(3).await;
    write_through(&cluster, 150, async |acknowledged: &AtomicU64| {
        for (round, member) in [(1, 0), (2, 1), (3, cluster.leader().await)] {
            reached(acknowledged, round * 120).await;
            cluster.pause(member);
            reached(acknowledged, round * 120 + 60).await;
            cluster.resume(member);
        }
    })
    .await;
}

/// Without conditions, a batch that is sent twice would be written twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_answer_is_lost_is_written_once() {
    let cluster = Cluster::start(1).await;
    let proxy = Proxy::to(cluster.port(0)).await;
    let engine = connect(&format!("etcd://127.0.0.1:{}/rows", proxy.port));
    let mut revisions = Vec::new();
    for number in 0..120_u64 {
        // Each connection lives for some answers more or less: cuts fall on every step of a commit.
        proxy.lose_answers_after(3 + number % 7);
        revisions.push(engine.commit(Batch::new().put("k", number.to_string())).await.unwrap());
    }
    assert!(revisions.is_sorted_by(|a, b| a < b));
    let direct = cluster.engine("rows");
    assert_eq!(follow(&direct, *revisions.last().unwrap()).await, 120);
}

/// A commit that is refused after an answer was lost is refused for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_are_told_from_ones_own_lost_commits() {
    let cluster = Cluster::start(1).await;
    let (proxy, direct) = (Proxy::to(cluster.port(0)).await, cluster.engine("rows"));
    let engine = connect(&format!("etcd://127.0.0.1:{}/rows", proxy.port));
    for number in 0..60_u64 {
        proxy.lose_answers_after(3 + number % 5);
        let (own, other) = (format!("own{number}"), format!("other{number}"));
        let free = |key: &str| Batch::new().expect(key, Expect::Absent).put(key, "x");
        direct.commit(free(&other)).await.unwrap();
        assert!(engine.commit(free(&own)).await.is_ok(), "{number}");
        assert!(matches!(engine.commit(free(&own)).await, Err(CommitError::Conflict)), "{number}");
        assert!(matches!(engine.commit(free(&other)).await, Err(CommitError::Conflict)), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_majority_nothing_is_read_or_written() {
    let cluster = Cluster::start(3).await;
    let engine = cluster.engine("rows");
    engine.commit(Batch::new().put("k", "old")).await.unwrap();
    cluster.kill(1);
    cluster.kill(2);
    let (snapshot, commit, health) =
        tokio::join!(engine.snapshot(), engine.commit(Batch::new().put("k", "new")), engine.health());
    assert!(snapshot.is_err() && health.is_err());
    assert!(matches!(commit, Err(CommitError::OutcomeUnknown { .. } | CommitError::Engine(_))), "{commit:?}");
    cluster.run(1);
    cluster.ready().await;
    engine.commit(Batch::new().put("k", "new")).await.unwrap();
}

/// What broke: each node scrubbed whenever it had something to erase, two of them two members at once; and who read meanwhile
/// was left with a snapshot that nobody keeps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_scrubs_at_a_time_and_readers_of_others_begin_again() {
    let cluster = Cluster::start(1).await;
    let (one, other) = (Arc::new(cluster.engine("rows")), cluster.engine("rows"));
    one.commit(Batch::new().put("k", "v")).await.unwrap();
    let reading = one.snapshot().await.unwrap();
    one.commit(Batch::new().put("k", "w")).await.unwrap();
    // It waits for its own reader, and has its turn meanwhile; the other one may have had it first.
    let scrubbing = tokio::spawn({
        let one = Arc::clone(&one);
        async move {
            loop {
                match one.scrub().await {
                    Err(EngineError::Unavailable) => {}
                    outcome => return outcome,
                }
            }
        }
    });
    while !matches!(other.scrub().await, Err(EngineError::Unavailable)) {}
    drop(reading);
    scrubbing.await.unwrap().unwrap();
    // Nobody has the turn any more. What others read is not waited for.
    let reading = one.snapshot().await.unwrap();
    one.commit(Batch::new().put("k", "x")).await.unwrap();
    other.scrub().await.unwrap();
    assert!(matches!(reading.read(b"k").await, Err(EngineError::SnapshotGone)));
}

/// What broke: a cluster that is full answers reads, and was said to be well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_cluster_is_not_well() {
    let cluster = Cluster::start_with(1, &["--quota-backend-bytes=4194304"]).await;
    let engine = cluster.engine("rows");
    engine.health().await.unwrap();
    let refused = loop {
        if let Err(error) = engine.commit(Batch::new().put("k", vec![7; 500_000])).await {
            break error;
        }
    };
    assert!(
        matches!(&refused, CommitError::Engine(EngineError::Io(e)) if e.kind() == ErrorKind::StorageFull),
        "{refused:?}"
    );
    let health = engine.health().await;
    assert!(matches!(&health, Err(EngineError::Io(e)) if e.kind() == ErrorKind::StorageFull), "{health:?}");
    assert!(engine.snapshot().await.unwrap().read(b"k").await.unwrap().is_some());
}

/// What broke: the connection lived with whoever was the first to need it, such as a thread of low priority, and all waited
/// for that thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_lives_where_the_engine_was_made() {
    let cluster = Cluster::start(1).await;
    let engine = Arc::new(cluster.engine("rows"));
    let (connected, wait_connected) = tokio::sync::oneshot::channel();
    let (end, wait_end) = std::sync::mpsc::channel::<()>();
    let first = Arc::clone(&engine);
    let busy = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            first.snapshot().await.unwrap();
            connected.send(()).unwrap();
            // Its runtime does nothing from now on.
            _ = wait_end.recv();
        });
    });
    wait_connected.await.unwrap();
    // Sooner than another connection would be tried.
    let answered = tokio::time::timeout(std::time::Duration::from_millis(1500), engine.snapshot()).await;
    end.send(()).unwrap();
    busy.join().unwrap();
    answered.unwrap().unwrap();
}
