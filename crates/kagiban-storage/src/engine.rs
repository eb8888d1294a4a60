//! The seam between Kagiban and whatever keeps its bytes: an embedded file, memory, a cluster (`kagiban-etcd`).
//!
//! An engine holds ordered keys with values and one counter, the revision, that grows with every committed batch.
//! Readers take a snapshot and see that revision for as long as they hold it. Writers hand in a batch with conditions
//! on what they read. Followers take the feed of changes. There is nothing else: no secondary index (an index is a key
//! written in the same batch), no query, no lock.
//!
//! What every engine promises, and the module `suite` tests:
//! - A committed batch is durable when `commit` returns, is seen whole or not at all, and has a revision of its own.
//! - `Err(CommitError::Conflict | Invalid | Engine)` means nothing was written; only `OutcomeUnknown` leaves it open.
//! - A snapshot taken after a commit returned contains it.
//! - The feed shows every change once, in revision order, or says that it cannot.
//! - What was deleted is out of the files after a scrub, but not before; a cluster says how far it can promise that.

pub mod embedded;
pub mod faulty;
mod history;
pub mod memory;

use std::fmt;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;

use crate::batch::{Batch, BatchError};
use crate::feed::ChangeFeed;

/// Most entries that one [`Snapshot::scan`] gives.
pub const SCAN_ENTRIES_MAX: usize = 1000;
/// A [`Snapshot::scan`] ends a page early once keys and values reach this many bytes.
pub const SCAN_BYTES_MAX: usize = 4 << 20;

/// A point in the store's history: it grows with each batch, by one in the engines of one process, by one or more where
/// others write to the same cluster. Zero is the empty store.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Revision(u64);

impl Revision {
    /// Before the first commit.
    pub const ZERO: Self = Self(0);

    /// The revision with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The number after this one: the next revision where batches are counted, and where they are not, a revision that
    /// comes before any later batch's or is its own.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The engine cannot do what was asked, now or at all. Nothing was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// [`Engine::close`] was called.
    #[error("the store is closed")]
    Closed,
    /// Stored bytes are not what was written.
    #[error("the store is damaged: {detail}")]
    Corrupt {
        /// What the engine found.
        detail: Arc<str>,
    },
    /// A write failed earlier; no further write is taken until the store is opened again.
    #[error("the store failed and takes no writes until it is opened again")]
    Failed {
        /// The failure that ended it.
        #[source]
        cause: Arc<EngineError>,
    },
    /// Reading or writing failed: a full disk, a bad disk.
    #[error("reading or writing the store failed")]
    Io(#[source] Arc<io::Error>),
    /// What the snapshot shows is not kept any more: somebody else's scrub was faster. A new snapshot helps.
    #[error("the store does not keep any more what the snapshot shows")]
    SnapshotGone,
    /// The engine cannot be reached at present; trying again may help.
    #[error("the store cannot be reached")]
    Unavailable,
}

/// Why a batch has no revision.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// A condition did not hold. Nothing was written.
    #[error("a condition of the batch does not hold")]
    Conflict,
    /// The engine could not take the batch. Nothing was written.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The batch is out of bounds. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] BatchError),
    /// The batch may or may not have been written, whole or not at all. Only a later read can tell.
    #[error("whether the batch was written is not known")]
    OutcomeUnknown {
        /// What went wrong while it was being written.
        #[source]
        cause: EngineError,
    },
}

/// A value and when it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// The value.
    pub value: Vec<u8>,
    /// The revision of the batch that wrote it.
    pub revision: Revision,
}

/// A key, its value and when it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// The revision of the batch that wrote it.
    pub revision: Revision,
}

/// A part of the ordered keys: from `start` on, up to but without `end`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyRange {
    /// First key that may be in it.
    pub start: Vec<u8>,
    /// First key that is not in it; `None` is the end of all keys.
    pub end: Option<Vec<u8>>,
}

impl KeyRange {
    /// Every key.
    pub const fn all() -> Self {
        Self { start: Vec::new(), end: None }
    }

    /// All keys that start with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while end.pop_if(|last| *last == u8::MAX).is_some() {}
        let end = end.last_mut().map(|last| *last = last.saturating_add(1)).map(|()| end.clone());
        Self { start: prefix.to_vec(), end }
    }

    /// The part of this range that comes after `key`.
    #[must_use]
    pub fn after(mut self, key: &[u8]) -> Self {
        let next = [key, &[0]].concat();
        self.start = self.start.max(next);
        self
    }

    /// Whether no key can be in it.
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| *end <= self.start)
    }
}

/// Consecutive entries of a range.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    /// The entries, in key order.
    pub entries: Vec<Entry>,
    /// Whether entries may follow; ask with [`KeyRange::after`] the last key.
    pub more: bool,
}

/// The store as it was at one revision.
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// The revision it shows.
    fn revision(&self) -> Revision;

    /// What is stored under `key`.
    ///
    /// # Errors
    /// [`EngineError`].
    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError>;

    /// The first entries of `range`: at most `limit`, at most [`SCAN_ENTRIES_MAX`], and fewer when they are large
    /// ([`SCAN_BYTES_MAX`]). At least one, if there is one and `limit` is not zero.
    ///
    /// # Errors
    /// [`EngineError`].
    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError>;
}

/// What a scrub cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Scrubbed {
    /// Bytes of rows and of overwriting that went to the disk.
    pub written_bytes: u64,
}

/// What keeps the bytes. See the module's head for what it promises.
#[async_trait]
pub trait Engine: Send + Sync {
    /// The store as it is now.
    ///
    /// # Errors
    /// [`EngineError`].
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError>;

    /// Writes a batch if its conditions hold, and returns when that is durable.
    ///
    /// A batch without writes checks its conditions, takes no revision and returns the present one. Dropping the future
    /// does not withdraw a batch that is on its way.
    ///
    /// # Errors
    /// [`CommitError`].
    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError>;

    /// The changes that come after a revision. That revision may be ahead of what the feed has shown so far.
    ///
    /// # Errors
    /// [`EngineError`]. That the changes are no longer kept is said by the feed's first `next`.
    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError>;

    /// Takes out of what the engine keeps on disk whatever was deleted or replaced before this call: afterwards no byte
    /// of it is in the engine's files, nor in a copy that is made of them later. What the disk below keeps of bytes that
    /// were overwritten or given back to it is beyond an engine, and so are copies made before.
    ///
    /// Reads and writes go on meanwhile. It waits for the snapshots that show what is to go, without end if need be, and
    /// may be cut off at any moment, by dropping the future or by `kill -9`: then it has to be called again.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing is promised, and nothing is lost.
    async fn scrub(&self) -> Result<Scrubbed, EngineError>;

    /// Whether the engine can serve reads and take writes.
    ///
    /// # Errors
    /// The [`EngineError`] that a write would meet.
    async fn health(&self) -> Result<(), EngineError>;

    /// Finishes what is under way, refuses the rest and lets go of files and connections. Safe to repeat.
    ///
    /// # Errors
    /// [`EngineError`] when the last steps failed; all committed batches are durable even so.
    async fn close(&self) -> Result<(), EngineError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_ranges_end_where_the_prefix_ends() {
        let cases: [(&[u8], Option<&[u8]>); 5] = [
            (b"", None),
            (b"key", Some(b"kez")),
            (b"a\xff", Some(b"b")),
            (b"\xff\xff", None),
            (b"a\xffb", Some(b"a\xffc")),
        ];
        for (prefix, end) in cases {
            assert_eq!(KeyRange::prefix(prefix).end.as_deref(), end, "{}", prefix.escape_ascii());
        }
    }

    #[test]
    fn ranges_go_on_after_a_key() {
        let range = KeyRange::prefix(b"b").after(b"ba");
        assert_eq!(range.start, b"ba\0");
        assert_eq!(KeyRange::prefix(b"b").after(b"a").start, b"b");
        assert!(KeyRange::prefix(b"b").after(b"c").is_empty());
        assert!(!KeyRange::all().is_empty());
    }
}
