//! Writes notes down, a batch of subjects in each transaction.
//!
//! Numbers of requests are added to what is stored, so a batch must not be written twice. With each goes its number, in a row
//! of its writer: a batch whose commit may or may not have come through is tried again as it is, and finds there that it has
//! been written.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use kagiban_base::arn::KeyArn;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::time::{Clock, DAY_MS, Timestamp};
use kagiban_storage::{Prefix, Store, StoreError, Transaction};

use super::notes::{Notes, Taken};
use super::{About, KeyUses, Unwritten};
use crate::month::Month;
use crate::records::key::{KeyBody, KeyRowKey};
use crate::records::key_use::KeyUseRecord;
use crate::records::usage::{UsageRecord, UsageRowKey, UsageWriterRecord, UsageWriterRowKey};
use crate::view::View;

/// Subjects in one transaction: each is three conditions, and a batch takes a hundred.
const BATCH_SUBJECTS: usize = 30;
/// Rows that are pruned in one transaction.
const BATCH_PRUNED: usize = 100;
/// Months whose numbers are kept, the present one included.
pub(crate) const MONTHS_KEPT: i32 = 36;
/// For how long the row of a writer is kept that writes nothing any more: it is of no use but to that writer.
const WRITERS_KEPT_MS: i64 = 7 * DAY_MS;

/// What is noted could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the one who writes goes by.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Chosen at the first batch.
    writer: Option<UsageWriterRowKey>,
    /// The number of the batch that was last taken.
    batch: u64,
    /// When it was last looked for what is too old.
    pruned: Option<Month>,
}

/// Writes down what is noted of the use of keys; the server calls it now and then, and at the end.
#[derive(Clone)]
pub struct KeyUseWriter {
    pub(crate) view: Arc<View>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl KeyUseWriter {
    /// Writes down everything that was noted when this began, and forgets the numbers of months long past.
    ///
    /// # Errors
    /// [`SaveError`]; what was written before stays, and what was not is kept for the next time.
    pub async fn save(&self) -> Result<(), SaveError> {
        let uses = self.view.key_uses();
        let mut turn = uses.turn.lock().await;
        // What a failed attempt has left.
        self.write(&mut turn).await?;
        for notes in uses.all().chunks(BATCH_SUBJECTS) {
            turn.batch = turn.batch.saturating_add(1);
            uses.take(notes, &self.view);
            self.write(&mut turn).await?;
        }
        uses.drop_retired();
        self.prune(&mut turn).await
    }

    /// Writes what was taken.
    async fn write(&self, turn: &mut Turn) -> Result<(), SaveError> {
        let uses = self.view.key_uses();
        let batch = &Arc::clone(&uses.unwritten().batch);
        if batch.is_empty() {
            return Ok(());
        }
        let writer = turn.writer(&*self.random)?;
        let record = UsageWriterRecord { batch: turn.batch, at: self.clock.now() };
        let save = |tx: Transaction| async move {
            if tx.read::<UsageWriterRecord>(&writer).await?.is_some_and(|written| written.batch >= record.batch) {
                return Ok(());
            }
            for taken in batch.iter() {
                save(&tx, taken).await?;
            }
            tx.put(&writer, &record)
        };
        self.store.transact("SaveUsage", save).await?;
        uses.keep_written(batch, |key| self.view.key(key).is_some());
        uses.unwritten().batch = Arc::default();
        Ok(())
    }

    /// Deletes what is too old, once in a month and after each start.
    async fn prune(&self, turn: &mut Turn) -> Result<(), SaveError> {
        let now = self.clock.now();
        let month = Month::of(now);
        if turn.pruned == Some(month) {
            return Ok(());
        }
        let oldest = month.before(MONTHS_KEPT - 1);
        while self.store.transact("PruneUsage", |tx| prune_usage(tx, oldest)).await?.0 {}
        let since = now.plus_ms(-WRITERS_KEPT_MS);
        self.store.transact("PruneUsageWriters", |tx| prune_writers(tx, since)).await?;
        turn.pruned = Some(month);
        Ok(())
    }
}

impl Turn {
    fn writer(&mut self, random: &dyn Random) -> Result<UsageWriterRowKey, RandomError> {
        let writer = match self.writer {
            Some(writer) => writer,
            None => UsageWriterRowKey(u64::from_be_bytes(public_array(random)?)),
        };
        self.writer = Some(writer);
        Ok(writer)
    }
}

/// Writes what is known of one subject.
async fn save(tx: &Transaction, taken: &Taken) -> Result<(), StoreError> {
    let key = taken.subject.key();
    let body = match key {
        Some(key) => tx.read::<KeyBody>(&KeyRowKey::from(*key)).await?,
        None => None,
    };
    if let Some(requests) = &taken.requests {
        let row_key = UsageRowKey { month: taken.month, subject: taken.subject };
        let mut record: UsageRecord = tx.read(&row_key).await?.unwrap_or_default();
        record.requests.add(requests);
        record.key_spec = body.as_ref().map(|body| body.key_spec).or(record.key_spec);
        tx.put(&row_key, &record)?;
    }
    match (key, &body) {
        // Of a key that has been deleted meanwhile the last use is not kept.
        (Some(key), Some(body)) => save_last_use(tx, key, body.created, taken).await,
        _ => Ok(()),
    }
}

/// Uses from before the key was made were of a replica of the same name.
async fn save_last_use(tx: &Transaction, key: &KeyArn, created: Timestamp, taken: &Taken) -> Result<(), StoreError> {
    let Some(last) = taken.last_use().filter(|last| last.at >= created) else { return Ok(()) };
    let row_key = KeyRowKey::from(*key);
    let mut record = match tx.read::<KeyUseRecord>(&row_key).await? {
        // Another node may have a later use.
        Some(mut record) => {
            record.take(last);
            record
        }
        None => KeyUseRecord::of(last),
    };
    record.take_principals(taken.principals().filter(|principal| principal.at >= created));
    tx.put(&row_key, &record)
}

/// Deletes the first rows of months before the oldest that is kept; whether there may be more.
async fn prune_usage(tx: Transaction, oldest: Month) -> Result<bool, StoreError> {
    let page = tx.scan::<UsageRecord>(&Prefix::all(), None, BATCH_PRUNED).await?;
    let old = page.rows.iter().take_while(|(key, _)| key.month < oldest);
    let mut pruned = 0;
    for (key, _) in old {
        tx.delete::<UsageRecord>(key)?;
        pruned += 1;
    }
    Ok(page.more && pruned == page.rows.len())
}

/// Deletes rows of writers that have ended. Each start leaves one behind, and takes up to a hundred away.
async fn prune_writers(tx: Transaction, since: Timestamp) -> Result<(), StoreError> {
    let page = tx.scan::<UsageWriterRecord>(&Prefix::all(), None, BATCH_PRUNED).await?;
    for (key, _) in page.rows.iter().filter(|(_, writer)| writer.at < since) {
        tx.delete::<UsageWriterRecord>(key)?;
    }
    Ok(())
}

impl KeyUses {
    /// All notes there are, those of the same subject in their order.
    fn all(&self) -> Vec<Arc<Notes>> {
        let mut all = self.unwritten().retired.clone();
        all.extend(self.notes.pin().values().cloned());
        all
    }

    /// Takes what is noted there. Notes without anything new leave the map: nobody asks for their subject any more.
    fn take(&self, all: &[Arc<Notes>], view: &View) {
        let mut unwritten = self.unwritten();
        let mut batch = Vec::new();
        for notes in all {
            match notes.take() {
                Some(taken) => {
                    self.totals.add(&taken);
                    batch.push(taken);
                }
                None => self.retire(notes, &mut unwritten, view),
            }
        }
        unwritten.batch = Arc::new(batch);
    }

    fn retire(&self, notes: &Arc<Notes>, unwritten: &mut Unwritten, view: &View) {
        let is_same = |_: &_, found: &Arc<Notes>| Arc::ptr_eq(found, notes);
        if let Ok(Some(_)) = self.notes.pin().remove_if(&About(&notes.subject), is_same) {
            unwritten.retired.push(Arc::clone(notes));
        }
        if let Some(key) = notes.subject.key().and_then(|key| view.key(key)) {
            key.notes.forget(notes);
        }
    }

    /// Drops the retired notes in which nothing is and nobody can note anything any more.
    fn drop_retired(&self) {
        let mut unwritten = self.unwritten();
        unwritten.retired.retain(|notes| {
            let is_held = Arc::strong_count(notes) > 1;
            // Who has let go of it noted something before that, if at all, and this thread sees it.
            fence(Ordering::Acquire);
            is_held || !notes.is_empty()
        });
    }
}
