//! Writes notes down, a batch of keys in each transaction.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use kagiban_storage::{Store, StoreError, Transaction};

use super::notes::{Notes, Taken};
use super::{KeyUses, Unwritten};
use crate::records::key::{KeyBody, KeyRowKey};
use crate::records::key_use::KeyUseRecord;
use crate::view::View;

/// Keys in one transaction: each is two conditions, and a batch takes a hundred.
const BATCH_KEYS: usize = 30;

/// Writes down what is noted of the use of keys; the server calls it now and then, and at the end.
#[derive(Clone)]
pub struct KeyUseWriter {
    pub(crate) view: Arc<View>,
    pub(crate) store: Store,
}

impl KeyUseWriter {
    /// Writes down everything that was noted when this began.
    ///
    /// # Errors
    /// [`StoreError`]; what was written before stays, and what was not is kept for the next time.
    pub async fn save(&self) -> Result<(), StoreError> {
        let uses = self.view.key_uses();
        let _turn = uses.turn.lock().await;
        // What a failed attempt has left.
        self.write(uses).await?;
        for notes in uses.all().chunks(BATCH_KEYS) {
            uses.take(notes);
            self.write(uses).await?;
        }
        uses.drop_retired();
        Ok(())
    }

    /// Writes what was taken. Doing so twice does no harm: last uses are the later ones of two.
    async fn write(&self, uses: &KeyUses) -> Result<(), StoreError> {
        let batch = &uses.unwritten().batch.clone();
        if batch.is_empty() {
            return Ok(());
        }
        let save = |tx: Transaction| async move {
            for taken in batch {
                save(&tx, taken).await?;
            }
            Ok::<_, StoreError>(())
        };
        self.store.transact("SaveKeyUses", save).await?;
        uses.keep_written(batch, |key| self.view.key(key).is_some());
        uses.unwritten().batch.clear();
        Ok(())
    }
}

/// Writes what is known of one key. One that has been deleted meanwhile leaves nothing behind.
async fn save(tx: &Transaction, taken: &Taken) -> Result<(), StoreError> {
    let row_key = KeyRowKey::from(taken.key);
    let Some(last) = taken.last_use() else { return Ok(()) };
    if tx.read::<KeyBody>(&row_key).await?.is_none() {
        return Ok(());
    }
    let mut record = match tx.read::<KeyUseRecord>(&row_key).await? {
        // Another node may have a later use.
        Some(mut record) => {
            record.take(last);
            record
        }
        None => KeyUseRecord::of(last),
    };
    record.take_principals(taken.principals());
    tx.put(&row_key, &record)
}

impl KeyUses {
    /// All notes there are, those of the same key in their order.
    fn all(&self) -> Vec<Arc<Notes>> {
        let mut all = self.unwritten().retired.clone();
        all.extend(self.notes.pin().values().cloned());
        all
    }

    /// Takes what is noted there. Notes without anything new leave the map: their key is not in use.
    fn take(&self, all: &[Arc<Notes>]) {
        let mut unwritten = self.unwritten();
        for notes in all {
            match notes.take() {
                Some(taken) => unwritten.batch.push(taken),
                None => self.retire(notes, &mut unwritten),
            }
        }
    }

    fn retire(&self, notes: &Arc<Notes>, unwritten: &mut Unwritten) {
        let is_same = |_: &_, found: &Arc<Notes>| Arc::ptr_eq(found, notes);
        if let Ok(Some(_)) = self.notes.pin().remove_if(&notes.key, is_same) {
            unwritten.retired.push(Arc::clone(notes));
        }
    }

    /// Drops the retired notes in which nothing is and nobody can note anything any more.
    fn drop_retired(&self) {
        let mut unwritten = self.unwritten();
        let Unwritten { retired, batch: _ } = &mut *unwritten;
        retired.retain(|notes| {
            let is_held = Arc::strong_count(notes) > 1;
            // Who has let go of it noted something before that, if at all, and this thread sees it.
            fence(Ordering::Acquire);
            is_held || notes.last_use().is_some()
        });
    }
}
