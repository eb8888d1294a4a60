//! The embedded engine: one file, one process, no server.
//!
//! A [redb] file holds the rows. One thread writes: it takes the batches that have queued up, checks each against the
//! state that the earlier ones leave, and makes the whole group durable with one commit, so that many writers share the
//! price of a sync. Readers go to the file directly, on the caller's thread: measured with 100,000 rows and more data than
//! cache, a point read takes 6 microseconds and a full page of a scan 1.3 milliseconds, less than a change of threads is
//! worth. Pages are bounded so that it stays so.
//!
//! Assumed of the disk: what `fdatasync` has acknowledged stays; what it has not may be there in part and in any order.
//! redb commits in two phases here (two syncs), so that a damaged page of the last commit is told from an unfinished
//! write and refused, instead of being taken back in silence. Opening reads the whole file and compares its checksums
//! (0.15 s for 100,000 rows): a torn file is refused then, not met by a request. Since that check rebuilds redb's
//! allocator state anyway, commits do not carry it (redb calls that quick repair).
//!
//! What was deleted stays in the file until its pages are used again. A scrub takes it out, by putting a file in its place
//! that never had it (`scrubber.rs`).
//!
//! Once a write failed (a full disk, a bad disk) the engine takes no more: what the file holds is certain again only
//! after opening it anew. Batches under way get [`CommitError::OutcomeUnknown`] where that is the truth.

mod committer;
mod file;
mod format;
#[cfg(test)]
mod hostile_disk;
mod leftovers;
mod replacement;
#[cfg(test)]
mod scrub_tests;
mod scrubber;
#[cfg(test)]
mod tests;

use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::thread::JoinHandle;

use async_trait::async_trait;
use redb::{Database, ReadOnlyTable, ReadableDatabase};
use tokio::sync::{Semaphore, mpsc, oneshot};

use self::committer::{Committer, Request};
use self::file::FileLock;
use self::scrubber::Scrubber;
use super::history::History;
use super::{
    CommitError, Engine, EngineError, Entry, KeyRange, Page, Revision, SCAN_BYTES_MAX, SCAN_ENTRIES_MAX, Scrubbed,
    Snapshot, Stored,
};
use crate::batch::Batch;
use crate::feed::ChangeFeed;

pub use self::file::OpenError;

/// Room for queued batches, in KiB; a batch takes its size and never less than [`BATCH_ROOM_MIN`].
const QUEUE_ROOM: usize = 16 << 10;
/// So the queue holds at most 1024 batches.
const BATCH_ROOM_MIN: usize = 16;

/// A store in a file.
///
/// Dropping it waits for the batches under way. [`Engine::close`] does so without blocking a thread.
pub struct EmbeddedEngine {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Request>,
    room: Arc<Semaphore>,
    committer: Option<JoinHandle<()>>,
}

/// What readers and the committer share.
struct Shared {
    /// `None` once closed.
    current: RwLock<Option<Current>>,
    /// Why no write is taken any more.
    failure: OnceLock<EngineError>,
    history: Arc<History>,
}

/// The database whose file is the store now; a scrub puts another in its place.
struct Current {
    database: Database,
    tenancy: Arc<Tenancy>,
}

/// Held by whoever reads from a database; its end is told to the committer.
struct Tenancy {
    queue: mpsc::UnboundedSender<Request>,
}

impl Tenancy {
    fn new(queue: mpsc::UnboundedSender<Request>) -> Arc<Self> {
        Arc::new(Self { queue })
    }
}

impl Drop for Tenancy {
    fn drop(&mut self) {
        // Nobody needs to be told when there is no committer any more.
        _ = self.queue.send(Request::Vacated);
    }
}

impl EmbeddedEngine {
    /// Opens the store in the file `path`.
    ///
    /// # Errors
    /// [`OpenError`]. Of a file that is refused no row is changed.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (database, lock) = file::open(path)?;
        Self::start(path, database, Some(lock))
    }

    /// Creates an empty store in the file `path`, which must not be there.
    ///
    /// # Errors
    /// As [`EmbeddedEngine::create_with`].
    pub fn create(path: &Path) -> Result<Self, OpenError> {
        Self::create_with(path, Batch::new())
    }

    /// Creates a store in the file `path`, which must not be there, with the writes of `first` in it.
    ///
    /// The file appears under its name when it is complete and durable; a crash before leaves no store, and a temporary
    /// file that the next creation replaces.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn create_with(path: &Path, first: Batch) -> Result<Self, OpenError> {
        let (database, lock) = file::create(path, &first)?;
        Self::start(path, database, Some(lock))
    }

    /// Forgets the changes up to `through`, so that a feed which is not past it must rescan.
    pub fn forget_changes(&self, through: Revision) {
        self.shared.history.forget(through);
    }

    fn start(path: &Path, database: Database, lock: Option<FileLock>) -> Result<Self, OpenError> {
        let revision = format::revision_of(&database).map_err(|error| error.into_open_error(path))?;
        let (queue, requests) = mpsc::unbounded_channel();
        let current = Current { database, tenancy: Tenancy::new(queue.clone()) };
        let shared = Arc::new(Shared {
            current: RwLock::new(Some(current)),
            failure: OnceLock::new(),
            history: History::new(revision),
        });
        // Without a lock there is no directory in which another file could take the place of this one.
        let home = lock.is_some().then(|| path.to_owned());
        let scrubber = Scrubber::new(shared.clone(), queue.clone(), home);
        let committer = Committer::new(shared.clone(), revision, scrubber, lock);
        let committer = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(move || committer.run(requests))
            .map_err(|source| OpenError::Io { path: path.to_owned(), action: "start a thread for", source })?;
        Ok(Self { shared, queue, room: Arc::new(Semaphore::new(QUEUE_ROOM)), committer: Some(committer) })
    }

    /// Why the committer takes nothing any more.
    fn gone(&self) -> EngineError {
        self.shared.failure.get().cloned().unwrap_or(EngineError::Closed)
    }
}

impl Shared {
    /// Notes the failure that ends writing; the first one stays.
    fn fail(&self, cause: EngineError) {
        if self.failure.set(EngineError::Failed { cause: Arc::new(cause.clone()) }).is_ok() {
            tracing::warn!(error = &cause as &dyn std::error::Error, "the store failed and takes no more writes");
        }
    }

    /// Lets go of the file, once; whatever is read later is refused.
    fn close(&self) -> Result<(), EngineError> {
        self.history.close();
        let current = self.current.write().unwrap_or_else(PoisonError::into_inner).take();
        current.map_or(Ok(()), |current| current.database.close()).map_err(format::engine_error)
    }

    /// Gives the file up after a panic within redb, whose own locks are poisoned then: even dropping it may panic. The
    /// file stays open and locked until the process ends.
    fn abandon(&self) {
        self.history.close();
        std::mem::forget(self.current.write().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Puts another database in the place of the present one, unless the store is closed.
    fn exchange(&self, next: Current) -> Option<Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner).as_mut().map(|now| std::mem::replace(now, next))
    }

    fn read<T>(&self, with: impl FnOnce(&Current) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        with(current.as_ref().ok_or_else(|| self.failure.get().cloned().unwrap_or(EngineError::Closed))?)
    }
}

#[async_trait]
impl Engine for EmbeddedEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        let snapshot = self.shared.read(|current| {
            let transaction = current.database.begin_read().map_err(format::engine_error)?;
            let revision = format::revision_in(&transaction)?;
            let rows = transaction.open_table(format::ROWS).map_err(format::engine_error)?;
            Ok(EmbeddedSnapshot { rows, revision, _tenancy: current.tenancy.clone() })
        })?;
        Ok(Box::new(snapshot))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch.check()?;
        if let Some(failure) = self.shared.failure.get() {
            return Err(failure.clone().into());
        }
        let room = (batch.bytes() >> 10).saturating_add(1).max(BATCH_ROOM_MIN);
        let room = self.room.clone().acquire_many_owned(u32::try_from(room).unwrap_or(u32::MAX)).await;
        let room = room.map_err(|_| self.gone())?;
        let (reply, outcome) = oneshot::channel();
        self.queue.send(Request::Commit { batch, reply, room }).map_err(|_| self.gone())?;
        // The committer answers every request it takes, unless it panicked.
        outcome.await.unwrap_or_else(|_| Err(CommitError::OutcomeUnknown { cause: self.gone() }))
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        self.shared.read(|_| Ok(self.shared.history.feed(after)))
    }

    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        let (reply, outcome) = oneshot::channel();
        self.queue.send(Request::Scrub { reply }).map_err(|_| self.gone())?;
        outcome.await.unwrap_or_else(|_| Err(self.gone()))
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.shared.read(|_| Ok(()))?;
        self.shared.failure.get().cloned().map_or(Ok(()), Err)
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.room.close();
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Request::Close { reply: Some(reply) }).is_err() {
            return Ok(());
        }
        closed.await.unwrap_or(Ok(()))
    }
}

impl Drop for EmbeddedEngine {
    fn drop(&mut self) {
        _ = self.queue.send(Request::Close { reply: None });
        if let Some(committer) = self.committer.take() {
            // A panic in it has been reported by the panic hook.
            _ = committer.join();
        }
    }
}

struct EmbeddedSnapshot {
    rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
    revision: Revision,
    // After the rows, which must not outlive it.
    _tenancy: Arc<Tenancy>,
}

#[async_trait]
impl Snapshot for EmbeddedSnapshot {
    fn revision(&self) -> Revision {
        self.revision
    }

    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        let Some(guard) = self.rows.get(key).map_err(format::engine_error)? else { return Ok(None) };
        let (revision, value) = format::split_value(guard.value())?;
        Ok(Some(Stored { value: value.to_vec(), revision }))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError> {
        let limit = limit.min(SCAN_ENTRIES_MAX);
        let mut page = Page::default();
        if range.is_empty() {
            return Ok(page);
        }
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let bounds: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Included(&range.start), end);
        let mut bytes = 0_usize;
        for found in self.rows.range::<&[u8]>(bounds).map_err(format::engine_error)? {
            let (key, value) = found.map_err(format::engine_error)?;
            if page.entries.len() >= limit || bytes >= SCAN_BYTES_MAX {
                page.more = true;
                break;
            }
            let (key, (revision, value)) = (key.value(), format::split_value(value.value())?);
            bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
            page.entries.push(Entry { key: key.to_vec(), value: value.to_vec(), revision });
        }
        Ok(page)
    }
}
