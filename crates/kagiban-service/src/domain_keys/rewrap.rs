//! Wrapping stored secrets again, under the domain key that is current now.
//!
//! Row by row in small transactions that write rows again as they are; the keeper wraps what is under another key. So it can be cut
//! off and begun again at any point, and run on several nodes at once: who comes second finds the rows done. A row that does not
//! open is left as it is, and keeps its domain key.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kagiban_iam::secret_rows::SecretTable;
use kagiban_keycore::hierarchy::DomainKeyId;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::{StoreError, Transaction};

use crate::Service;
use crate::error::ServiceError;
use crate::records::secret_tables;

/// Rows that are looked at in one go.
const PAGE: usize = 500;
/// Rows that are wrapped again in one transaction.
const BATCH: usize = 50;

/// How far this process is, for who asks.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Rows that need an old domain key; not known before they were counted.
    left: AtomicU64,
    is_counted: AtomicU64,
    rewrapped: AtomicU64,
}

impl Progress {
    /// Rows that need an old domain key, as far as this process knows.
    pub(crate) fn left(&self) -> Option<u64> {
        (self.is_counted.load(Relaxed) > 0).then(|| self.left.load(Relaxed))
    }

    /// Secrets that this process has wrapped again.
    pub(crate) fn rewrapped(&self) -> u64 {
        self.rewrapped.load(Relaxed)
    }

    fn counted(&self, left: u64) {
        self.left.store(left, Relaxed);
        self.is_counted.store(1, Relaxed);
    }

    fn done(&self, rows: u64) {
        self.rewrapped.fetch_add(rows, Relaxed);
        _ = self.left.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(rows)));
    }
}

impl Service {
    /// Has all rows under this domain key. Whether they are: else there are some that do not open.
    pub(super) async fn rewrap(&self, current: DomainKeyId) -> Result<bool, ServiceError> {
        let progress = &self.rewrapping;
        let found = self.count_due(current).await?;
        progress.counted(found);
        if found == 0 {
            return Ok(true);
        }
        tracing::info!(rows = found, "stored secrets are wrapped by the new domain key");
        for table in secret_tables::all() {
            self.rewrap_table(table, current).await?;
        }
        let left = self.count_due(current).await?;
        progress.counted(left);
        if left > 0 {
            tracing::error!(rows = left, "stored secrets do not open, and keep their domain key");
        }
        Ok(left == 0)
    }

    /// Rows under another domain key. None can come while `current` is the current one.
    async fn count_due(&self, current: DomainKeyId) -> Result<u64, ServiceError> {
        let mut count: u64 = 0;
        for table in secret_tables::all() {
            let mut pages = Pages::of(table, current);
            while let Some(due) = pages.next(self).await? {
                count = count.saturating_add(due.len() as u64);
            }
        }
        Ok(count)
    }

    async fn rewrap_table(&self, table: &'static SecretTable, current: DomainKeyId) -> Result<(), ServiceError> {
        let mut pages = Pages::of(table, current);
        while let Some(due) = pages.next(self).await? {
            for keys in due.chunks(BATCH) {
                let rewrap = |tx: Transaction| async move {
                    for key in keys {
                        tx.write_again(key, |value| is_due(table, value, current)).await?;
                    }
                    Ok::<_, StoreError>(())
                };
                self.store.transact("RewrapSecrets", rewrap).await?;
                self.rewrapping.done(keys.len() as u64);
            }
        }
        Ok(())
    }
}

fn is_due(table: &SecretTable, value: &[u8], current: DomainKeyId) -> bool {
    table.domain_key(value).is_some_and(|id| id != current)
}

/// The rows of a table that are due, a page of the table at a time.
struct Pages {
    table: &'static SecretTable,
    current: DomainKeyId,
    /// What is still to be looked at; `None` at the end.
    rest: Option<KeyRange>,
}

impl Pages {
    fn of(table: &'static SecretTable, current: DomainKeyId) -> Self {
        Self { table, current, rest: Some(table.range()) }
    }

    /// Each page is of the store as it is by then.
    async fn next(&mut self, service: &Service) -> Result<Option<Vec<Vec<u8>>>, ServiceError> {
        let Some(range) = self.rest.take() else { return Ok(None) };
        let snapshot = service.store.engine().snapshot().await.map_err(StoreError::from)?;
        let page = snapshot.scan(&range, PAGE).await.map_err(StoreError::from)?;
        self.rest = page.entries.last().filter(|_| page.more).map(|last| range.after(&last.key));
        let due = page.entries.into_iter().filter(|entry| is_due(self.table, &entry.value, self.current));
        Ok(Some(due.map(|entry| entry.key).collect()))
    }
}
