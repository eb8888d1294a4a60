//! Changes that are worked out before any of them is written.
//!
//! Reads show the store at one revision with the draft's own writes over it. The writes are kept in steps: what one
//! operation would have changed together is one step. Steps are committed in their order, as many at a time as a batch
//! takes, so a store whose writer was killed in between is as if the first few operations had been called.
//!
//! The store's keeper looks at the rows as it does at those of a transaction, and the row that it goes by is a condition of every
//! batch: a draft is no way past it, however long its making took.

use std::collections::BTreeMap;
use std::fmt;

use kagiban_storage::batch::{BATCH_BYTES_MAX, CONDITIONS_MAX, Condition, Expect, KEY_BYTES_MAX, WRITES_MAX};
use kagiban_storage::engine::{SCAN_ENTRIES_MAX, Snapshot};
use kagiban_storage::follower::Apply;
use kagiban_storage::format::{self, Formats, InForce};
use kagiban_storage::{Batch, CommitError, Engine, Keeper, Revision, Row, RowError, Store, StoreError, Write, row};

use super::PlanError;
use crate::deployment::DeploymentKind;
use crate::directory::Directory;
use crate::records::access_key::AccessKeyRecord;
use crate::records::account::AccountRecord;
use crate::records::name::NameRecord;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;

/// Rows in one batch: the one that the keeper goes by and the store's format are conditions, too.
const ROWS_MAX: usize = if WRITES_MAX < CONDITIONS_MAX - 1 { WRITES_MAX } else { CONDITIONS_MAX - 2 };
/// Bytes of them.
const BYTES_MAX: usize = BATCH_BYTES_MAX - 2 * KEY_BYTES_MAX;

/// Values by key; `None` for a row that is deleted.
type Values = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A draft of changes.
pub struct Draft {
    snapshot: Box<dyn Snapshot>,
    /// What rows are written in.
    in_force: InForce,
    /// The identities as they will be, as far as principals and access keys are looked up.
    directory: Directory,
    /// When each row that was read had been written.
    revisions: BTreeMap<Vec<u8>, Option<Revision>>,
    written: Values,
    /// Writes since the last [`Draft::end_step`].
    step: Values,
    steps: Vec<Values>,
    changes: usize,
    /// A row that no batch writes and that must be as it was read.
    rule: Option<Vec<u8>>,
}

impl Draft {
    /// An empty draft on the store as it is now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn begin(engine: &dyn Engine, kind: DeploymentKind) -> Result<Self, StoreError> {
        let snapshot = engine.snapshot().await?;
        let in_force = format::in_force(&*snapshot, Formats::OURS).await?;
        let directory = Directory::new(kind);
        load::<AccountRecord>(&*snapshot, &directory).await?;
        load::<AccessKeyRecord>(&*snapshot, &directory).await?;
        load::<NameRecord>(&*snapshot, &directory).await?;
        load::<UserRecord>(&*snapshot, &directory).await?;
        load::<RoleRecord>(&*snapshot, &directory).await?;
        Ok(Self {
            snapshot,
            in_force,
            directory,
            revisions: BTreeMap::new(),
            written: Values::new(),
            step: Values::new(),
            steps: Vec::new(),
            changes: 0,
            rule: None,
        })
    }

    /// Accounts, users, roles and access keys as they will be.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The store is shown as it was then.
    pub fn revision(&self) -> Revision {
        self.snapshot.revision()
    }

    /// How many rows were changed so far.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// A row, with the draft's own writes.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn read<R: Row>(&mut self, key: &R::Key) -> Result<Option<R>, StoreError> {
        let value = self.read_bytes(row::encode_key::<R>(key)?).await?;
        Ok(value.map(|value| row::decode(&value)).transpose()?)
    }

    /// Writes a row, unless it is so already.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn put<R: Row + PartialEq>(&mut self, key: &R::Key, row: &R) -> Result<(), StoreError> {
        if self.read::<R>(key).await?.as_ref() == Some(row) {
            return Ok(());
        }
        self.write(row::encode_key::<R>(key)?, Some(row::encode_in(row, self.in_force.format)?))
    }

    /// Deletes a row, if it is there.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn delete<R: Row>(&mut self, key: &R::Key) -> Result<(), StoreError> {
        let key = row::encode_key::<R>(key)?;
        match self.read_bytes(key.clone()).await? {
            Some(_) => self.write(key, None),
            None => Ok(()),
        }
    }

    /// Lets lookups of principals find a row that is still to be written.
    pub(crate) fn foresee<R: Row>(&self, key: &R::Key, row: &R) -> Result<(), StoreError> {
        Ok(self.directory.apply(&row::encode_key::<R>(key)?, Some(&row::encode(row)?))?)
    }

    /// Ends a step: what was written since the last one is committed together.
    pub fn end_step(&mut self) {
        if !self.step.is_empty() {
            self.steps.push(std::mem::take(&mut self.step));
        }
    }

    async fn read_bytes(&mut self, key: Vec<u8>) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(written) = self.written.get(&key) {
            return Ok(written.clone());
        }
        let stored = self.snapshot.read(&key).await?;
        self.revisions.insert(key, stored.as_ref().map(|stored| stored.revision));
        Ok(stored.map(|stored| stored.value))
    }

    /// INVARIANT: the row was read before, so that its revision is known.
    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.directory.apply(&key, value.as_deref())?;
        self.changes = self.changes.saturating_add(1);
        self.step.insert(key.clone(), value.clone());
        self.written.insert(key, value);
        Ok(())
    }

    /// Writes everything, in as few batches as the bounds allow. Each is written on condition that its rows are as they
    /// were read, and as the store's keeper lets them be. Gives the last revision; `None` when there was nothing to write.
    ///
    /// # Errors
    /// `Ok(Err(Conflict))`, among others, says that somebody else wrote meanwhile, or that the engine failed: what was
    /// committed until then are whole steps, and a new draft finds them done. [`PlanError::Batch`] when a step is
    /// larger than a batch, before anything is written. [`PlanError::Store`] when the keeper refuses a row.
    pub async fn commit(mut self, store: &Store) -> Result<Result<Option<Revision>, CommitError>, PlanError> {
        self.end_step();
        if let Some(keeper) = store.keeper() {
            self.show_to(keeper).await?;
        }
        for step in &self.steps {
            self.batch_of(step).check()?;
        }
        let mut last = None;
        for values in in_batches(std::mem::take(&mut self.steps)) {
            let revision = match store.engine().commit(self.batch_of(&values)).await {
                Ok(revision) => revision,
                Err(error) => return Ok(Err(error)),
            };
            for (key, value) in values {
                self.revisions.insert(key, value.map(|_| revision));
            }
            last = Some(revision);
        }
        Ok(Ok(last))
    }

    async fn show_to(&mut self, keeper: &dyn Keeper) -> Result<(), StoreError> {
        let rule = self.read_bytes(keeper.goes_by().to_vec()).await?;
        self.rule = Some(keeper.goes_by().to_vec());
        for (key, value) in self.steps.iter_mut().flatten() {
            let Some(shown) = value.as_ref().filter(|_| keeper.concerns(key)) else { continue };
            if let Some(instead) = keeper.instead(key, shown, rule.as_deref()).map_err(StoreError::Kept)? {
                *value = Some(instead);
            }
        }
        Ok(())
    }

    fn batch_of(&self, values: &Values) -> Batch {
        let expect = |key: &Vec<u8>| match self.revisions.get(key).copied().flatten() {
            Some(revision) => Expect::WrittenAt(revision),
            None => Expect::Absent,
        };
        let condition = |key: &Vec<u8>| Condition { key: key.clone(), expect: expect(key) };
        let (rows, rule) = (values.keys().map(condition), self.rule.iter().map(condition));
        let in_force = Condition { key: self.in_force.key.clone(), expect: self.in_force.expect };
        Batch {
            conditions: rows.chain(rule).chain([in_force]).collect(),
            writes: values.iter().map(|(key, value)| Write { key: key.clone(), value: value.clone() }).collect(),
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("at", &self.snapshot.revision()).field("changes", &self.changes).finish()
    }
}

/// Puts all rows of a table into the directory.
async fn load<R: Row>(snapshot: &dyn Snapshot, directory: &Directory) -> Result<(), StoreError> {
    let mut range = row::Prefix::<R>::all().range(None)?;
    loop {
        let page = snapshot.scan(&range, SCAN_ENTRIES_MAX).await?;
        for entry in &page.entries {
            apply(directory, &entry.key, &entry.value)?;
        }
        match page.entries.last() {
            Some(last) if page.more => range = range.after(&last.key),
            _ => return Ok(()),
        }
    }
}

fn apply(directory: &Directory, key: &[u8], value: &[u8]) -> Result<(), RowError> {
    directory.apply(key, Some(value))
}

/// Joins consecutive steps as long as they fit into one batch. Of a row that several of them write, the last value counts.
fn in_batches(steps: Vec<Values>) -> Vec<Values> {
    let mut batches: Vec<Values> = Vec::new();
    for step in steps {
        match batches.last_mut().filter(|batch| fits(batch, &step)) {
            Some(batch) => batch.extend(step),
            None => batches.push(step),
        }
    }
    batches
}

/// Whether the batch has room for the step; a row that both write is counted twice, which does no harm.
fn fits(batch: &Values, step: &Values) -> bool {
    // A key stands in a condition and in a write.
    let bytes = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| 2 * key.len() + value.as_ref().map_or(0, Vec::len);
    let new = step.keys().filter(|key| !batch.contains_key(*key)).count();
    let sum: usize = batch.iter().chain(step).map(bytes).fold(0, usize::saturating_add);
    batch.len().saturating_add(new) <= ROWS_MAX && sum <= BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(rows: impl IntoIterator<Item = (usize, usize)>) -> Values {
        rows.into_iter().map(|(key, len)| (format!("k{key}").into_bytes(), Some(vec![0; len]))).collect()
    }

    #[test]
    fn steps_are_joined_up_to_the_bounds_and_never_split() {
        let sizes = |steps: Vec<Values>| in_batches(steps).iter().map(BTreeMap::len).collect::<Vec<_>>();
        assert_eq!(sizes(Vec::new()), [0_usize; 0]);
        assert_eq!(sizes((0..250).map(|at| step([(at, 1)])).collect()), [99, 99, 52]);
        assert_eq!(sizes((0..3).map(|at| step((0..60).map(|row| (at * 60 + row, 1)))).collect()), [60, 60, 60]);
        // Rows that are written again take no more room.
        assert_eq!(sizes((0..250).map(|at| step([(at % 10, 1)])).collect()), [10]);
        let large = BYTES_MAX / 2;
        assert_eq!(sizes(vec![step([(0, large)]), step([(1, large)]), step([(2, 1)])]), [1, 2]);
    }

    #[test]
    fn of_a_row_that_is_written_twice_the_last_value_counts() {
        let batches = in_batches(vec![step([(0, 1), (1, 1)]), step([(0, 2)])]);
        assert_eq!(batches, [step([(0, 2), (1, 1)])]);
    }
}
