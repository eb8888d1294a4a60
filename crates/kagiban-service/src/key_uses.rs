//! When each key was last used: noted in memory by every successful use, written down now and then.
//!
//! A note costs a look-up and a store of eight bytes. A row follows its note by a quarter of an hour at most, and at once when
//! the service ends in order; a kill loses what is between. Of several nodes the latest use counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, KeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::follower::ViewMap;
use kagiban_storage::{Store, StoreError};

use crate::records::key::KeyRowKey;
use crate::records::key_use::{KeyUseRecord, KeyUseTrackingRecord, KeyUseTrackingRowKey};
use crate::view::View;

/// How far a row may be behind its note, in milliseconds.
const WRITTEN_EVERY_MS: i64 = 15 * 60 * 1000;

/// The last uses of all keys that were ever used.
#[derive(Debug, Default)]
pub(crate) struct KeyUses(ViewMap<(Region, KeyId), Noted>);

/// The last use of one key, in milliseconds since 1970.
#[derive(Debug)]
struct Noted {
    account: AccountId,
    last_ms: AtomicI64,
    /// What its row says.
    written_ms: AtomicI64,
}

impl KeyUses {
    /// Notes a use.
    pub(crate) fn note(&self, key: &KeyArn, now: Timestamp) {
        let uses = self.0.pin();
        let new =
            || Noted { account: key.account, last_ms: AtomicI64::new(i64::MIN), written_ms: AtomicI64::new(i64::MIN) };
        uses.get_or_insert_with((key.region, key.key_id), new).last_ms.fetch_max(now.unix_ms(), Ordering::Relaxed);
    }

    /// The last use that is known.
    pub(crate) fn last(&self, key: &KeyArn) -> Option<Timestamp> {
        let uses = self.0.pin();
        let noted = uses.get(&(key.region, key.key_id))?;
        Some(Timestamp::from_unix_ms(noted.last_ms.load(Ordering::Relaxed)))
    }

    /// Takes a stored row, perhaps of another node.
    pub(crate) fn apply(&self, key: &KeyRowKey, row: Option<KeyUseRecord>) {
        let name = (key.place.region, key.key_id);
        let uses = self.0.pin();
        let Some(row) = row else {
            uses.remove(&name);
            return;
        };
        let at = row.at.unix_ms();
        let new = || Noted { account: key.place.account, last_ms: AtomicI64::new(at), written_ms: AtomicI64::new(at) };
        let noted = uses.get_or_insert_with(name, new);
        noted.last_ms.fetch_max(at, Ordering::Relaxed);
        noted.written_ms.fetch_max(at, Ordering::Relaxed);
    }

    /// Forgets the keys that are no more.
    pub(crate) fn keep_only(&self, is_key: impl Fn(Region, KeyId) -> bool) {
        self.0.pin().retain(|(region, key_id), _| is_key(*region, *key_id));
    }

    /// Uses whose rows are behind by at least so much.
    fn unwritten(&self, least_ms: i64) -> Vec<(KeyArn, Timestamp)> {
        let behind = |((region, key_id), noted): (&(Region, KeyId), &Noted)| {
            let last_ms = noted.last_ms.load(Ordering::Relaxed);
            let is_behind = last_ms.saturating_sub(noted.written_ms.load(Ordering::Relaxed)) >= least_ms;
            let arn = KeyArn { region: *region, account: noted.account, key_id: *key_id };
            is_behind.then(|| (arn, Timestamp::from_unix_ms(last_ms)))
        };
        self.0.pin().iter().filter_map(behind).collect()
    }
}

/// Writes last uses down; the server calls it now and then, and at the end.
#[derive(Clone)]
pub struct KeyUseWriter {
    pub(crate) view: Arc<View>,
    pub(crate) store: Store,
}

impl KeyUseWriter {
    /// Writes down the last uses whose rows are a quarter of an hour behind, or with `everything` all that are behind.
    ///
    /// # Errors
    /// [`StoreError`]; what was written before stays.
    pub async fn save(&self, everything: bool) -> Result<(), StoreError> {
        let least_ms = if everything { 1 } else { WRITTEN_EVERY_MS };
        for (arn, at) in self.view.key_uses().unwritten(least_ms) {
            let save = |tx: kagiban_storage::Transaction| async move {
                let row_key = KeyRowKey::from(arn);
                let stored: Option<KeyUseRecord> = tx.read(&row_key).await?;
                // A key that has been deleted meanwhile leaves nothing behind; another node may have a later use.
                let exists = tx.read::<crate::records::key::KeyBody>(&row_key).await?.is_some();
                if exists && stored.is_none_or(|stored| stored.at < at) {
                    tx.put(&row_key, &KeyUseRecord { at })?;
                }
                Ok::<_, StoreError>(())
            };
            self.store.transact("SaveKeyUse", save).await?;
        }
        Ok(())
    }
}

/// Since when uses are known in this store; from now on if nothing is said.
pub(crate) async fn tracking_since(store: &Store, now: Timestamp) -> Result<Timestamp, StoreError> {
    let begin = |tx: kagiban_storage::Transaction| async move {
        if let Some(tracking) = tx.read::<KeyUseTrackingRecord>(&KeyUseTrackingRowKey).await? {
            return Ok(tracking.since);
        }
        tx.insert(&KeyUseTrackingRowKey, &KeyUseTrackingRecord { since: now }).await?;
        Ok::<_, StoreError>(now)
    };
    Ok(store.transact("BeginKeyUseTracking", begin).await?.0)
}
