//! Any engine, made to fail on command: the double that tests of everything above put under it.
//!
//! Faults are planned for the n-th coming call of a kind, or drawn from a seed. Nothing here waits for time: a delayed
//! call stands at a [`Gate`] until the test opens it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{CommitError, Engine, EngineError, KeyRange, Page, Revision, Scrubbed, Snapshot, Stored};
use crate::batch::Batch;
use crate::feed::{ChangeFeed, FeedError, FeedEvent};

/// A kind of call that can be made to fail.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Call {
    /// [`Engine::changes`].
    Changes,
    /// [`Engine::commit`].
    Commit,
    /// [`ChangeFeed::next`].
    Next,
    /// [`Snapshot::read`].
    Read,
    /// [`Snapshot::scan`].
    Scan,
    /// [`Engine::scrub`].
    Scrub,
    /// [`Engine::snapshot`].
    Snapshot,
}

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A commit answers [`CommitError::Conflict`], a feed's `next` [`FeedError::Compacted`]; of other calls it makes
    /// [`EngineError::Unavailable`].
    Conflict,
    /// The call fails with this error and has no effect.
    Fail(EngineError),
    /// The call stands at the gate, then goes on as usual.
    Gate(Gate),
    /// A commit takes effect, but the answer is [`CommitError::OutcomeUnknown`]. Other calls: as `Unavailable`.
    LoseAnswer,
    /// A commit takes no effect, and the answer is [`CommitError::OutcomeUnknown`]. Other calls: as `Unavailable`.
    LoseRequest,
}

/// A place where a call waits for the test.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<GateState>);

#[derive(Clone, Copy, Debug, Default)]
struct GateState {
    open: bool,
    waiting: usize,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self(watch::channel(GateState::default()).0)
    }

    /// Lets all calls through from now on.
    pub fn open(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Waits until `count` calls have come to the gate.
    pub async fn reached(&self, count: usize) {
        // The sender lives in `self`, so the wait cannot fail.
        _ = self.0.subscribe().wait_for(|state| state.waiting >= count).await;
    }

    async fn pass(&self) {
        self.0.send_modify(|state| state.waiting = state.waiting.saturating_add(1));
        _ = self.0.subscribe().wait_for(|state| state.open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// An engine around another. Clones are handles to the same one.
#[derive(Clone)]
pub struct FaultyEngine {
    inner: Arc<dyn Engine>,
    plan: Arc<Plan>,
}

#[derive(Default)]
struct Plan(Mutex<PlanState>);

#[derive(Default)]
struct PlanState {
    calls: BTreeMap<Call, u64>,
    planned: BTreeMap<(Call, u64), Fault>,
    random: Option<Random>,
}

struct Random {
    state: u64,
    per_mille: u64,
}

impl FaultyEngine {
    /// An engine that behaves as `inner` until told otherwise.
    pub fn new(inner: Arc<dyn Engine>) -> Self {
        Self { inner, plan: Arc::default() }
    }

    /// Lets the `nth` coming call of this kind (1 is the next) meet `fault`.
    pub fn plan(&self, call: Call, nth: u64, fault: Fault) {
        let mut state = self.plan.state();
        let at = state.calls.get(&call).copied().unwrap_or_default().saturating_add(nth);
        state.planned.insert((call, at), fault);
    }

    /// From now on lets `per_mille` of a thousand calls meet a fault, drawn from `seed`: commits conflict, fail, or
    /// lose their request or their answer; other calls fail, feeds also break. Zero ends it.
    pub fn randomly(&self, seed: u64, per_mille: u64) {
        self.plan.state().random = (per_mille > 0).then_some(Random { state: seed, per_mille });
    }

    /// How many calls of this kind were made.
    pub fn calls(&self, call: Call) -> u64 {
        self.plan.state().calls.get(&call).copied().unwrap_or_default()
    }
}

impl Plan {
    fn state(&self) -> MutexGuard<'_, PlanState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, waits at its gate if it has one, and returns any other fault.
    async fn meet(&self, call: Call) -> Option<Fault> {
        let fault = self.state().fault_of(call);
        match fault {
            Some(Fault::Gate(gate)) => {
                gate.pass().await;
                None
            }
            other => other,
        }
    }

    /// As `meet`, for calls that know no outcome but success and failure.
    async fn pass(&self, call: Call) -> Result<(), EngineError> {
        match self.meet(call).await {
            None => Ok(()),
            Some(Fault::Fail(error)) => Err(error),
            Some(_) => Err(EngineError::Unavailable),
        }
    }
}

impl PlanState {
    fn fault_of(&mut self, call: Call) -> Option<Fault> {
        let count = self.calls.entry(call).or_default();
        *count = count.saturating_add(1);
        let planned = self.planned.remove(&(call, *count));
        planned.or_else(|| self.random.as_mut()?.fault())
    }
}

impl Random {
    fn fault(&mut self) -> Option<Fault> {
        if self.next() % 1000 >= self.per_mille {
            return None;
        }
        Some(match self.next() % 4 {
            0 => Fault::Conflict,
            1 => Fault::LoseAnswer,
            2 => Fault::LoseRequest,
            _ => Fault::Fail(EngineError::Unavailable),
        })
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

#[async_trait]
impl Engine for FaultyEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.plan.pass(Call::Snapshot).await?;
        let inner = self.inner.snapshot().await?;
        Ok(Box::new(FaultySnapshot { inner, plan: self.plan.clone() }))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        let unknown = || CommitError::OutcomeUnknown { cause: EngineError::Unavailable };
        match self.plan.meet(Call::Commit).await {
            None | Some(Fault::Gate(_)) => self.inner.commit(batch).await,
            Some(Fault::Conflict) => Err(CommitError::Conflict),
            Some(Fault::Fail(error)) => Err(error.into()),
            Some(Fault::LoseRequest) => Err(unknown()),
            Some(Fault::LoseAnswer) => {
                _ = self.inner.commit(batch).await;
                Err(unknown())
            }
        }
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        self.plan.pass(Call::Changes).await?;
        let inner = self.inner.changes(after).await?;
        Ok(Box::new(FaultyFeed { inner, plan: self.plan.clone(), after, ended: None }))
    }

    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        self.plan.pass(Call::Scrub).await?;
        self.inner.scrub().await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.inner.health().await
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.inner.close().await
    }
}

struct FaultySnapshot {
    inner: Box<dyn Snapshot>,
    plan: Arc<Plan>,
}

#[async_trait]
impl Snapshot for FaultySnapshot {
    fn revision(&self) -> Revision {
        self.inner.revision()
    }

    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        self.plan.pass(Call::Read).await?;
        self.inner.read(key).await
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError> {
        self.plan.pass(Call::Scan).await?;
        self.inner.scan(range, limit).await
    }
}

struct FaultyFeed {
    inner: Box<dyn ChangeFeed>,
    plan: Arc<Plan>,
    after: Revision,
    ended: Option<FeedError>,
}

#[async_trait]
impl ChangeFeed for FaultyFeed {
    async fn next(&mut self) -> Result<FeedEvent, FeedError> {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let ended = match self.plan.meet(Call::Next).await {
            None | Some(Fault::Gate(_)) => {
                let event = self.inner.next().await?;
                if let FeedEvent::Change(change) = &event {
                    self.after = change.revision;
                }
                return Ok(event);
            }
            Some(Fault::Conflict) => FeedError::Compacted { after: self.after },
            Some(Fault::Fail(error)) => error.into(),
            Some(_) => EngineError::Unavailable.into(),
        };
        self.ended = Some(ended.clone());
        Err(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::memory::MemoryEngine;
    use crate::suite::{Subject, engine_suite};

    async fn fresh() -> Subject {
        let inner = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(inner.clone()));
        Subject::new(Arc::new(engine), move |through| inner.forget_changes(through))
    }

    // Without a fault it is as good as the engine it wraps.
    engine_suite!(fresh);

    #[tokio::test]
    async fn reads_and_feeds_fail_as_planned() {
        let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
        let fail = || Fault::Fail(EngineError::Unavailable);
        let snapshot = engine.snapshot().await.unwrap();
        let mut feed = engine.changes(Revision::ZERO).await.unwrap();
        for call in [Call::Snapshot, Call::Changes, Call::Read, Call::Scan, Call::Scrub] {
            engine.plan(call, 2, fail());
        }
        engine.plan(Call::Next, 2, Fault::Conflict);
        for failing in [false, true, false] {
            assert_eq!(engine.snapshot().await.is_err(), failing);
            assert_eq!(engine.changes(Revision::ZERO).await.is_err(), failing);
            assert_eq!(snapshot.read(b"k").await.is_err(), failing);
            assert_eq!(snapshot.scan(&KeyRange::all(), 1).await.is_err(), failing);
            assert_eq!(engine.scrub().await.is_err(), failing);
        }
        engine.commit(Batch::new().put("k", "v")).await.unwrap();
        assert!(feed.next().await.is_ok());
        for _ in 0..2 {
            assert!(matches!(feed.next().await, Err(FeedError::Compacted { after }) if after == Revision::new(1)));
        }
    }

    #[tokio::test]
    async fn a_seed_draws_the_same_faults_again() {
        let mut runs = Vec::new();
        for seed in [1, 1, 2] {
            let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
            engine.randomly(seed, 300);
            let mut outcomes = String::new();
            for _ in 0..100 {
                let outcome = engine.commit(Batch::new().put("k", "v")).await;
                outcomes.push_str(&outcome.map_or_else(|error| error.to_string(), |_| "written".to_owned()));
            }
            runs.push(outcomes);
        }
        assert_eq!(runs[0], runs[1]);
        assert_ne!(runs[0], runs[2]);
        for outcome in ["written", "cannot be reached", "does not hold", "not known"] {
            assert!(runs[0].contains(outcome), "{outcome}");
        }
    }
}
