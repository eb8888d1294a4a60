//! An engine without a disk, for tests: the promises of a real one, but for durability.
//!
//! Each key carries its versions, as many as living snapshots can still see.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::history::History;
use super::{
    CommitError, Engine, EngineError, Entry, KeyRange, Page, Revision, SCAN_BYTES_MAX, SCAN_ENTRIES_MAX, Scrubbed,
    Snapshot, Stored,
};
use crate::batch::{Batch, Write};
use crate::feed::{Change, ChangeFeed};

/// A store in memory. Clones are handles to the same store.
#[derive(Clone)]
pub struct MemoryEngine {
    state: Arc<Mutex<State>>,
    history: Arc<History>,
}

struct State {
    keys: BTreeMap<Vec<u8>, Versions>,
    revision: Revision,
    /// Living snapshots by revision.
    watched: BTreeMap<Revision, usize>,
    /// Keys that have more than their present value.
    untidy: BTreeSet<Vec<u8>>,
    closed: bool,
}

/// Oldest first; `None` is a deletion.
type Versions = Vec<(Revision, Option<Vec<u8>>)>;

impl MemoryEngine {
    /// An empty store.
    pub fn new() -> Self {
        let state = State {
            keys: BTreeMap::new(),
            revision: Revision::ZERO,
            watched: BTreeMap::new(),
            untidy: BTreeSet::new(),
            closed: false,
        };
        Self { state: Arc::new(Mutex::new(state)), history: History::new(Revision::ZERO) }
    }

    /// Forgets the changes up to `through`, so that a feed which is not past it must rescan.
    pub fn forget_changes(&self, through: Revision) {
        self.history.forget(through);
    }

    fn open_state(&self) -> Result<MutexGuard<'_, State>, EngineError> {
        let state = lock(&self.state);
        if state.closed { Err(EngineError::Closed) } else { Ok(state) }
    }
}

impl Default for MemoryEngine {
    fn default() -> Self {
        Self::new()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn stored(&self, key: &[u8], at: Revision) -> Option<(Revision, &[u8])> {
        visible(self.keys.get(key)?, at)
    }

    fn write(&mut self, writes: &[Write]) {
        self.revision = self.revision.next();
        for Write { key, value } in writes {
            let versions = self.keys.entry(key.clone()).or_default();
            versions.push((self.revision, value.clone()));
            self.untidy.insert(key.clone());
        }
        self.tidy();
    }

    /// Drops the versions nobody can see, once no snapshot lives.
    fn tidy(&mut self) {
        if !self.watched.is_empty() {
            return;
        }
        for key in std::mem::take(&mut self.untidy) {
            let Some(versions) = self.keys.get_mut(&key) else { continue };
            versions.drain(..versions.len().saturating_sub(1));
            if versions.last().is_none_or(|(_, value)| value.is_none()) {
                self.keys.remove(&key);
            }
        }
    }

    fn page(&self, range: &KeyRange, limit: usize, at: Revision) -> Page {
        let limit = limit.min(SCAN_ENTRIES_MAX);
        let mut page = Page::default();
        if range.is_empty() {
            return page;
        }
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut bytes = 0_usize;
        for (key, versions) in self.keys.range::<[u8], _>((Bound::Included(range.start.as_slice()), end)) {
            let Some((revision, value)) = visible(versions, at) else { continue };
            if page.entries.len() >= limit || bytes >= SCAN_BYTES_MAX {
                page.more = true;
                return page;
            }
            bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
            page.entries.push(Entry { key: key.clone(), value: value.to_vec(), revision });
        }
        page
    }
}

fn visible(versions: &Versions, at: Revision) -> Option<(Revision, &[u8])> {
    let (revision, value) = versions.iter().rev().find(|(revision, _)| *revision <= at)?;
    Some((*revision, value.as_deref()?))
}

#[async_trait]
impl Engine for MemoryEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        let mut state = self.open_state()?;
        let revision = state.revision;
        let watchers = state.watched.entry(revision).or_default();
        *watchers = watchers.saturating_add(1);
        Ok(Box::new(MemorySnapshot { state: self.state.clone(), revision }))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch.check()?;
        let mut state = self.open_state()?;
        let now = state.revision;
        let holds =
            batch.conditions_hold(|key| Ok::<_, EngineError>(state.stored(key, now).map(|(written, _)| written)))?;
        if !holds {
            return Err(CommitError::Conflict);
        }
        if batch.writes.is_empty() {
            return Ok(now);
        }
        state.write(&batch.writes);
        // Published under the lock: revisions reach the feed in order.
        self.history.publish(Change { revision: state.revision, writes: batch.writes });
        Ok(state.revision)
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        drop(self.open_state()?);
        Ok(self.history.feed(after))
    }

    /// Nothing of it is on a disk.
    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        self.open_state().map(|_| Scrubbed::default())
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.open_state().map(drop)
    }

    async fn close(&self) -> Result<(), EngineError> {
        lock(&self.state).closed = true;
        self.history.close();
        Ok(())
    }
}

struct MemorySnapshot {
    state: Arc<Mutex<State>>,
    revision: Revision,
}

impl MemorySnapshot {
    fn open_state(&self) -> Result<MutexGuard<'_, State>, EngineError> {
        let state = lock(&self.state);
        if state.closed { Err(EngineError::Closed) } else { Ok(state) }
    }
}

#[async_trait]
impl Snapshot for MemorySnapshot {
    fn revision(&self) -> Revision {
        self.revision
    }

    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        let state = self.open_state()?;
        let found = state.stored(key, self.revision);
        Ok(found.map(|(revision, value)| Stored { value: value.to_vec(), revision }))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError> {
        Ok(self.open_state()?.page(range, limit, self.revision))
    }
}

impl Drop for MemorySnapshot {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if let Some(watchers) = state.watched.get_mut(&self.revision) {
            *watchers = watchers.saturating_sub(1);
            if *watchers == 0 {
                state.watched.remove(&self.revision);
            }
        }
        state.tidy();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Subject, engine_suite};

    async fn fresh() -> Subject {
        let engine = MemoryEngine::new();
        let forgetful = engine.clone();
        Subject::new(Arc::new(engine), move |through| forgetful.forget_changes(through))
    }

    engine_suite!(fresh);

    #[tokio::test]
    async fn old_versions_go_with_the_last_snapshot() {
        let engine = MemoryEngine::new();
        let snapshot = engine.snapshot().await.unwrap();
        for value in 0..10_u8 {
            engine.commit(Batch::new().put("kept", [value]).put("gone", [value])).await.unwrap();
        }
        engine.commit(Batch::new().delete("gone")).await.unwrap();
        assert_eq!(lock(&engine.state).keys.values().map(Vec::len).sum::<usize>(), 21);
        drop(snapshot);
        assert_eq!(lock(&engine.state).keys.values().map(Vec::len).sum::<usize>(), 1);
    }
}
