//! The journal on the disk: records are appended to it before answers leave, and read from it by everybody else.
//!
//! A record is copied into a preallocated, mapped segment: from then on it is in the operating system's hands, and
//! `kill -9` does not lose it. A thread makes what was appended durable at least once a second (in the degree
//! [`Degree::Strict`] as soon as somebody waits, for all who wait at once). Only then do readers see it, so nothing is ever
//! delivered, hashed or signed that a power cut could take back. A second thread hashes durable records into the chain
//! ([`blocks`]) and signs its [`head`]; a third makes the next segment ready.
//!
//! What the records of one caller have in common is written once in a segment (`caller_table`); readers are given whole records
//! (`callers`).
//!
//! A segment is written by one process only: each start begins a new one and cuts off the unused end of the last. Places are
//! never given twice, but for those of records that were lost before they were durable.
//!
//! When the disk fails, at whatever of this, the journal stops for good: [`Recorder::append`] refuses, and health tells why.
//! It does not try again by itself: what the disk lost meanwhile is found out at the next start only.

pub mod blocks;
mod caller_table;
pub(crate) mod callers;
mod chain;
pub mod disk;
pub(crate) mod files;
mod follow;
pub(crate) mod frame;
mod gather;
pub mod head;
mod header;
pub(crate) mod hex;
mod live;
mod open;
pub(crate) mod recovery;
pub mod segment;
mod shared;
pub(crate) mod sift;
mod spare;
mod sync;
mod tail;
mod threads;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use kagiban_base::random::RandomError;
use serde::{Deserialize, Serialize};

pub use recovery::{Loss, Lost};

use crate::journal::head::{HeadForged, SignedHead};
use crate::journal::shared::{Shared, Stage};
use crate::record::Record;
use crate::recorder::{JournalStopped, Recorder, Sequence};
use crate::signing::{PublicKey, Signer};

/// The number of a journal: random, made with it. Written down as it is shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(into = "String", try_from = "String")]
pub struct JournalId(pub [u8; 16]);

/// A text is no number of a journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the number of a journal has 32 hexadecimal digits")]
pub struct InvalidJournalId;

impl From<JournalId> for String {
    fn from(id: JournalId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for JournalId {
    type Error = InvalidJournalId;
    fn try_from(text: String) -> Result<Self, InvalidJournalId> {
        let bytes = hex::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(InvalidJournalId)
    }
}

impl fmt::Display for JournalId {
    /// 32 hexadecimal digits, as in heads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// What answers wait for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Degree {
    /// The record is in the operating system's hands; durable within a second.
    #[default]
    Journal,
    /// The record is durable.
    Strict,
}

/// How a journal is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where: `DATA/audit`. Made if it is not there.
    pub directory: PathBuf,
    /// What answers wait for.
    pub degree: Degree,
    /// Bytes of a segment at most. The first ones are smaller: each is at most twice as long as what the one before held.
    pub segment_bytes: usize,
    /// Whether a segment says of a caller only once who he is; other records of his refer to that one. Programs that do not know
    /// it refuse such segments.
    pub callers_once: bool,
    /// How often what was appended is made durable at least.
    pub sync_every: Duration,
    /// How often the head is signed at most.
    pub head_every: Duration,
    /// Start although records are missing, and say so in the chain.
    pub accept_loss: bool,
    /// Heads that were kept elsewhere, of this journal or others. Where one is later than the journal's own, the journal was put back to
    /// an older state: what it lacks is a loss.
    pub kept: Vec<SignedHead>,
}

impl Options {
    /// The usual ones.
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            degree: Degree::Journal,
            segment_bytes: 64 << 20,
            callers_once: true,
            sync_every: Duration::from_millis(500),
            head_every: Duration::from_secs(1),
            accept_loss: false,
            kept: Vec::new(),
        }
    }
}

/// A journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system refused.
    #[error("cannot {action} {} of the audit journal", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the audit journal in {} is open in another process", .0.display())]
    Busy(PathBuf),
    /// Something is missing that was there, by the word of the signed head.
    #[error(
        "the audit journal in {} was damaged or cut: {}. Put back what is missing, or start once with --accept-audit-loss, \
         which the journal will tell for ever",
        directory.display(), list(losses)
    )]
    Lost {
        /// The journal's directory.
        directory: PathBuf,
        /// What is missing.
        losses: Vec<Loss>,
    },
    /// No random number for a new journal.
    #[error("cannot make an audit journal")]
    Random(#[from] RandomError),
}

fn list(losses: &[Loss]) -> String {
    let texts: Vec<_> = losses.iter().map(Loss::to_string).collect();
    texts.join(", ")
}

pub(crate) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { action, path, source }
}

/// An open journal. Dropped without [`Journal::close`], it is left as a crash would leave it.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    origin: Origin,
    /// Keeps other processes away.
    _lock: File,
}

/// What a journal was opened from.
#[derive(Debug)]
struct Origin {
    is_new: bool,
    /// Whether the loss of a head or of another journal is accepted already.
    is_loss_stated: bool,
}

impl Journal {
    /// Hands over who signs the head, after a look at who signed the last one. Until then no head is written; the first is at
    /// once, so that a journal of which nothing is signed is one that has just begun.
    ///
    /// # Errors
    /// [`HeadForged`]: the head that was found at the start is signed by none of `keys`.
    pub fn sign_with(&self, signer: Arc<dyn Signer>, keys: &[PublicKey]) -> Result<(), HeadForged> {
        self.head().check(keys)?;
        // Only the first one counts.
        _ = self.shared.signer.set(signer);
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            thread.thread().unpark();
        }
        Ok(())
    }

    /// Whether nothing was recorded in it before: it was made just now, or by a start that came to nothing.
    pub const fn is_new(&self) -> bool {
        self.origin.is_new
    }

    /// The head as it is on the disk.
    pub fn head(&self) -> SignedHead {
        self.shared.head.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of the journal.
    pub fn id(&self) -> JournalId {
        self.shared.journal
    }

    /// Why the journal has stopped; `None` while it has not.
    pub fn fault(&self) -> Option<&str> {
        self.shared.fault.get().map(String::as_str)
    }

    /// The latest record, durable or not. ([`Follower::latest`](crate::Follower::latest) is the latest durable one.)
    pub fn written(&self) -> Sequence {
        Sequence(self.shared.written.load(Ordering::Acquire))
    }

    /// Says that records up to `up_to` are in the archive. Their segments go once a head has been signed that says so; the
    /// one that is being written stays.
    pub fn forget(&self, up_to: Sequence) {
        self.shared.forget.fetch_max(up_to.0, Ordering::AcqRel);
    }

    /// Has the chain tell for ever that the operator went on without the head, or the journal, that was here before.
    pub fn state_loss_of_head(&self) {
        if !self.origin.is_loss_stated {
            let loss = Loss { what: Lost::Head, first: self.written().next(), count: 0 };
            tracing::error!(%loss, "the audit journal goes on with a loss that the operator has accepted");
            self.shared.losses.lock().unwrap_or_else(PoisonError::into_inner).push(loss);
        }
    }

    /// Takes no more records, makes all durable, hashes them and signs the head. Takes as long as the disk does. A second call
    /// does nothing.
    pub fn close(&self) {
        self.end(&[Stage::Syncing, Stage::Hashing, Stage::Over]);
    }

    fn end(&self, stages: &[Stage]) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if !threads.is_empty() {
            self.shared.take_no_more();
        }
        for stage in stages {
            self.shared.enter(*stage);
            // In the order in which they were started: sync, chain, spare.
            let count = if *stage == Stage::Over { threads.len() } else { threads.len().min(1) };
            for thread in threads.drain(..count) {
                thread.thread().unpark();
                // A panic in it has stopped the journal and was logged.
                _ = thread.join();
            }
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end(&[Stage::Over]);
    }
}

#[async_trait]
impl Recorder for Journal {
    fn append(&self, record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        self.shared.append(record)
    }

    fn is_strict(&self) -> bool {
        self.shared.options.degree == Degree::Strict
    }

    async fn durable(&self, sequence: Sequence) -> Result<(), JournalStopped> {
        self.shared.durable(sequence).await
    }

    fn is_stopped(&self) -> bool {
        self.shared.is_stopped.load(Ordering::Acquire)
    }
}
