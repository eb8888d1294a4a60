//! The two faces of the journal: what requests write to, and what readers follow.

use std::fmt;

use async_trait::async_trait;

use crate::record::Record;
use crate::search::Sieve;

/// Bytes that are asked for at a time where nothing else is said.
const READ_BYTES: usize = 1 << 20;

/// The place of a record in the journal of one node: 1, 2, 3 and so on, without a gap and for ever.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The place after this one. (There is no end to come to: 2^64 records.)
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The journal cannot be written any more. Whoever meets this must not answer his request; the service is to be told unhealthy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the audit journal cannot be written")]
pub struct JournalStopped;

/// Takes records. Shared by all requests.
#[async_trait]
pub trait Recorder: fmt::Debug + Send + Sync {
    /// Adds a record. When this returns, the record is in the hands of the operating system and survives the process.
    ///
    /// # Errors
    /// [`JournalStopped`]: the record is not in the journal, and no later one will be.
    fn append(&self, record: &Record<'_>) -> Result<Sequence, JournalStopped>;

    /// Whether answers wait for [`Recorder::durable`]: the degree `strict`.
    fn is_strict(&self) -> bool;

    /// Waits until the record and all before it survive a loss of power.
    ///
    /// # Errors
    /// [`JournalStopped`]: that will never be.
    async fn durable(&self, sequence: Sequence) -> Result<(), JournalStopped>;

    /// Whether the journal has stopped for good.
    fn is_stopped(&self) -> bool;
}

/// A record as it is in the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its place.
    pub sequence: Sequence,
    /// [`Record::encode`]'s bytes.
    pub bytes: Box<[u8]>,
}

/// The journal cannot be read at a place.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What is there is no record.
    #[error("the audit journal is damaged at record {0}")]
    Damaged(Sequence),
    /// The place is older than what is kept.
    #[error("the audit journal does not go back to record {0}")]
    Gone(Sequence),
    /// The operating system's word.
    #[error("the audit journal cannot be read")]
    Io(#[from] std::io::Error),
}

/// What a search may want of some records.
#[derive(Clone, Debug, Default)]
pub struct Sifted {
    /// In their order.
    pub entries: Vec<Entry>,
    /// Bytes of the others that were looked at.
    pub bytes_left_out: u64,
}

impl Sifted {
    /// Adds those of later records.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.entries.append(&mut later.entries);
        self.bytes_left_out = self.bytes_left_out.saturating_add(later.bytes_left_out);
    }

    /// Bytes of the records that may be wanted.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len()).sum()
    }
}

/// Reads records in their order.
#[async_trait]
pub trait Follower: fmt::Debug + Send + Sync {
    /// The records from `from` on: as many as there are, within some `bytes_max` (at least one if there is one). Empty when
    /// nothing is there yet. Blocks on the disk for a moment.
    ///
    /// # Errors
    /// [`ReadError`]
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError>;

    /// The records from `from` to `last` that a search may want; others may be among them. `None` when they are more than
    /// `bytes_max`: fewer are to be asked for then. Blocks on the disk, for longer the more it is asked for.
    ///
    /// # Errors
    /// [`ReadError`]
    fn sift(
        &self,
        from: Sequence,
        last: Sequence,
        _sieve: &Sieve<'_>,
        bytes_max: usize,
    ) -> Result<Option<Sifted>, ReadError> {
        let (mut sifted, mut bytes, mut at) = (Sifted::default(), 0usize, from);
        while at <= last {
            let mut more = self.read(at, READ_BYTES)?;
            let Some(newest) = more.last() else { break };
            at = newest.sequence.next();
            more.retain(|entry| entry.sequence <= last);
            bytes = more.iter().fold(bytes, |sum, entry| sum.saturating_add(entry.bytes.len()));
            if bytes > bytes_max {
                return Ok(None);
            }
            sifted.entries.append(&mut more);
        }
        Ok(Some(sifted))
    }

    /// Waits until the record at `sequence` is there. Ends too when the journal has stopped.
    async fn reached(&self, sequence: Sequence);

    /// The latest record's place; 0 when there is none.
    fn latest(&self) -> Sequence;

    /// The place of the earliest record that is kept.
    fn earliest(&self) -> Sequence;
}
