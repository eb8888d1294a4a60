//! The store that all nodes share: always there and right, unless a test plants a flaw in it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_storage::batch::Batch;
use kagiban_storage::{CommitError, Engine as _, MemoryEngine, Revision};

use crate::dice::Dice;
use crate::moments::{Moments, Turns};
use crate::trace::Trace;
use crate::truth::Truth;

/// What can be wrong with the store, so that the checks have something to find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flaw {
    /// Batches are written whatever they are on condition of.
    IgnoresConditions,
    /// Now and then a batch is acknowledged and not written.
    LosesBatches,
    /// The feed says that it is up to date, also while it is cut off.
    ProvesTooMuch,
    /// Now and then the feed leaves out a change.
    SkipsChanges,
}

pub(crate) struct SharedStore {
    pub(crate) memory: MemoryEngine,
    pub(crate) moments: Moments,
    turns: Turns,
    truth: Mutex<Truth>,
    trace: Mutex<Trace>,
    flaw: Option<Flaw>,
    dice: Mutex<Dice>,
}

impl SharedStore {
    pub(crate) fn new(moments: Moments, flaw: Option<Flaw>, dice: Dice) -> Self {
        let (memory, truth, trace) = (MemoryEngine::new(), Mutex::default(), Mutex::default());
        Self { memory, moments, turns: Turns::default(), truth, trace, flaw, dice: Mutex::new(dice) }
    }

    pub(crate) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, and for the present task's turn.
    pub(crate) async fn pause(&self, ms: u64) {
        self.moments.pause(ms).await;
        self.turns.mine(self.moments).await;
    }

    /// Notes what happened.
    pub(crate) fn note(&self, what: &str) {
        let line = format!("{} {what}", self.moments.now_ms());
        self.trace().add(line);
    }

    pub(crate) fn trace(&self) -> MutexGuard<'_, Trace> {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a batch.
    pub(crate) async fn apply(&self, mut batch: Batch) -> Result<Revision, CommitError> {
        if self.flaw == Some(Flaw::IgnoresConditions) {
            batch.conditions.clear();
        }
        if !batch.writes.is_empty() && self.flaw == Some(Flaw::LosesBatches) && self.once_in(40) {
            return Ok(self.memory.snapshot().await?.revision());
        }
        let writes = batch.writes.clone();
        let revision = self.memory.commit(batch).await?;
        if !writes.is_empty() {
            self.note(&format!("commit {revision} of {} rows", writes.len()));
            self.truth().take(self.moments.now_ms(), revision, &writes);
        }
        Ok(revision)
    }

    pub(crate) fn skips_change(&self) -> bool {
        self.flaw == Some(Flaw::SkipsChanges) && self.once_in(30)
    }

    pub(crate) fn proves_too_much(&self) -> bool {
        self.flaw == Some(Flaw::ProvesTooMuch)
    }

    fn once_in(&self, times: u32) -> bool {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).once_in(times)
    }
}
