//! Takes deleted bytes out of the store's file, by putting another file in its place that never had them.
//!
//! redb writes copy on write: bytes of a deleted row stay in free pages until these are used again, and in the slack of
//! pages in use. Overwriting them in place would rest on how redb lays out and allocates pages. A new file that is filled
//! with the rows that are there rests on nothing, and is as small as it can be. It costs the size of the store twice,
//! written once and overwritten once, which is why it is done for many deletions together.
//!
//! The steps: sweep away what an earlier scrub left; fill `.new`; name the store's file `.old` too; put `.new` in its
//! place, which is one rename; let readers of the old file finish; overwrite and remove the old file. Killed anywhere, the
//! store is the old file or the new one, which hold the same rows then, and the rest is swept away at the next start.
//!
//! It runs on the committer's thread, a piece of a millisecond or two between groups of batches.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use redb::Database;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::committer::Request;
use super::file::{NEW, OLD, sync_directory, with_suffix};
use super::leftovers::Sweep;
use super::replacement::Replacement;
use super::{Current, Shared, Tenancy};
use crate::batch::Write;
use crate::engine::{EngineError, Revision, Scrubbed};

pub(super) type Reply = oneshot::Sender<Result<Scrubbed, EngineError>>;

pub(super) struct Scrubber {
    shared: Arc<Shared>,
    queue: UnboundedSender<Request>,
    /// The store's file; `None` for one that is not in a directory, which cannot be scrubbed.
    home: Option<PathBuf>,
    phase: Phase,
    /// Who asked after the scrub under way had begun, so that it does not serve them.
    asked: Vec<Reply>,
    serving: Vec<Reply>,
    written_bytes: u64,
}

enum Phase {
    Idle,
    /// Before a scrub begins.
    SweepingBefore(Sweep),
    Copying(Box<Replacement>),
    /// The old file waits for its readers.
    Replaced(Retired),
    SweepingAfter(Sweep),
}

/// A database whose place was taken, and who still reads from it.
struct Retired {
    database: Database,
    tenancy: Weak<Tenancy>,
}

impl Scrubber {
    /// What an earlier process left behind is swept away first.
    pub(super) fn new(shared: Arc<Shared>, queue: UnboundedSender<Request>, home: Option<PathBuf>) -> Self {
        let left = home.as_deref().and_then(|home| Sweep::of(home).ok()).filter(|left| !left.is_empty());
        let phase = left.map_or(Phase::Idle, Phase::SweepingAfter);
        Self { shared, queue, home, phase, asked: Vec::new(), serving: Vec::new(), written_bytes: 0 }
    }

    pub(super) fn ask(&mut self, reply: Reply) {
        self.asked.push(reply);
    }

    /// Whether a step would do anything.
    pub(super) fn has_work(&self) -> bool {
        match &self.phase {
            Phase::Idle => !self.asked.is_empty(),
            Phase::Replaced(retired) => retired.tenancy.strong_count() == 0,
            Phase::SweepingBefore(_) | Phase::Copying(_) | Phase::SweepingAfter(_) => true,
        }
    }

    /// Takes what was committed.
    pub(super) fn note(&mut self, writes: &[Write], revision: Revision) {
        if let Phase::Copying(replacement) = &mut self.phase
            && let Err(error) = replacement.note(writes, revision)
        {
            self.give_up(&error, true);
        }
    }

    /// Does a piece of what is under way. `revision` is that of the store.
    pub(super) fn step(&mut self, revision: Revision) {
        let was_copying = matches!(self.phase, Phase::Copying(_));
        let result = match (self.shared.failure.get(), self.home.clone()) {
            (Some(failure), _) => Err(failure.clone()),
            (None, None) => Err(EngineError::Unavailable),
            (None, Some(home)) => self.advance(&home, revision),
        };
        if let Err(error) = result {
            self.give_up(&error, was_copying);
        }
    }

    fn advance(&mut self, home: &Path, revision: Revision) -> Result<(), EngineError> {
        self.phase = match &mut self.phase {
            Phase::Idle => self.begin(home)?,
            Phase::SweepingBefore(sweep) => match sweep.step().map_err(io)? {
                true => Phase::Copying(Box::new(Replacement::begin(home)?)),
                false => return Ok(()),
            },
            Phase::Copying(replacement) => {
                match self.shared.read(|current| replacement.copy_piece(&current.database))? {
                    true => self.replace(home, revision)?,
                    false => return Ok(()),
                }
            }
            Phase::Replaced(_) => self.let_go(home)?,
            Phase::SweepingAfter(sweep) => match sweep.step().map_err(io)? {
                true => self.conclude(),
                false => return Ok(()),
            },
        };
        Ok(())
    }

    fn begin(&mut self, home: &Path) -> Result<Phase, EngineError> {
        self.serving = std::mem::take(&mut self.asked);
        self.written_bytes = 0;
        Ok(Phase::SweepingBefore(Sweep::of(home).map_err(io)?))
    }

    /// Puts the complete copy in the store's place.
    fn replace(&mut self, home: &Path, revision: Revision) -> Result<Phase, EngineError> {
        let Phase::Copying(replacement) = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return Ok(Phase::Idle);
        };
        self.written_bytes = replacement.copied();
        let database = self.shared.read(|current| replacement.finish(&current.database, revision));
        let database = database.and_then(|database| place(home).map(|()| database))?;
        // From here on the store's name means the new file, or after a loss of power the old one: no batch before that
        // is certain, and none at all if it cannot be.
        sync_directory(home).map_err(io).inspect_err(|error| self.shared.fail(error.clone()))?;
        let current = Current { database, tenancy: Tenancy::new(self.queue.clone()) };
        let Some(before) = self.shared.exchange(current) else { return Err(EngineError::Closed) };
        let retired = Retired { tenancy: Arc::downgrade(&before.tenancy), database: before.database };
        if retired.tenancy.strong_count() > 1 {
            tracing::info!("the store is scrubbed but for its old file, which waits for those who still read from it");
        }
        drop(before.tenancy);
        Ok(Phase::Replaced(retired))
    }

    /// Nobody reads from the old file any more.
    fn let_go(&mut self, home: &Path) -> Result<Phase, EngineError> {
        if let Phase::Replaced(retired) = std::mem::replace(&mut self.phase, Phase::Idle) {
            // What it would still write is going to be overwritten.
            _ = retired.database.close();
        }
        Ok(Phase::SweepingAfter(Sweep::of(home).map_err(io)?))
    }

    fn conclude(&mut self) -> Phase {
        if let Phase::SweepingAfter(sweep) = &self.phase {
            self.written_bytes = self.written_bytes.saturating_add(sweep.written());
        }
        for reply in self.serving.drain(..) {
            _ = reply.send(Ok(Scrubbed { written_bytes: self.written_bytes }));
        }
        Phase::Idle
    }

    /// Nothing is lost: the store is where it was. A copy that was begun gives its room on the disk back.
    fn give_up(&mut self, error: &EngineError, was_copying: bool) {
        tracing::warn!(error = error as &dyn std::error::Error, "the store could not be scrubbed");
        // First the copy, which has its file open.
        self.phase = Phase::Idle;
        if was_copying && self.shared.failure.get().is_none() {
            let left = self.home.as_deref().and_then(|home| Sweep::of(home).ok());
            self.phase = left.map_or(Phase::Idle, Phase::SweepingAfter);
        }
        for reply in self.serving.drain(..).chain(self.asked.drain(..)) {
            _ = reply.send(Err(error.clone()));
        }
    }
}

impl Drop for Scrubber {
    fn drop(&mut self) {
        // redb's own locks are poisoned after a panic within it: even dropping it may panic.
        if std::thread::panicking() {
            std::mem::forget(std::mem::replace(&mut self.phase, Phase::Idle));
        }
    }
}

/// Gives the store's file its second name, and its first one to the new file.
fn place(home: &Path) -> Result<(), EngineError> {
    if let Err(error) = fs::hard_link(home, with_suffix(home, OLD)) {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(
            error,
            "the store's old file cannot have a second name: it is deleted without being overwritten"
        );
    }
    fs::rename(with_suffix(home, NEW), home).map_err(io)
}

fn io(error: std::io::Error) -> EngineError {
    EngineError::Io(Arc::new(error))
}
