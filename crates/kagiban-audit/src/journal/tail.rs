//! Appending: everything that can be is done before the lock, which is held for a copy of some hundred bytes.

use std::cell::RefCell;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use kagiban_mapped_file::Writer;

use crate::journal::caller_table::{CallerTable, Stamp};
use crate::journal::frame::{self, HEADER_LEN, RECORD_MAX};
use crate::journal::live::Segment;
use crate::journal::shared::Shared;
use crate::journal::spare::Spare;
use crate::record::{Caller, Record};
use crate::recorder::{JournalStopped, Sequence};

/// Bytes that a thread keeps for its next record.
const BUFFER_MAX: usize = 64 << 10;

/// The next segment's stamp.
static STAMPS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a thread keeps between its records.
#[derive(Debug, Default)]
struct Scratch {
    buffer: Vec<u8>,
    callers: CallerTable,
}

/// Where the next record goes.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) writer: Writer,
    pub(crate) next: Sequence,
    /// Of the writer's segment.
    pub(crate) stamp: Stamp,
}

/// Where a record went.
#[derive(Clone, Copy, Debug)]
struct Appended {
    sequence: Sequence,
    stamp: Stamp,
    /// Of its frame in the segment.
    offset: usize,
}

/// A stamp for a segment.
pub(crate) fn stamp(callers_once: bool) -> Stamp {
    callers_once.then(|| NonZeroU64::new(STAMPS.fetch_add(1, Ordering::Relaxed))).flatten()
}

impl Shared {
    /// See [`Recorder::append`](crate::Recorder::append).
    pub(crate) fn append(&self, record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        SCRATCH.with_borrow_mut(|scratch| {
            let appended = self.append_with(record, scratch);
            if scratch.buffer.capacity() > BUFFER_MAX {
                scratch.buffer = Vec::new();
            }
            appended
        })
    }

    fn append_with(&self, record: &Record<'_>, scratch: &mut Scratch) -> Result<Sequence, JournalStopped> {
        let Scratch { buffer, callers } = scratch;
        let caller = Caller::of(record);
        let (seat, stamp) = (callers.seat(&caller), NonZeroU64::new(self.stamp.load(Ordering::Acquire)));
        if let Some(reference) = callers.find(seat, &caller, stamp) {
            begin_frame(buffer);
            record.encode_by_reference(&reference, buffer);
            if let Some(appended) = self.append_frame(buffer, Some(stamp))? {
                return Ok(appended.sequence);
            }
            // Another segment has begun meanwhile.
        }
        begin_frame(buffer);
        record.encode(buffer);
        let appended = self.append_frame(buffer, None)?.ok_or(JournalStopped)?;
        callers.remember(seat, &caller, appended.stamp, appended.offset);
        Ok(appended.sequence)
    }

    /// `None`, and nothing is appended, when the record is for another segment than the one at work.
    fn append_frame(&self, buffer: &mut [u8], only_to: Option<Stamp>) -> Result<Option<Appended>, JournalStopped> {
        if buffer.len() > HEADER_LEN + RECORD_MAX {
            // Nothing that is listed to be recorded is as long. The request fails, others don't.
            tracing::error!(bytes = buffer.len(), "a record is too long for the audit journal");
            return Err(JournalStopped);
        }
        frame::seal(buffer);
        // Whoever panicked under the lock left it as it was or gone.
        let mut guard = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_stopped.load(Ordering::Acquire) {
            return Err(JournalStopped);
        }
        let tail = guard.as_mut().ok_or(JournalStopped)?;
        if tail.writer.remaining() < buffer.len() {
            self.begin_segment(tail)?;
        }
        if only_to.is_some_and(|stamp| stamp != tail.stamp) {
            return Ok(None);
        }
        let sequence = tail.next;
        frame::place(buffer, sequence);
        if tail.writer.append(buffer).is_err() {
            return Err(self.stop("a new segment is too small".to_owned()));
        }
        tail.next = sequence.next();
        self.written.store(sequence.0, Ordering::Release);
        let end = tail.writer.file().len();
        let offset = end.saturating_sub(buffer.len());
        self.spare.note_append(tail.writer.file(), offset..end);
        Ok(Some(Appended { sequence, stamp: tail.stamp, offset }))
    }

    /// Goes on in the segment that was made ready. All who want to append wait meanwhile.
    fn begin_segment(&self, tail: &mut Tail) -> Result<(), JournalStopped> {
        let Spare { index, writer, callers_once } = self.spare.take().map_err(|why| self.stop(why))?;
        let segment = Segment::new(index, tail.next, writer.file().clone());
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(segment));
        (tail.writer, tail.stamp) = (writer, stamp(callers_once));
        self.stamp.store(tail.stamp.map_or(0, NonZeroU64::get), Ordering::Release);
        Ok(())
    }
}

/// Leaves room for what stands before a record.
fn begin_frame(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.resize(HEADER_LEN, 0);
}
