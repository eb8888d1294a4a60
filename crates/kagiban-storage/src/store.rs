//! The store as handlers see it: typed rows over any engine.

use std::sync::Arc;

use crate::batch::BatchError;
use crate::engine::{CommitError, Engine, EngineError, Revision, Snapshot};
use crate::format::{Formats, LastFound};
use crate::keeper::Keeper;
use crate::key::KeyError;
use crate::row::{self, Prefix, Row, RowError};
use crate::transaction::Transaction;

/// How often a transaction is tried before [`StoreError::Contention`].
pub const ATTEMPTS_MAX: usize = 64;

/// A read or a transaction failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A row to insert is already there.
    #[error("a row to be inserted into table {table} is already there")]
    AlreadyExists {
        /// The table.
        table: &'static str,
    },
    /// The transaction reads or writes more than one batch may. Nothing was written.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Others kept changing what the transaction read. Nothing was written.
    #[error("transaction {transaction} met other writers {attempts} times")]
    Contention {
        /// Name of the transaction.
        transaction: &'static str,
        /// How often it was tried.
        attempts: usize,
    },
    /// The engine failed. Nothing was written.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A row may not be committed as it is, and could not be made otherwise. Nothing was written.
    #[error("a row cannot be written as it is")]
    Kept(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// A key has no encoding, or a stored key no meaning.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The transaction may or may not have been committed. It was not tried again, which could do it twice.
    #[error("whether transaction {transaction} was committed is not known")]
    OutcomeUnknown {
        /// Name of the transaction.
        transaction: &'static str,
        /// What went wrong.
        #[source]
        cause: EngineError,
    },
    /// A row has no encoding, or a stored row no meaning.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// A handle to the store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    /// Held by the one transaction that is being tried again.
    losers: Arc<tokio::sync::Mutex<()>>,
    keeper: Option<Arc<dyn Keeper>>,
    formats: Formats,
    format: Arc<LastFound>,
}

impl Store {
    /// The store that `engine` keeps.
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self::of_formats(engine, Formats::OURS)
    }

    /// The same for a program that knows these formats: what another version of it would be.
    pub fn of_formats(engine: Arc<dyn Engine>, formats: Formats) -> Self {
        Self { engine, losers: Arc::default(), keeper: None, formats, format: Arc::default() }
    }

    /// The formats that are known here.
    pub fn formats(&self) -> Formats {
        self.formats
    }

    /// The same store; what is committed through this handle, and through its clones, is looked at before.
    #[must_use]
    pub fn kept_by(self, keeper: Arc<dyn Keeper>) -> Self {
        Self { keeper: Some(keeper), ..self }
    }

    /// Who looks at what is committed, for those who commit batches of their own.
    pub fn keeper(&self) -> Option<&dyn Keeper> {
        self.keeper.as_deref()
    }

    /// The engine below, for followers, health and shutdown.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// The store as it is now, for reading.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn snapshot(&self) -> Result<StoreSnapshot, StoreError> {
        Ok(StoreSnapshot { snapshot: self.engine.snapshot().await? })
    }

    /// Runs `body` on a snapshot and commits what it wrote, on condition that nothing it read has changed meanwhile;
    /// if something has, or the snapshot is not kept until its end, runs it again. It writes rows as the store's format has
    /// them, and that this is the store's format is a condition, too. Returns what it returned and the revision of the commit, or `None` for the
    /// revision when it wrote nothing.
    ///
    /// `body` may run several times, so it must have no other effect than on its transaction:
    /// ```text
    /// let (key, revision) = store.transact("EnableKey", |tx| async move { ... }).await?;
    /// ```
    /// (The transaction is a handle and not `&mut`: with a lending async closure the compiler of this edition cannot
    /// prove the future to be `Send`.) Reads of single keys are conditions of the commit, absences included. Scans are
    /// not: a rule over a set of rows needs a row that stands for the set, a counter or an index, which all who change
    /// the set read and write.
    ///
    /// # Errors
    /// What `body` returns; [`StoreError::Contention`] after [`ATTEMPTS_MAX`] attempts; [`StoreError::OutcomeUnknown`],
    /// which is never tried again.
    pub async fn transact<T, E, B, F>(&self, name: &'static str, mut body: B) -> Result<(T, Option<Revision>), E>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        let mut turn = None;
        for _ in 0..ATTEMPTS_MAX {
            let snapshot = self.engine.snapshot().await.map_err(StoreError::from)?;
            let in_force = match self.format.or_in(&*snapshot, self.formats).await {
                Err(StoreError::Engine(EngineError::SnapshotGone)) => continue,
                found => found?,
            };
            let transaction = Transaction::new(snapshot, in_force);
            let value = match body(transaction.clone()).await {
                Err(_) if transaction.is_gone() => continue,
                outcome => outcome?,
            };
            if let Some(keeper) = &self.keeper {
                match transaction.show_to(&**keeper).await {
                    Err(_) if transaction.is_gone() => continue,
                    outcome => outcome?,
                }
            }
            let committed = self.commit(&transaction).await;
            if matches!(committed, Err(CommitError::Conflict)) {
                // It may have been for that.
                self.format.forget();
            }
            match committed {
                Ok(revision) => return Ok((value, revision)),
                // From the second attempt on, the losers go one after the other: then each of them wins soon.
                Err(CommitError::Conflict) if turn.is_none() => turn = Some(self.losers.lock().await),
                Err(CommitError::Conflict) => tokio::task::yield_now().await,
                Err(CommitError::Engine(error)) => return Err(StoreError::Engine(error).into()),
                Err(CommitError::Invalid(error)) => return Err(StoreError::Batch(error).into()),
                Err(CommitError::OutcomeUnknown { cause }) => {
                    return Err(StoreError::OutcomeUnknown { transaction: name, cause }.into());
                }
            }
        }
        Err(StoreError::Contention { transaction: name, attempts: ATTEMPTS_MAX }.into())
    }

    async fn commit(&self, transaction: &Transaction) -> Result<Option<Revision>, CommitError> {
        let batch = transaction.take_batch();
        if batch.writes.is_empty() {
            return Ok(None);
        }
        self.engine.commit(batch).await.map(Some)
    }
}

/// Rows of one table, in key order.
#[derive(Clone, Debug)]
pub struct RowPage<R: Row> {
    /// Keys and rows.
    pub rows: Vec<(R::Key, R)>,
    /// Whether rows may follow the last one.
    pub more: bool,
}

/// The store at one revision, for reading.
pub struct StoreSnapshot {
    snapshot: Box<dyn Snapshot>,
}

impl StoreSnapshot {
    /// The revision.
    pub fn revision(&self) -> Revision {
        self.snapshot.revision()
    }

    /// The row with this key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read<R: Row>(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        let key = row::encode_key::<R>(key)?;
        let stored = self.snapshot.read(&key).await?;
        Ok(stored.map(|stored| row::decode(&stored.value)).transpose()?)
    }

    /// The first rows with this prefix, from behind `after` on if there is one; at most `limit`, and fewer when they
    /// are many or large ([`RowPage::more`] tells).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scan<R: Row>(
        &self,
        prefix: &Prefix<R>,
        after: Option<&R::Key>,
        limit: usize,
    ) -> Result<RowPage<R>, StoreError> {
        let page = self.snapshot.scan(&prefix.range(after)?, limit).await?;
        let rows = page.entries.iter().map(|entry| decode_entry::<R>(&entry.key, &entry.value));
        Ok(RowPage { rows: rows.collect::<Result<_, _>>()?, more: page.more })
    }
}

pub(crate) fn decode_entry<R: Row>(key: &[u8], value: &[u8]) -> Result<(R::Key, R), StoreError> {
    Ok((row::decode_key::<R>(key)?, row::decode(value)?))
}
