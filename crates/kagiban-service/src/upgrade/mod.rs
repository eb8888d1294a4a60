//! The format of the store as this process sees it, and the job that brings all rows to it.
//!
//! How two versions get on is told in `kagiban_storage::format`. Here is what the formats are, for people; what the view knows of
//! the format; and the writing anew, which every node does whenever there is something to be done: it needs no keys, decides nothing
//! and can be cut anywhere.

mod convert;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kagiban_storage::format::{Format, FormatRecord, Formats, Phase};
use kagiban_storage::rewriting::RewritingRecord;
use kagiban_storage::{RowError, row};

use crate::Service;

/// Pause between two looks whether there is something to do, which cost nothing.
const PAUSE: Duration = Duration::from_secs(1);
/// Pause after a failure.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);

/// What a format is for, and what becomes possible with it.
pub(crate) fn changes(format: Format) -> &'static [&'static str] {
    match format.0 {
        1 => &["what stores were written in before there were formats"],
        2 => &[
            "a key with the default key policy stores whose policy it is and not its text, some 280 bytes less for each such key",
            "rows that earlier versions wrote (keys, uses of keys, accounts, access keys) are of the versions written today",
        ],
        _ => &[],
    }
}

/// What the view knows of the format.
#[derive(Debug)]
pub(crate) struct FormatInView {
    formats: Formats,
    state: Mutex<(FormatRecord, RewritingRecord)>,
}

impl FormatInView {
    pub(crate) fn new(formats: Formats) -> Self {
        Self { formats, state: Mutex::new((FormatRecord::unsaid(), RewritingRecord::default())) }
    }

    /// Takes the row of the format.
    ///
    /// # Errors
    /// When it is none that this program knows: then nothing that comes behind it can be taken either.
    pub(crate) fn apply(&self, value: Option<&[u8]>) -> Result<(), RowError> {
        let state = value.map(row::decode).transpose()?.unwrap_or(FormatRecord::unsaid());
        self.formats.check(&state)?;
        self.lock().0 = state;
        Ok(())
    }

    /// Takes the row of the progress.
    pub(crate) fn apply_progress(&self, value: Option<&[u8]>) -> Result<(), RowError> {
        let progress = value.map(row::decode).transpose()?.unwrap_or_default();
        self.lock().1 = progress;
        Ok(())
    }

    fn has_work(&self) -> bool {
        let (format, progress) = &*self.lock();
        format.phase != Phase::Settled && !(progress.is_done && progress.change == format.change)
    }

    fn lock(&self) -> MutexGuard<'_, (FormatRecord, RewritingRecord)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Writes rows anew, as long as the store is on the way from one format to another. Returns how long to wait before it is called again.
    ///
    /// Can be cut off anywhere, and be done by several nodes at once.
    pub async fn rewrite_rows(&self) -> Duration {
        if !self.view.format().has_work() {
            return PAUSE;
        }
        loop {
            match self.store.rewrite_page(&convert::convert, self.clock.now()).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => {
                    tracing::info!("all rows are of the store's format now: kagiban upgrade status tells more");
                    return PAUSE;
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "rows could not be written anew; it goes on from there later");
                    return PAUSE_AFTER_FAILURE;
                }
            }
        }
    }
}
