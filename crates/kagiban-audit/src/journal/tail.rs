//! Appending: everything that can be is done before the lock, which is held for a copy of some hundred bytes.

use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use kagiban_mapped_file::Writer;

use crate::journal::frame::{self, HEADER_LEN, RECORD_MAX};
use crate::journal::live::Segment;
use crate::journal::shared::Shared;
use crate::journal::spare::Spare;
use crate::record::Record;
use crate::recorder::{JournalStopped, Sequence};

/// Bytes that a thread keeps for its next record.
const BUFFER_MAX: usize = 64 << 10;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where the next record goes.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) writer: Writer,
    pub(crate) next: Sequence,
}

impl Shared {
    /// See [`Recorder::append`](crate::Recorder::append).
    pub(crate) fn append(&self, record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            buffer.resize(HEADER_LEN, 0);
            record.encode(buffer);
            let appended = self.append_frame(buffer);
            if buffer.capacity() > BUFFER_MAX {
                *buffer = Vec::new();
            }
            appended
        })
    }

    fn append_frame(&self, buffer: &mut [u8]) -> Result<Sequence, JournalStopped> {
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
        let sequence = tail.next;
        frame::place(buffer, sequence);
        if tail.writer.append(buffer).is_err() {
            return Err(self.stop("a new segment is too small".to_owned()));
        }
        tail.next = sequence.next();
        self.written.store(sequence.0, Ordering::Release);
        let end = tail.writer.file().len();
        self.spare.note_append(tail.writer.file(), end.saturating_sub(buffer.len())..end);
        Ok(sequence)
    }

    /// Goes on in the segment that was made ready. All who want to append wait meanwhile.
    fn begin_segment(&self, tail: &mut Tail) -> Result<(), JournalStopped> {
        let Spare { index, writer } = self.spare.take().map_err(|why| self.stop(why))?;
        let segment = Segment::new(index, tail.next, writer.file().clone());
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(segment));
        tail.writer = writer;
        Ok(())
    }
}
