//! A view that follows the store: complete when loaded, never empty while it is scanned again, as fresh as it says.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use kagiban_base::time::{Clock, Timestamp};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::engine::{EngineError, Revision};
use kagiban_storage::follower::{Applied, Apply, FollowError, Follower, NotFollowed};
use kagiban_storage::{Batch, Engine, MemoryEngine};
use tokio::task::JoinHandle;

/// A view that keeps what it is told, and refuses the key `poison`.
#[derive(Default)]
struct Mirror {
    rows: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// The fewest rows it ever had once it was loaded.
    low_water: AtomicUsize,
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("poison")]
struct Poison;

impl Apply for Mirror {
    type Error = Poison;

    fn apply(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), Poison> {
        if key == b"poison" {
            return Err(Poison);
        }
        let mut rows = self.rows.lock().unwrap();
        match value {
            Some(value) => _ = rows.insert(key.to_vec(), value.to_vec()),
            None => _ = rows.remove(key),
        }
        self.low_water.fetch_min(rows.len(), Ordering::Relaxed);
        Ok(())
    }

    fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        let mut rows = self.rows.lock().unwrap();
        rows.retain(|key, _| is_stored(key));
        self.low_water.fetch_min(rows.len(), Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.load(Ordering::Relaxed))
    }
}

struct World {
    memory: MemoryEngine,
    engine: FaultyEngine,
    mirror: Arc<Mirror>,
    clock: Arc<Ticks>,
    applied: Applied,
}

/// How a follower ended, and the follower.
type Ended = (Result<Infallible, FollowError<Poison>>, Follower<Mirror>);

/// A store with `rows` rows and a follower that has loaded them.
async fn world(rows: usize) -> (World, Follower<Mirror>) {
    let memory = MemoryEngine::new();
    for n in 0..rows {
        memory.commit(Batch::new().put(format!("{n:05}"), "loaded")).await.unwrap();
    }
    let (engine, mirror, clock) = (FaultyEngine::new(Arc::new(memory.clone())), Arc::default(), Arc::default());
    let (follower, applied) = load(&engine, &mirror, &clock).await.unwrap();
    mirror.low_water.store(usize::MAX, Ordering::Relaxed);
    (World { memory, engine, mirror, clock, applied }, follower)
}

async fn load(
    engine: &FaultyEngine,
    mirror: &Arc<Mirror>,
    clock: &Arc<Ticks>,
) -> Result<(Follower<Mirror>, Applied), FollowError<Poison>> {
    Follower::load(Arc::new(engine.clone()), mirror.clone(), clock.clone()).await
}

fn spawn(mut follower: Follower<Mirror>) -> JoinHandle<Ended> {
    tokio::spawn(async move { (follower.run().await, follower) })
}

impl World {
    async fn assert_in_step(&self) {
        let snapshot = self.memory.snapshot().await.unwrap();
        self.applied.wait_for(snapshot.revision()).await.unwrap();
        let page = snapshot.scan(&kagiban_storage::engine::KeyRange::all(), 1000).await.unwrap();
        let stored: BTreeMap<_, _> = page.entries.into_iter().map(|entry| (entry.key, entry.value)).collect();
        assert!(!page.more && stored == *self.mirror.rows.lock().unwrap());
    }
}

#[tokio::test]
async fn a_view_is_complete_when_it_is_loaded() {
    let (world, _follower) = world(2500).await;
    assert_eq!(world.mirror.rows.lock().unwrap().len(), 2500);
    assert_eq!(world.applied.progress().applied, Revision::new(2500));
    world.applied.wait_for(Revision::new(2500)).await.unwrap();
}

#[tokio::test]
async fn a_writer_reads_its_own_writes_after_waiting() {
    let (world, follower) = world(10).await;
    let running = spawn(follower);
    for n in 0..50 {
        let batch = Batch::new().put("new", format!("{n}")).delete(format!("{n:05}"));
        let revision = world.engine.commit(batch).await.unwrap();
        world.applied.wait_for(revision).await.unwrap();
        assert_eq!(world.mirror.rows.lock().unwrap().get(&b"new"[..]), Some(&format!("{n}").into_bytes()));
    }
    world.assert_in_step().await;
    assert_eq!(world.applied.progress().rescans, 0);
    world.memory.close().await.unwrap();
    assert!(matches!(running.await.unwrap().0, Err(FollowError::Engine(EngineError::Closed))));
    assert_eq!(world.applied.wait_for(Revision::new(1000)).await, Err(NotFollowed));
}

/// The feed is gone: the view is scanned again, keeps what stays, drops what went, and is never empty meanwhile.
#[tokio::test]
async fn a_follower_that_fell_behind_scans_again_in_place() {
    let (world, follower) = world(20).await;
    for n in 0..10 {
        world.memory.commit(Batch::new().delete(format!("{n:05}")).put(format!("new{n}"), "x")).await.unwrap();
    }
    world.memory.forget_changes(Revision::new(25));
    let running = spawn(follower);
    world.assert_in_step().await;
    assert_eq!(world.applied.progress().rescans, 1);
    assert!(world.mirror.low_water.load(Ordering::Relaxed) >= 20);
    let revision = world.memory.commit(Batch::new().put("later", "x")).await.unwrap();
    world.applied.wait_for(revision).await.unwrap();
    world.assert_in_step().await;
    running.abort();
}

#[tokio::test]
async fn a_follower_goes_on_after_the_engine_failed() {
    let (world, mut follower) = world(5).await;
    let fail = || Fault::Fail(EngineError::Unavailable);
    for (call, nth) in [(Call::Changes, 1), (Call::Next, 1), (Call::Next, 2), (Call::Snapshot, 1), (Call::Scan, 1)] {
        world.memory.commit(Batch::new().put("k", format!("{call:?}{nth}"))).await.unwrap();
        if matches!(call, Call::Snapshot | Call::Scan) {
            world.engine.plan(Call::Next, 1, Fault::Conflict);
        }
        world.engine.plan(call, nth, fail());
        let (ended, again) = spawn(follower).await.unwrap();
        assert!(matches!(ended, Err(FollowError::Engine(EngineError::Unavailable))), "{call:?} {ended:?}");
        follower = again;
    }
    let running = spawn(follower);
    world.assert_in_step().await;
    running.abort();
}

#[tokio::test]
async fn random_faults_leave_the_view_in_step() {
    for seed in 1..=10 {
        let (world, mut follower) = world(20).await;
        world.engine.randomly(seed, 200);
        let running = tokio::spawn(async move {
            while let Err(FollowError::Engine(EngineError::Unavailable)) = follower.run().await {}
        });
        for n in 0..200 {
            let batch = Batch::new().put(format!("k{}", n % 17), format!("{n}")).delete(format!("k{}", n % 5 + 20));
            world.memory.commit(batch).await.unwrap();
            tokio::task::yield_now().await;
        }
        world.assert_in_step().await;
        assert!(world.applied.progress().rescans > 0, "seed {seed}");
        running.abort();
    }
}

#[tokio::test]
async fn a_row_that_the_view_refuses_ends_following() {
    let (world, follower) = world(1).await;
    let revision = world.memory.commit(Batch::new().put("poison", "x")).await.unwrap();
    let (ended, follower) = spawn(follower).await.unwrap();
    assert!(matches!(ended, Err(FollowError::Apply(Poison))), "{ended:?}");
    assert!(world.applied.progress().applied < revision, "a view must not claim what it refused");
    drop(follower);
    assert_eq!(world.applied.wait_for(revision).await, Err(NotFollowed));
    let loaded = load(&world.engine, &Arc::default(), &world.clock).await;
    assert!(matches!(loaded, Err(FollowError::Apply(Poison))));
}

/// The time told is that of the last word from the engine, and of a scan its beginning.
#[tokio::test]
async fn a_view_tells_when_it_last_heard_from_the_engine() {
    let (world, follower) = world(3).await;
    let heard = |world: &World| world.applied.progress().heard_at.unix_ms();
    assert_eq!(heard(&world), 0);
    world.clock.0.store(1000, Ordering::Relaxed);
    let running = spawn(follower);
    let revision = world.memory.commit(Batch::new().put("k", "v")).await.unwrap();
    world.applied.wait_for(revision).await.unwrap();
    assert_eq!(heard(&world), 1000);

    world.clock.0.store(2000, Ordering::Relaxed);
    let gate = Gate::new();
    world.engine.plan(Call::Scan, 1, Fault::Gate(gate.clone()));
    // The call under way is the feed's; the one after it breaks.
    world.engine.plan(Call::Next, 1, Fault::Conflict);
    world.memory.commit(Batch::new().put("k", "w")).await.unwrap();
    gate.reached(1).await;
    world.clock.0.store(9000, Ordering::Relaxed);
    let rescans = world.applied.progress().rescans;
    gate.open();
    while world.applied.progress().rescans == rescans {
        tokio::task::yield_now().await;
    }
    assert_eq!(heard(&world), 2000);
    running.abort();
}
