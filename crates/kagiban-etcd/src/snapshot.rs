//! A snapshot: reads at one revision of the cluster, which keeps the older ones until it is compacted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_trait::async_trait;
use bytes::Bytes;
use kagiban_storage::EngineError;
use kagiban_storage::engine::{Entry, KeyRange, Page, Revision, SCAN_BYTES_MAX, SCAN_ENTRIES_MAX, Snapshot, Stored};

use crate::client::RANGE;
use crate::commit::revision;
use crate::core::{Core, Head};
use crate::grpc::{CallError, Code};
use crate::layout::Place;
use crate::messages::{KeyValue, RangeRequest, RangeResponse};

/// What a row is thought to have before any was seen.
const ROW_BYTES_GUESS: usize = 64 << 10;

pub(crate) struct EtcdSnapshot {
    core: Arc<Core>,
    head: Head,
    /// Bytes of a row in the last page: etcd limits a page by rows only, so their number is chosen by this.
    row_bytes: AtomicUsize,
}

impl EtcdSnapshot {
    pub(crate) fn new(core: Arc<Core>, head: Head) -> Self {
        core.readers.enter(head.cluster);
        Self { core, head, row_bytes: AtomicUsize::new(ROW_BYTES_GUESS) }
    }

    /// Reads at the snapshot's revision. The member that is asked may answer alone: what is at a revision never changes.
    async fn range(&self, (key, range_end): (Bytes, Bytes), limit: usize) -> Result<RangeResponse, CallError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut request = RangeRequest { key, range_end, limit, revision: self.head.cluster, serializable: true };
        let outcome = self.core.client.call(RANGE, &request).await;
        if !outcome.as_ref().is_err_and(is_ahead) {
            return outcome;
        }
        // This member has not got there: it shall ask the others.
        request.serializable = false;
        self.core.client.call(RANGE, &request).await
    }

    /// As many rows from the start of `range` as `limit` and a page's bytes allow.
    async fn rows(&self, range: &KeyRange, limit: usize) -> Result<RangeResponse, CallError> {
        let fitting = SCAN_BYTES_MAX.checked_div(self.row_bytes.load(Relaxed)).unwrap_or(limit).max(1);
        let mut rows = self.range(self.core.layout.rows(range), limit.min(fitting)).await;
        if matches!(rows, Err(CallError::TooLarge)) {
            // Much larger rows than those before.
            rows = self.range(self.core.layout.rows(range), 1).await;
        }
        let rows = rows?;
        let bytes = rows.kvs.iter().map(|row| row.key.len().saturating_add(row.value.len())).sum::<usize>();
        if let Some(mean) = bytes.checked_div(rows.kvs.len()) {
            self.row_bytes.store(mean.max(1), Relaxed);
        }
        Ok(rows)
    }

    fn error(&self, error: &CallError) -> EngineError {
        if error.is(Code::OutOfRange) {
            // Compacted under the reader's feet: a new snapshot helps.
            tracing::debug!(revision = self.head.cluster, "a snapshot was compacted away");
            return EngineError::SnapshotGone;
        }
        self.core.error(error)
    }

    fn entry(&self, row: KeyValue) -> Result<Entry, EngineError> {
        let Some(Place::Row(key)) = self.core.layout.place(&row.key) else {
            return Err(EngineError::Corrupt { detail: "etcd answers with a key that was not asked for".into() });
        };
        Ok(Entry { key: key.to_vec(), value: row.value.into(), revision: revision(row.mod_revision) })
    }
}

/// Whether a member does not know the revision yet.
fn is_ahead(error: &CallError) -> bool {
    matches!(error, CallError::Status { code: Code::OutOfRange, message } if message.contains("future revision"))
}

#[async_trait]
impl Snapshot for EtcdSnapshot {
    fn revision(&self) -> Revision {
        revision(self.head.store)
    }

    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        self.core.check_open()?;
        let found =
            self.range((self.core.layout.row(key), Bytes::new()), 1).await.map_err(|error| self.error(&error))?;
        let stored = |row: KeyValue| Stored { value: row.value.into(), revision: revision(row.mod_revision) };
        Ok(found.kvs.into_iter().next().map(stored))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError> {
        let limit = limit.min(SCAN_ENTRIES_MAX);
        let (mut page, mut bytes, mut rest) = (Page::default(), 0_usize, range.clone());
        if range.is_empty() {
            return Ok(page);
        }
        loop {
            self.core.check_open()?;
            let wanted = limit.saturating_sub(page.entries.len());
            let found = self.rows(&rest, wanted.max(1)).await.map_err(|error| self.error(&error))?;
            if limit == 0 {
                return Ok(Page { more: !found.kvs.is_empty(), entries: Vec::new() });
            }
            page.more = found.more;
            for row in found.kvs {
                if bytes >= SCAN_BYTES_MAX {
                    page.more = true;
                    return Ok(page);
                }
                let entry = self.entry(row)?;
                bytes = bytes.saturating_add(entry.key.len()).saturating_add(entry.value.len());
                page.entries.push(entry);
            }
            if !page.more || page.entries.len() >= limit || bytes >= SCAN_BYTES_MAX {
                return Ok(page);
            }
            let Some(last) = page.entries.last() else { return Ok(page) };
            rest = rest.after(&last.key);
        }
    }
}

impl Drop for EtcdSnapshot {
    fn drop(&mut self) {
        self.core.readers.leave(self.head.cluster);
    }
}
