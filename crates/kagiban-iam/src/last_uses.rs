//! When access keys were last used: noted at authentication, written down now and then.
//!
//! A node notes in memory, to the minute, which costs a request one comparison. Rows are written by [`Iam::save_last_uses`],
//! which the server calls from time to time and before it ends; what is lost with a process that dies is less than
//! [`WRITTEN_EVERY_MS`].

use std::sync::atomic::{AtomicI64, Ordering};

use kagiban_base::id::{AccessKeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::{StoreError, Transaction};

use kagiban_storage::follower::ViewMap;

use crate::context::Iam;
use crate::error::IamError;
use crate::records::access_key::{AccessKeyRecord, AccessKeyRowKey};
use crate::records::access_key_use::AccessKeyUseRecord;

/// How old a note may be before the next use makes a new one, in milliseconds.
const NOTED_EVERY_MS: i64 = 60_000;
/// How far a row may be behind before it is written again, in milliseconds.
const WRITTEN_EVERY_MS: i64 = 15 * 60_000;
/// Access keys noted at most; past that the notes start afresh, and rows say the rest.
const NOTES_MAX: usize = 100_000;

/// The last use of an access key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LastUse {
    pub(crate) at: Timestamp,
    pub(crate) region: Region,
    /// The signing name of the service.
    pub(crate) service: &'static str,
}

/// When something was noted last; in the place that a request has at hand anyway.
#[derive(Debug)]
pub(crate) struct NotedAt(AtomicI64);

impl NotedAt {
    pub(crate) const fn never() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }

    /// Whether a use at `now` is to be noted; who is told so is the only one.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let noted = self.0.load(Ordering::Relaxed);
        if now.unix_ms().saturating_sub(noted) < NOTED_EVERY_MS {
            return false;
        }
        self.0.compare_exchange(noted, now.unix_ms(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// The notes of this node.
#[derive(Debug, Default)]
pub(crate) struct LastUses {
    notes: ViewMap<AccessKeyId, LastUse>,
}

impl LastUses {
    pub(crate) fn note(&self, id: AccessKeyId, last_use: LastUse) {
        let notes = self.notes.pin();
        if notes.len() >= NOTES_MAX {
            notes.clear();
        }
        notes.insert(id, last_use);
    }

    pub(crate) fn of(&self, id: AccessKeyId) -> Option<LastUse> {
        self.notes.pin().get(&id).copied()
    }

    pub(crate) fn forget(&self, id: AccessKeyId) {
        self.notes.pin().remove(&id);
    }

    fn all(&self) -> Vec<(AccessKeyId, LastUse)> {
        self.notes.pin().iter().map(|(id, last_use)| (*id, *last_use)).collect()
    }
}

impl Iam {
    /// Writes down the last uses of access keys that are not yet: those that the rows are a quarter of an hour behind of, or
    /// with `everything` all.
    ///
    /// # Errors
    /// [`StoreError`]; what was written before stays.
    pub async fn save_last_uses(&self, everything: bool) -> Result<(), StoreError> {
        let least_ms = if everything { 1 } else { WRITTEN_EVERY_MS };
        for (id, last_use) in self.credentials.last_uses().all() {
            let row = AccessKeyRowKey(id);
            let save = |tx| async move { save(&tx, row, last_use, least_ms).await };
            self.store.transact("SaveLastUse", save).await?;
        }
        Ok(())
    }

    /// The last use of an access key that is known: from this node's notes or the row, whichever is later.
    pub(crate) async fn last_use(
        &self,
        id: AccessKeyId,
        tx: &Transaction,
    ) -> Result<Option<AccessKeyUseRecord>, IamError> {
        let noted = self.credentials.last_uses().of(id).map(AccessKeyUseRecord::from);
        let stored: Option<AccessKeyUseRecord> = tx.read(&AccessKeyRowKey(id)).await?;
        Ok(noted.into_iter().chain(stored).max_by_key(|last_use| last_use.at))
    }
}

async fn save(tx: &Transaction, row: AccessKeyRowKey, last_use: LastUse, least_ms: i64) -> Result<(), StoreError> {
    let exists = tx.read::<AccessKeyRecord>(&row).await?.is_some();
    let stored = tx.read::<AccessKeyUseRecord>(&row).await?;
    let is_due = stored.is_none_or(|stored| last_use.at.ms_since(stored.at) >= least_ms);
    if exists && is_due { tx.put(&row, &AccessKeyUseRecord::from(last_use)) } else { Ok(()) }
}

impl From<LastUse> for AccessKeyUseRecord {
    fn from(LastUse { at, region, service }: LastUse) -> Self {
        Self { at, region, service: service.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let noted = NotedAt::never();
        for (second, is_due) in [(0, true), (0, false), (59, false), (60, true), (119, false), (90, false), (120, true)]
        {
            assert_eq!(noted.is_due(Timestamp::from_unix_s(second)), is_due, "{second}");
        }
    }
}
