//! What takes the journal's place when the cost of recording is measured (`bench/run-audit`).
//!
//! It is chosen by a hidden option that needs `--dev`: no production data is ever served without its audit.

use async_trait::async_trait;
use kagiban_audit::{JournalStopped, Record, Recorder, Sequence};

/// Takes every record and keeps none.
#[derive(Debug)]
pub(crate) struct NotRecorded;

#[async_trait]
impl Recorder for NotRecorded {
    fn append(&self, _record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        Ok(Sequence(0))
    }

    fn is_strict(&self) -> bool {
        false
    }

    async fn durable(&self, _sequence: Sequence) -> Result<(), JournalStopped> {
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        false
    }
}
