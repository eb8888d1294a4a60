//! The next segment is ready before it is needed, and so are the pages that the next records go to.

use std::io;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kagiban_mapped_file::{MappedFile, Space, Writer};

use crate::journal::disk::Disk;
use crate::journal::files::Files;
use crate::journal::frame::{self, RECORD_MAX};
use crate::journal::segment::{self, SegmentHeader};
use crate::journal::{Degree, JournalId, Options};

/// Bytes of a segment at least: a few records of the greatest length.
const SEGMENT_MIN: usize = 2 * (segment::HEADER_LEN + frame::HEADER_LEN + RECORD_MAX);
/// How long an append waits for a segment at most.
const WAIT: Duration = Duration::from_secs(10);
/// Attempts that an append waits for: one that was under way when it came, and one for itself.
const ATTEMPTS: u64 = 2;
/// The pause after a failure to make a segment that nobody waits for yet.
const PAUSE: Duration = Duration::from_secs(1);

/// Bytes of pages that are made ready at once, ahead of the records. Few enough that they are still in the processor's cache when
/// the records come; a page made ready long before is fetched from memory twice.
const AHEAD: usize = 1 << 20;

/// A segment without records.
#[derive(Debug)]
pub(crate) struct Spare {
    pub(crate) index: u64,
    pub(crate) writer: Writer,
    pub(crate) callers_once: bool,
}

/// Where the next segment lies ready.
#[derive(Debug)]
pub(crate) struct SpareSlot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    ready: Option<Spare>,
    /// The segment that records go to, and the pages in it that they reach next.
    ahead: Option<(MappedFile, Range<usize>)>,
    next_index: u64,
    /// Bytes of the latest segment.
    latest_len: usize,
    failures: u64,
    /// Somebody waits until there were so many.
    failures_awaited: u64,
    fault: String,
    is_over: bool,
}

/// What is to be made ready.
enum Wanted {
    Pages(MappedFile, Range<usize>),
    Segment { index: u64, len: usize },
}

impl SpareSlot {
    pub(crate) fn new(next_index: u64, latest_len: usize) -> Self {
        let state = State {
            ready: None,
            ahead: None,
            next_index,
            latest_len,
            failures: 0,
            failures_awaited: 0,
            fault: String::new(),
            is_over: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Takes the next segment; waits for it if it is not ready.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn take(&self) -> Result<Spare, String> {
        let mut state = self.lock();
        let failures_max = state.failures.saturating_add(ATTEMPTS);
        state.failures_awaited = failures_max;
        self.changed.notify_all();
        let is_waiting = |state: &mut State| state.ready.is_none() && state.failures < failures_max && !state.is_over;
        let (mut state, _) =
            self.changed.wait_timeout_while(state, WAIT, is_waiting).unwrap_or_else(PoisonError::into_inner);
        state.ready.take().ok_or_else(|| match state.failures {
            0 => "the next segment of the audit journal was not ready in time".to_owned(),
            _ => format!("cannot make the next segment of the audit journal: {}", state.fault),
        })
    }

    /// Records went to these bytes of a segment: when they came to other pages than before, the next ones are made ready, so that
    /// a thread that appends need not wait for them.
    pub(crate) fn note_append(&self, file: &MappedFile, bytes: Range<usize>) {
        if bytes.start / AHEAD != bytes.end / AHEAD {
            let next = (bytes.end / AHEAD).saturating_add(1).saturating_mul(AHEAD);
            self.lock().ahead = Some((file.clone(), next..next.saturating_add(AHEAD)));
            self.changed.notify_all();
        }
    }

    /// Makes segments as they are taken, and pages as they are reached, until [`SpareSlot::give_up`].
    pub(crate) fn fill(&self, files: &Files, journal: JournalId, options: &Options, disk: &dyn Disk) {
        while let Some(wanted) = self.wanted(options) {
            match wanted {
                Wanted::Pages(file, range) => file.populate(range),
                Wanted::Segment { index, len } => {
                    let made = make(index, len, options, files, journal, disk);
                    if let Ok(writer) = &made {
                        writer.file().populate(0..2 * AHEAD);
                    }
                    self.settle(index, len, options.callers_once, made);
                }
            }
        }
    }

    fn settle(&self, index: u64, len: usize, callers_once: bool, made: io::Result<Writer>) {
        let mut state = self.lock();
        match made {
            Ok(writer) => {
                state.latest_len = len;
                state.next_index = index.saturating_add(1);
                state.ready = Some(Spare { index, writer, callers_once });
            }
            Err(error) => {
                tracing::warn!(%error, len, "the audit journal cannot make its next segment; it will be tried again");
                state.fault = error.to_string();
                state.failures = state.failures.saturating_add(1);
                self.pause(state);
            }
        }
        self.changed.notify_all();
    }

    /// Nobody will wait any more.
    pub(crate) fn give_up(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    /// Waits until something is wanted. `None` at the end.
    fn wanted(&self, options: &Options) -> Option<Wanted> {
        let is_idle = |state: &mut State| state.ready.is_some() && state.ahead.is_none() && !state.is_over;
        let mut state = self.changed.wait_while(self.lock(), is_idle).unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return None;
        }
        Some(match state.ahead.take() {
            Some((file, range)) => Wanted::Pages(file, range),
            None => Wanted::Segment { index: state.next_index, len: next_len(state.latest_len, options) },
        })
    }

    /// For a moment, unless somebody waits for more attempts than there were.
    fn pause(&self, state: MutexGuard<'_, State>) {
        self.changed.notify_all();
        let is_idle = |state: &mut State| state.failures >= state.failures_awaited && !state.is_over;
        drop(self.changed.wait_timeout_while(state, PAUSE, is_idle));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes up a segment without records, or makes it.
///
/// # Errors
/// The operating system's.
pub(crate) fn make(
    index: u64,
    len: usize,
    options: &Options,
    files: &Files,
    journal: JournalId,
    disk: &dyn Disk,
) -> io::Result<Writer> {
    let path = files.segment(index);
    let space = match options.degree {
        // A sync a second; what goes to the disk twice would cost more.
        Degree::Journal => Space::Reserved,
        // Answers wait for every sync.
        Degree::Strict => Space::Written,
    };
    let header = SegmentHeader { journal, index, callers_once: options.callers_once };
    disk.create(&path, len, space, &header.encode())?;
    Writer::open(&path, segment::HEADER_LEN)
}

/// A journal that is little used takes little space: it grows with what it holds.
pub(crate) fn next_len(latest_len: usize, options: &Options) -> usize {
    latest_len.saturating_mul(2).min(options.segment_bytes).max(SEGMENT_MIN)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn attempts_are_made_at_once_only_as_long_as_somebody_waits_for_them() {
        let slot = SpareSlot::new(1, 0);
        slot.lock().failures_awaited = ATTEMPTS;
        let began = Instant::now();
        for expected in [Duration::ZERO, PAUSE] {
            slot.settle(1, 1, true, Err(io::ErrorKind::StorageFull.into()));
            assert!(began.elapsed() >= expected, "{expected:?}");
        }
        assert_eq!(slot.lock().failures, ATTEMPTS);
    }
}
