//! Making durable what was appended.

use std::sync::atomic::Ordering;

use crate::journal::shared::Shared;
use crate::recorder::{JournalStopped, Sequence};

/// How far the journal is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyncPoint {
    /// The last durable record.
    pub(crate) durable: Sequence,
    /// The segment that is being synced, and its durable bytes.
    pub(crate) index: u64,
    pub(crate) len: usize,
}

impl SyncPoint {
    /// Makes everything durable that has been appended until now, and lets readers see it.
    ///
    /// # Errors
    /// [`JournalStopped`], which it is then.
    pub(crate) fn advance(&mut self, shared: &Shared) -> Result<(), JournalStopped> {
        // INVARIANT: this is read before the segments are: their bytes then reach at least as far.
        let written = Sequence(shared.written.load(Ordering::Acquire));
        if written <= self.durable {
            return Ok(());
        }
        for segment in shared.segments_from(self.durable.next()) {
            if segment.index != self.index {
                (self.index, self.len) = (segment.index, 0);
            }
            let end = segment.file.len();
            let synced = shared.disk.sync(&shared.files.segment(segment.index), &segment.file, self.len..end);
            synced.map_err(|error| shared.stop(format!("what was recorded cannot be made durable: {error}")))?;
            self.len = end;
        }
        self.durable = written;
        shared.publish_durable(written);
        Ok(())
    }
}
