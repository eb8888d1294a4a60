//! Wrapping stored secrets again, under the domain key that is current now.
//!
//! Row by row in small transactions that write rows again as they are; the keeper wraps what is under another key. So it can be cut
//! off and begun again at any point, and run on several nodes at once: who comes second finds the rows done. A row that does not
//! open is left as it is and keeps its domain key, if there is such a key.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use kagiban_iam::secret_rows::{RewrapError, Rewrapping, SecretTable};
use kagiban_keycore::hierarchy::{DomainKeyId, UnwrapError};
use kagiban_storage::engine::{Entry, KeyRange};
use kagiban_storage::{StoreError, Transaction};

use super::cryptography;
use crate::Service;
use crate::error::ServiceError;
use crate::records::secret_tables;

/// Rows that are looked at in one go.
const PAGE: usize = 500;
/// Rows that are wrapped again in one transaction.
const BATCH: usize = 50;
/// Rows that the log names at a time, of those that do not open.
const NAMED_MAX: u64 = 20;

/// How far this process is, for who asks.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Rows that need an old domain key; not known before they were counted.
    left: AtomicU64,
    is_counted: AtomicBool,
    rewrapped: AtomicU64,
}

impl Progress {
    /// Rows that need an old domain key, as far as this process knows.
    pub(crate) fn left(&self) -> Option<u64> {
        self.is_counted.load(Relaxed).then(|| self.left.load(Relaxed))
    }

    /// Secrets that this process has wrapped again.
    pub(crate) fn rewrapped(&self) -> u64 {
        self.rewrapped.load(Relaxed)
    }

    fn counted(&self, left: u64) {
        self.left.store(left, Relaxed);
        self.is_counted.store(true, Relaxed);
    }

    fn done(&self, rows: u64) {
        self.rewrapped.fetch_add(rows, Relaxed);
        _ = self.left.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(rows)));
    }
}

impl Service {
    /// Has all rows under this domain key, but for those that do not open. Those are returned.
    pub(super) async fn rewrap(&self, current: DomainKeyId) -> Result<Rows, ServiceError> {
        let progress = &self.rewrapping;
        let found = self.count_due(current).await?;
        progress.counted(found.count);
        if found.count == 0 {
            return Ok(found);
        }
        let mut left = Rows::default();
        for table in secret_tables::all() {
            self.rewrap_table(table, current, &mut left).await?;
        }
        progress.counted(left.count);
        tracing::info!(rows = found.count.saturating_sub(left.count), "the new domain key wraps stored secrets");
        if left.count > 0 {
            tracing::error!(rows = left.count, "stored secrets do not open, and keep their domain key");
        }
        Ok(left)
    }

    /// Rows under another domain key. None can come while `current` is the current one.
    pub(super) async fn count_due(&self, current: DomainKeyId) -> Result<Rows, ServiceError> {
        let mut found = Rows::default();
        for table in secret_tables::all() {
            let mut pages = Pages::of(table, current);
            while let Some(due) = pages.next(self).await? {
                due.iter().for_each(|(_, id)| found.add(*id));
            }
        }
        Ok(found)
    }

    async fn rewrap_table(
        &self,
        table: &'static SecretTable,
        current: DomainKeyId,
        left: &mut Rows,
    ) -> Result<(), ServiceError> {
        let mut pages = Pages::of(table, current);
        while let Some(due) = pages.next(self).await? {
            let mut keys = Vec::new();
            for (Entry { key, value, .. }, id) in due {
                if self.opens(table, (&key, &value), current)? {
                    keys.push(key);
                } else {
                    left.add_named(id, table, &key);
                }
            }
            for keys in keys.chunks(BATCH) {
                let rewrap = |tx: Transaction| async move {
                    let mut written: u64 = 0;
                    for key in keys {
                        let is_written = tx.write_again(key, |value| due_under(table, value, current).is_some());
                        written = written.saturating_add(is_written.await?.into());
                    }
                    Ok::<_, StoreError>(written)
                };
                let (written, _) = self.store.transact("RewrapSecrets", rewrap).await?;
                self.rewrapping.done(written);
            }
        }
        Ok(())
    }

    /// Whether the secret of a row can be wrapped again.
    fn opens(
        &self,
        table: &SecretTable,
        (key, value): (&[u8], &[u8]),
        current: DomainKeyId,
    ) -> Result<bool, ServiceError> {
        let rewrapping = Rewrapping { domain_keys: &self.domain_keys, by: current, random: &*self.random };
        match table.rewrapped(key, value, &rewrapping) {
            Ok(rewrapped) => Ok(rewrapped.is_some()),
            Err(RewrapError::Unwrap(UnwrapError::UnknownDomainKey { .. })) => Ok(false),
            Err(error) => Err(cryptography(error)),
        }
    }
}

/// Rows under domain keys that are not the current one.
#[derive(Debug, Default)]
pub(super) struct Rows {
    count: u64,
    /// The keys that they name.
    pub(super) domain_keys: BTreeSet<DomainKeyId>,
}

impl Rows {
    fn add(&mut self, id: DomainKeyId) {
        self.count = self.count.saturating_add(1);
        self.domain_keys.insert(id);
    }

    /// Adds one that does not open, and tells which, so that somebody can look after it.
    fn add_named(&mut self, id: DomainKeyId, table: &SecretTable, key: &[u8]) {
        self.add(id);
        if self.count <= NAMED_MAX {
            let (table, row) = (table.name(), key.escape_ascii());
            tracing::error!(table, %row, domain_key = %id, "a stored secret does not open");
        }
    }
}

/// The domain key of a row that is not the current one.
fn due_under(table: &SecretTable, value: &[u8], current: DomainKeyId) -> Option<DomainKeyId> {
    table.domain_key(value).filter(|id| *id != current)
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

    /// Each page is of the store as it is by then: rows, and the domain keys that they are under.
    async fn next(&mut self, service: &Service) -> Result<Option<Vec<(Entry, DomainKeyId)>>, ServiceError> {
        let Some(range) = self.rest.take() else { return Ok(None) };
        let snapshot = service.store.engine().snapshot().await.map_err(StoreError::from)?;
        let page = snapshot.scan(&range, PAGE).await.map_err(StoreError::from)?;
        self.rest = page.entries.last().filter(|_| page.more).map(|last| range.after(&last.key));
        let due = |entry: Entry| due_under(self.table, &entry.value, self.current).map(|id| (entry, id));
        Ok(Some(page.entries.into_iter().filter_map(due).collect()))
    }
}
