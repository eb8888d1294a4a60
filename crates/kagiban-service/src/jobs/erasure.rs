//! Puts beyond recovery what was deleted: key material and all else of deleted keys, expired and deleted imported material,
//! secrets of deleted access keys, of MFA devices, of peers that were removed.
//!
//! For every caller a deletion is complete when it is committed. What remains is in the store's file, and this takes it out
//! there: whoever deletes leaves a note, and one scrub of the store serves all notes. A scrub costs what the store is
//! large, so they keep their distance: they take no more than a hundredth of the time.

use std::time::Duration;

use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::time::Timestamp;
use kagiban_storage::{EngineError, StoreError};

use crate::Service;

/// Pause between two looks for notes.
const PAUSE: Duration = Duration::from_secs(10);
/// Pause after a failure, such as a full disk.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);
/// A pause is so many times as long as the scrub before it.
const SHARE: u32 = 100;
/// Longest pause, whatever a clock says.
const PAUSE_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// The name of a material in notes and in the log.
pub(crate) fn material(key: &KeyArn, id: KeyMaterialId) -> String {
    format!("{key} material {id}")
}

impl Service {
    /// Puts beyond recovery what was deleted, if anything was. Returns how long to wait before it is called again.
    ///
    /// It may take minutes and can be cut off anywhere, by dropping the future too; requests and jobs go on meanwhile.
    pub async fn erase_deleted(&self) -> Duration {
        let begun = self.clock.now();
        match self.store.erase().await {
            Ok(erased) if erased.subjects.is_empty() => PAUSE,
            Ok(erased) => {
                for (subject, since) in &erased.subjects {
                    tracing::info!(subject, deleted = %since, "erased: nothing of it is left in the store");
                }
                let took = took(begun, self.clock.now());
                let (subjects, written_bytes) = (erased.subjects.len(), erased.scrubbed.written_bytes);
                tracing::info!(subjects, written_bytes, ?took, "the store is scrubbed");
                pause_after(took)
            }
            // Another node does so, and what it leaves over waits; a store that is gone is told of by others.
            Err(StoreError::Engine(EngineError::Unavailable | EngineError::SnapshotGone)) => {
                tracing::debug!("what was deleted is not erased now; it will be tried again");
                PAUSE_AFTER_FAILURE
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "what was deleted could not be erased from the store; it will be tried again");
                PAUSE_AFTER_FAILURE
            }
        }
    }
}

fn took(begun: Timestamp, ended: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(ended.ms_since(begun)).unwrap_or_default())
}

fn pause_after(took: Duration) -> Duration {
    took.saturating_mul(SHARE).clamp(PAUSE, PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubs_take_a_hundredth_of_the_time() {
        for (took_ms, pause_s) in [(0, 10), (99, 10), (2_000, 200), (70_000, 7_000), (u64::MAX, 7_200)] {
            assert_eq!(pause_after(Duration::from_millis(took_ms)), Duration::from_secs(pause_s), "{took_ms}");
        }
        let at = Timestamp::from_unix_ms;
        assert_eq!(took(at(7), at(5)), Duration::ZERO, "a clock that was set back");
        assert_eq!(took(at(7), at(12)), Duration::from_millis(5));
    }
}
