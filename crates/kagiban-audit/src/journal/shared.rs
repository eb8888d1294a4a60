//! What the journal's users and its threads share.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread::Thread;

use kagiban_base::time::Clock;
use tokio::sync::watch;

use crate::journal::disk::Disk;
use crate::journal::files::Files;
use crate::journal::head::SignedHead;
use crate::journal::live::Segment;
use crate::journal::recovery::Loss;
use crate::journal::spare::SpareSlot;
use crate::journal::tail::Tail;
use crate::journal::{JournalId, Options};
use crate::recorder::{JournalStopped, Sequence};
use crate::signing::Signer;

pub(crate) struct Shared {
    pub(crate) files: Files,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    pub(crate) journal: JournalId,
    /// Where the next record goes; `None` when no more are taken.
    pub(crate) tail: Mutex<Option<Tail>>,
    /// The stamp of the segment at work, 0 for none: to be looked at before the lock, and once more under it.
    pub(crate) stamp: AtomicU64,
    /// The last record that was appended.
    pub(crate) written: AtomicU64,
    /// Segments with records, and the one being written; oldest first.
    pub(crate) segments: RwLock<Vec<Arc<Segment>>>,
    pub(crate) spare: SpareSlot,
    pub(crate) progress: watch::Sender<Progress>,
    /// The last record that somebody waits for.
    wanted: AtomicU64,
    /// The sync thread is to be woken for records from this one on.
    wake_from: AtomicU64,
    pub(crate) sync_thread: OnceLock<Thread>,
    pub(crate) signer: OnceLock<Arc<dyn Signer>>,
    pub(crate) head: Mutex<SignedHead>,
    /// Losses that were accepted since the start, and are to be stated.
    pub(crate) losses: Mutex<Vec<Loss>>,
    /// Records up to here are in the archive.
    pub(crate) forget: AtomicU64,
    pub(crate) is_stopped: AtomicBool,
    pub(crate) fault: OnceLock<String>,
    stage: AtomicU8,
}

/// What has become of the records.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The last one that is durable.
    pub(crate) durable: Sequence,
    /// There will be no more.
    pub(crate) is_stopped: bool,
}

/// How far the journal is in ending.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub(crate) enum Stage {
    /// It runs.
    Running = 0,
    /// The last records are made durable.
    Syncing = 1,
    /// They are hashed and the head is signed.
    Hashing = 2,
    /// All threads end.
    Over = 3,
}

/// What [`Shared`] is made of.
pub(crate) struct Parts {
    pub(crate) files: Files,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    pub(crate) head: SignedHead,
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) tail: Tail,
    /// Records up to here need not be in the journal.
    pub(crate) forget: Sequence,
    pub(crate) spare: SpareSlot,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let last = Sequence(parts.tail.next.0.saturating_sub(1));
        Self {
            files: parts.files,
            disk: parts.disk,
            clock: parts.clock,
            options: parts.options,
            journal: parts.head.head.journal,
            stamp: AtomicU64::new(parts.tail.stamp.map_or(0, NonZeroU64::get)),
            tail: Mutex::new(Some(parts.tail)),
            written: AtomicU64::new(last.0),
            segments: RwLock::new(parts.segments),
            spare: parts.spare,
            progress: watch::Sender::new(Progress { durable: last, is_stopped: false }),
            wanted: AtomicU64::new(0),
            wake_from: AtomicU64::new(0),
            sync_thread: OnceLock::new(),
            signer: OnceLock::new(),
            forget: AtomicU64::new(parts.forget.0),
            head: Mutex::new(parts.head),
            losses: Mutex::default(),
            is_stopped: AtomicBool::new(false),
            fault: OnceLock::new(),
            stage: AtomicU8::new(Stage::Running as u8),
        }
    }

    /// Stops the journal for good.
    pub(crate) fn stop(&self, why: String) -> JournalStopped {
        tracing::error!(
            why,
            "the audit journal has stopped: no request is answered any more; mend the cause and restart"
        );
        // The first reason is the one.
        _ = self.fault.set(why);
        self.end_progress();
        JournalStopped
    }

    /// Takes no more records; what was taken can still become durable.
    pub(crate) fn take_no_more(&self) {
        *self.tail.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.is_stopped.store(true, Ordering::Release);
    }

    pub(crate) fn end_progress(&self) {
        self.is_stopped.store(true, Ordering::Release);
        self.progress.send_modify(|progress| progress.is_stopped = true);
    }

    /// Waits until a record is durable.
    pub(crate) async fn durable(&self, sequence: Sequence) -> Result<(), JournalStopped> {
        let mut progress = self.progress.subscribe();
        if progress.borrow().durable < sequence {
            self.want(sequence);
        }
        let arrived = progress.wait_for(|now| now.durable >= sequence || now.is_stopped).await;
        // The sender is in `self`.
        let progress = arrived.map_err(|_| JournalStopped)?;
        if progress.durable >= sequence { Ok(()) } else { Err(JournalStopped) }
    }

    /// Asks the sync thread for a record. It sees that, or is woken: both sides write theirs before they read the other's,
    /// in one order for all.
    fn want(&self, sequence: Sequence) {
        self.wanted.fetch_max(sequence.0, Ordering::SeqCst);
        if sequence.0 >= self.wake_from.load(Ordering::SeqCst)
            && let Some(thread) = self.sync_thread.get()
        {
            thread.unpark();
        }
    }

    /// The sync thread: whoever wants this record or a later one is to wake it.
    pub(crate) fn wake_from(&self, sequence: Sequence) {
        self.wake_from.store(sequence.0, Ordering::SeqCst);
    }

    /// Whether somebody waits for this record or a later one.
    pub(crate) fn is_wanted(&self, sequence: Sequence) -> bool {
        self.wanted.load(Ordering::SeqCst) >= sequence.0
    }

    pub(crate) fn latest_durable(&self) -> Sequence {
        self.progress.borrow().durable
    }

    /// The segments from the one that holds `sequence`, or would hold it, on.
    pub(crate) fn segments_from(&self, sequence: Sequence) -> Vec<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let from = segments.partition_point(|segment| segment.first <= sequence).saturating_sub(1);
        segments.iter().skip(from).map(Arc::clone).collect()
    }

    /// Gives back the memory of a segment that has been read to its end, unless it is the one that is written to: what is seldom
    /// read again is not to push the store's pages out, and the next segments find room that the machine has at hand.
    pub(crate) fn release(&self, segment: &Segment) {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let is_written_to = segments.last().is_none_or(|last| last.index == segment.index);
        drop(segments);
        if !is_written_to {
            segment.file.release(&self.files.segment(segment.index));
        }
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.fetch_max(stage as u8, Ordering::AcqRel);
        if stage == Stage::Over {
            self.spare.give_up();
        }
    }

    pub(crate) fn is_at(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::Acquire) >= stage as u8
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("written", &self.written).field("fault", &self.fault).finish_non_exhaustive()
    }
}
