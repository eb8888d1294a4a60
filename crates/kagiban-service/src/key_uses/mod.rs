//! What is known of the use of keys: when each was last used, for what, by whom, in which request.
//!
//! Every answered request is noted in memory, in the same breath in which its answer leaves: a look-up and a few atomic
//! operations, and for a use its details behind a lock that is tried and never waited for (`notes.rs`). The notes are written
//! down in batches ([`KeyUseWriter`]), once a minute and when the service ends in order; a kill loses what is between. Of several
//! nodes the latest use counts. Keys that nobody uses any more cost nothing here but the time of their last use.

mod notes;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kagiban_api::{KeyLastUsageTrackingOperation, Operation};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::follower::ViewMap;
use kagiban_storage::{Store, StoreError, Transaction};

use self::notes::{Notes, Taken};
pub use self::writer::KeyUseWriter;
use crate::context::Context;
use crate::records::key::KeyRowKey;
use crate::records::key_use::{KeyUseRecord, KeyUseTrackingRecord, KeyUseTrackingRowKey, LastUse};

/// The uses of all keys.
#[derive(Debug, Default)]
pub(crate) struct KeyUses {
    /// What this node noted of the keys in use.
    notes: ViewMap<KeyArn, Arc<Notes>>,
    /// The last uses that rows tell, of whatever node.
    stored: ViewMap<(Region, KeyId), Timestamp>,
    unwritten: Mutex<Unwritten>,
    /// Held by the one who writes.
    turn: tokio::sync::Mutex<()>,
}

/// What was taken from the map of notes and may not be in the store yet.
#[derive(Debug, Default)]
struct Unwritten {
    /// No longer in the map; a request that had just found one there may still note something in it.
    retired: Vec<Arc<Notes>>,
    /// What is being written.
    batch: Vec<Taken>,
}

/// The keys that a request got permission for: the one it is about, and the other one of ReEncrypt.
#[derive(Debug, Default)]
pub(crate) struct KeysAsked {
    first: OnceLock<KeyArn>,
    second: OnceLock<KeyArn>,
}

impl KeysAsked {
    /// Adds a key; the third and later ones count for nothing. A request can come to the same key again.
    pub(crate) fn add(&self, key: KeyArn) {
        if *self.first.get_or_init(|| key) != key {
            _ = self.second.set(key);
        }
    }
}

impl KeyUses {
    /// Notes a request that has succeeded. If it used key material, then that of every key that it got permission for.
    pub(crate) fn note(&self, ctx: &Context<'_>) {
        let Some(operation) = tracked(ctx.operation()) else { return };
        let (first, second) = (ctx.keys.first.get(), ctx.keys.second.get());
        for key in first.into_iter().chain(second) {
            let notes = self.notes.pin();
            notes.get_or_insert_with(*key, || Arc::new(Notes::new(*key))).note(operation, ctx);
        }
    }

    /// When a key was last used, as far as this node knows.
    pub(crate) fn last(&self, key: &KeyArn) -> Option<Timestamp> {
        let noted = self.notes.pin().get(key).and_then(|notes| notes.last_at());
        let stored = self.stored.pin().get(&(key.region, key.key_id)).copied();
        noted.max(stored)
    }

    /// The last use of a key that this node noted and has not written down, or only just. What is written is in the store by
    /// the time this returns.
    pub(crate) fn last_unwritten(&self, key: &KeyArn) -> Option<LastUse> {
        let unwritten = self.unwritten();
        let notes = self.notes.pin();
        let being_written = unwritten.batch.iter().filter(|taken| taken.key == *key).filter_map(Taken::last_use);
        let retired = unwritten.retired.iter().filter(|notes| notes.key == *key);
        let noted = retired.chain(notes.get(key)).filter_map(|notes| notes.last_use());
        // The oldest first: of two in the same instant the last of the list is taken.
        being_written.chain(noted).max_by_key(|last| last.at)
    }

    /// Takes a stored row, perhaps of another node.
    pub(crate) fn apply(&self, key: &KeyRowKey, row: Option<KeyUseRecord>) {
        let name = (key.place.region, key.key_id);
        let stored = self.stored.pin();
        match row {
            Some(row) => stored.insert(name, row.at),
            None => stored.remove(&name),
        };
    }

    /// Forgets what rows told of keys that are no more.
    pub(crate) fn keep_only(&self, is_key: impl Fn(Region, KeyId) -> bool) {
        self.stored.pin().retain(|(region, key_id), _| is_key(*region, *key_id));
    }

    /// Keeps what was written, before the row comes round.
    fn keep_written(&self, written: &[Taken], is_key: impl Fn(&KeyArn) -> bool) {
        let stored = self.stored.pin();
        for Taken { key, at, .. } in written.iter().filter(|taken| is_key(&taken.key)) {
            stored.update_or_insert((key.region, key.key_id), |before| *before.max(at), *at);
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operation as GetKeyLastUsage has it; `None` for those that use no key material.
pub(crate) const fn tracked(operation: Operation) -> Option<KeyLastUsageTrackingOperation> {
    use KeyLastUsageTrackingOperation as Tracked;
    Some(match operation {
        Operation::Decapsulate => Tracked::Decapsulate,
        Operation::Decrypt => Tracked::Decrypt,
        Operation::DeriveSharedSecret => Tracked::DeriveSharedSecret,
        Operation::Encapsulate => Tracked::Encapsulate,
        Operation::Encrypt => Tracked::Encrypt,
        Operation::GenerateDataKey => Tracked::GenerateDataKey,
        Operation::GenerateDataKeyPair => Tracked::GenerateDataKeyPair,
        Operation::GenerateDataKeyPairWithoutPlaintext => Tracked::GenerateDataKeyPairWithoutPlaintext,
        Operation::GenerateDataKeyWithoutPlaintext => Tracked::GenerateDataKeyWithoutPlaintext,
        Operation::GenerateMac => Tracked::GenerateMac,
        Operation::ReEncrypt => Tracked::ReEncrypt,
        Operation::Sign => Tracked::Sign,
        Operation::Verify => Tracked::Verify,
        Operation::VerifyMac => Tracked::VerifyMac,
        _ => return None,
    })
}

/// Since when uses are known in this store; from now on if nothing is said.
pub(crate) async fn tracking_since(store: &Store, now: Timestamp) -> Result<Timestamp, StoreError> {
    let begin = |tx: Transaction| async move {
        if let Some(tracking) = tx.read::<KeyUseTrackingRecord>(&KeyUseTrackingRowKey).await? {
            return Ok(tracking.since);
        }
        tx.insert(&KeyUseTrackingRowKey, &KeyUseTrackingRecord { since: now }).await?;
        Ok::<_, StoreError>(now)
    };
    Ok(store.transact("BeginKeyUseTracking", begin).await?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new operation that uses material is one of the model's list, and has to be in the match.
    #[test]
    fn the_tracked_operations_are_those_of_the_model() {
        let mut tracked: Vec<_> = Operation::ALL.into_iter().filter_map(super::tracked).collect();
        tracked.sort_unstable();
        assert_eq!(tracked, KeyLastUsageTrackingOperation::ALL);
        for operation in Operation::ALL {
            assert!(super::tracked(operation).is_none_or(|tracked| tracked.as_str() == operation.name()));
        }
    }
}
