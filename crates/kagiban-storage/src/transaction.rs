//! A transaction: reads on one snapshot, writes kept until the commit.
//!
//! It is made by [`crate::store::Store::transact`] only, which also commits it and tries again on conflict.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::batch::{BATCH_BYTES_MAX, Batch, Condition, Expect, Write};
use crate::engine::{EngineError, Entry, KeyRange, Page, Revision, Snapshot};
use crate::format::{Convert, Format, InForce};
use crate::keeper::Keeper;
use crate::row::{self, Prefix, Row};
use crate::store::{RowPage, StoreError, decode_entry};

/// A handle to one attempt of a transaction; clones share it. What is written after the body has returned is lost.
#[derive(Clone)]
pub struct Transaction {
    attempt: Arc<Attempt>,
}

struct Attempt {
    snapshot: Box<dyn Snapshot>,
    /// What rows are written in.
    format: Format,
    /// Whether the engine does not keep the snapshot any more.
    is_gone: AtomicBool,
    pending: Mutex<Pending>,
}

/// Rows written anew in one batch: each is a condition and a write, and there is room for others.
const REWRITTEN_MAX: u64 = 90;
/// Their bytes.
const REWRITTEN_BYTES_MAX: usize = BATCH_BYTES_MAX / 2;

/// A stored key and its value.
type Pair = (Vec<u8>, Vec<u8>);

#[derive(Default)]
struct Pending {
    conditions: BTreeMap<Vec<u8>, Expect>,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Transaction {
    /// That the format is in force is its first condition.
    pub(crate) fn new(snapshot: Box<dyn Snapshot>, InForce { format, key, expect }: InForce) -> Self {
        let pending = Pending { conditions: BTreeMap::from([(key, expect)]), ..Pending::default() };
        let (is_gone, pending) = (AtomicBool::new(false), Mutex::new(pending));
        Self { attempt: Arc::new(Attempt { snapshot, format, is_gone, pending }) }
    }

    /// The revision that reads show.
    pub fn revision(&self) -> Revision {
        self.attempt.snapshot.revision()
    }

    /// The row with this key, with this transaction's own writes. That it is still so is a condition of the commit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read<R: Row>(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        let value = self.read_bytes(row::encode_key::<R>(key)?).await?;
        Ok(value.map(|value| row::decode(&value)).transpose()?)
    }

    /// Writes a row whose key must be free.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`]; others as of a read.
    pub async fn insert<R: Row>(&self, key: &R::Key, row: &R) -> Result<(), StoreError> {
        let key = row::encode_key::<R>(key)?;
        if self.read_bytes(key.clone()).await?.is_some() {
            return Err(StoreError::AlreadyExists { table: R::TABLE.name() });
        }
        self.write(key, Some(row::encode_in(row, self.attempt.format)?));
        Ok(())
    }

    /// Writes a row, whether its key is free or not. To change a row, read it first.
    ///
    /// # Errors
    /// [`StoreError::Key`], [`StoreError::Row`].
    pub fn put<R: Row>(&self, key: &R::Key, row: &R) -> Result<(), StoreError> {
        self.write(row::encode_key::<R>(key)?, Some(row::encode_in(row, self.attempt.format)?));
        Ok(())
    }

    /// Deletes a row, if it is there.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn delete<R: Row>(&self, key: &R::Key) -> Result<(), StoreError> {
        self.write(row::encode_key::<R>(key)?, None);
        Ok(())
    }

    /// The first rows with this prefix, with this transaction's own writes; paged as
    /// [`crate::store::StoreSnapshot::scan`]. It puts no condition on the commit: read a row by its key to rely on it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scan<R: Row>(
        &self,
        prefix: &Prefix<R>,
        after: Option<&R::Key>,
        limit: usize,
    ) -> Result<RowPage<R>, StoreError> {
        let (entries, more) = self.scan_bytes(prefix.range(after)?, limit).await?;
        let rows = entries.iter().map(|(key, value)| decode_entry::<R>(key, value));
        Ok(RowPage { rows: rows.collect::<Result<_, _>>()?, more })
    }

    /// Writes the row with this key again as it is, if there is one and `is_due` says so. Whoever has a [`Keeper`] has it look
    /// at the row so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_again(&self, key: &[u8], is_due: impl FnOnce(&[u8]) -> bool) -> Result<bool, StoreError> {
        let due = self.read_bytes(key.to_vec()).await?.filter(|value| is_due(value));
        let is_written = due.is_some();
        if let Some(value) = due {
            self.write(key.to_vec(), Some(value));
        }
        Ok(is_written)
    }

    /// Has a keeper look at what is written.
    pub(crate) async fn show_to(&self, keeper: &dyn Keeper) -> Result<(), StoreError> {
        let concerned = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
            value.as_ref().filter(|_| keeper.concerns(key)).map(|value| (key.clone(), value.clone()))
        };
        let shown: Vec<Pair> = self.pending().writes.iter().filter_map(concerned).collect();
        if shown.is_empty() {
            return Ok(());
        }
        let rule = self.read_bytes(keeper.goes_by().to_vec()).await?;
        for (key, value) in shown {
            match keeper.instead(&key, &value, rule.as_deref()) {
                Ok(Some(instead)) => self.write(key, Some(instead)),
                Ok(None) => {}
                Err(error) => {
                    let before = self.read_stored(key.clone()).await?;
                    if !before.is_some_and(|before| keeper.may_stay(&key, &before, &value)) {
                        return Err(StoreError::Kept(error));
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the first rows of a range anew where `convert` gives them another form, on condition that they are still
    /// what was read; as many as a batch has room for, of at most `limit` that are looked at.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(crate) async fn rewrite(
        &self,
        range: &KeyRange,
        limit: usize,
        convert: Convert<'_>,
    ) -> Result<Rewritten, StoreError> {
        let page = self.learn(self.attempt.snapshot.scan(range, limit).await)?;
        let (mut rewritten, mut bytes) = (Rewritten::default(), 0_usize);
        let (mut is_full, mut pending) = (false, self.pending());
        for Entry { key, value, revision } in page.entries {
            if let Some(value) = convert(&key, &value, self.attempt.format)? {
                bytes = bytes.saturating_add(value.len()).saturating_add(key.len().saturating_mul(2));
                is_full = rewritten.written >= REWRITTEN_MAX || bytes > REWRITTEN_BYTES_MAX;
                if is_full && rewritten.written > 0 {
                    break;
                }
                pending.conditions.insert(key.clone(), Expect::WrittenAt(revision));
                pending.writes.insert(key.clone(), Some(value));
                rewritten.written = rewritten.written.saturating_add(1);
            }
            rewritten.seen = rewritten.seen.saturating_add(1);
            rewritten.last = Some(key);
        }
        if !is_full && !page.more {
            rewritten.last = None;
        }
        Ok(rewritten)
    }

    /// Whether there is anything to commit.
    pub fn has_writes(&self) -> bool {
        !self.pending().writes.is_empty()
    }

    /// Whether a read failed because the snapshot is not kept any more: on a new one the body may succeed.
    pub(crate) fn is_gone(&self) -> bool {
        self.attempt.is_gone.load(Relaxed)
    }

    /// Notes whether the snapshot is gone.
    fn learn<T>(&self, read: Result<T, EngineError>) -> Result<T, EngineError> {
        read.inspect_err(|error| _ = self.attempt.is_gone.fetch_or(matches!(error, EngineError::SnapshotGone), Relaxed))
    }

    /// What is to be committed; the transaction is empty afterwards.
    pub(crate) fn take_batch(&self) -> Batch {
        let Pending { conditions, writes } = std::mem::take(&mut *self.pending());
        Batch {
            conditions: conditions.into_iter().map(|(key, expect)| Condition { key, expect }).collect(),
            writes: writes.into_iter().map(|(key, value)| Write { key, value }).collect(),
        }
    }

    async fn read_bytes(&self, key: Vec<u8>) -> Result<Option<Vec<u8>>, StoreError> {
        let mine = self.pending().writes.get(&key).cloned();
        if let Some(written) = mine {
            return Ok(written);
        }
        self.read_stored(key).await
    }

    /// The row without this transaction's own writes.
    async fn read_stored(&self, key: Vec<u8>) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.learn(self.attempt.snapshot.read(&key).await)?;
        let expect = stored.as_ref().map_or(Expect::Absent, |stored| Expect::WrittenAt(stored.revision));
        // The format's row has its condition before it is read, on the revision that rows are written by.
        self.pending().conditions.entry(key).or_insert(expect);
        Ok(stored.map(|stored| stored.value))
    }

    async fn scan_bytes(&self, mut range: KeyRange, limit: usize) -> Result<(Vec<Pair>, bool), StoreError> {
        loop {
            let mine = self.writes_in(&range);
            // Each of our writes can hide one stored entry at most.
            let page = self.attempt.snapshot.scan(&range, limit.saturating_add(mine.len())).await;
            let page = self.learn(page)?;
            let last = page.entries.last().map(|entry| entry.key.clone());
            let (entries, more) = merge(page, mine, limit);
            match last {
                // A short page of which we have deleted all: what comes next is behind it.
                Some(last) if entries.is_empty() && more && limit > 0 => range = range.after(&last),
                _ => return Ok((entries, more)),
            }
        }
    }

    fn write(&self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.pending().writes.insert(key, value);
    }

    fn writes_in(&self, range: &KeyRange) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        let within = |key: &[u8]| key >= range.start.as_slice() && range.end.as_deref().is_none_or(|end| key < end);
        self.pending().writes.iter().filter(|(key, _)| within(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.attempt.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What [`Transaction::rewrite`] has done.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub(crate) seen: u64,
    pub(crate) written: u64,
    /// The last key that it has been through; `None` at the end of the range.
    pub(crate) last: Option<Vec<u8>>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transaction(at {})", self.revision())
    }
}

/// Lays `mine` over a page of stored entries. Where the page was cut, what lies behind its last key is left for the
/// next page. Returns at most `limit` entries and whether more may follow.
fn merge(page: Page, mine: BTreeMap<Vec<u8>, Option<Vec<u8>>>, limit: usize) -> (Vec<Pair>, bool) {
    let last = page.entries.last().filter(|_| page.more).map(|entry| entry.key.clone());
    let mut merged: BTreeMap<_, _> =
        page.entries.into_iter().map(|Entry { key, value, .. }| (key, Some(value))).collect();
    merged.extend(mine.into_iter().filter(|(key, _)| last.as_ref().is_none_or(|last| key <= last)));
    let mut entries = merged.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let taken = entries.by_ref().take(limit).collect();
    let more = page.more || entries.next().is_some();
    (taken, more)
}
