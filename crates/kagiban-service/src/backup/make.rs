//! One snapshot of a store becomes a stream. Pages of the snapshot are all that is in memory at a time.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kagiban_backup::{BackupWriter, End, Header, WriteError};
use kagiban_base::time::Timestamp;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_recovery::RecoveryRecipient;
use kagiban_storage::engine::{KeyRange, SCAN_ENTRIES_MAX, Snapshot};
use kagiban_storage::{Engine, EngineError, Row, RowError, Store, StoreError, row};

use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};

/// A backup could not be made. What was written of it is of no use.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The store could not be read; after [`EngineError::SnapshotGone`] and [`EngineError::Unavailable`] it may help to begin again.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store has no deployment in it.
    #[error("the store has no deployment in it")]
    NoDeployment,
    /// There is nobody to encrypt it to.
    #[error("the deployment has no recovery key")]
    NoRecoveryKey,
    /// A row that tells of the deployment cannot be read.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// How far a backup has come; others may look while it is made.
#[derive(Debug, Default)]
pub struct Progress {
    rows: AtomicU64,
    rows_total: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Rows that are written.
    pub fn rows(&self) -> u64 {
        self.rows.load(Relaxed)
    }

    /// Rows that there will be; zero while they are counted.
    pub fn rows_total(&self) -> u64 {
        self.rows_total.load(Relaxed)
    }

    /// Bytes of rows that are written, before compression.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Begins anew.
    pub fn reset(&self) {
        self.begin(0);
    }

    /// Begins anew, with so many rows ahead.
    pub fn begin(&self, rows_total: u64) {
        self.reach((0, 0));
        self.rows_total.store(rows_total, Relaxed);
    }

    pub(super) fn reach(&self, (rows, bytes): (u64, u64)) {
        self.rows.store(rows, Relaxed);
        self.bytes.store(bytes, Relaxed);
    }
}

/// What a backup says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// When the snapshot is taken.
    pub taken: Timestamp,
    /// `embedded` or `etcd`.
    pub store: &'a str,
    /// The version of this program.
    pub program: &'a str,
}

/// A snapshot that is to become a backup, and to whom it will be encrypted.
pub struct Taken {
    snapshot: Box<dyn Snapshot>,
    header: Header,
    recipient: RecoveryRecipient,
}

/// The recovery key's public half, if the deployment has a recovery key.
///
/// # Errors
/// [`StoreError`]
pub async fn recipient(store: &Store) -> Result<Option<RecoveryRecipient>, StoreError> {
    let snapshot = store.snapshot().await?;
    let record: Option<RecoveryKeyRecord> = snapshot.read(&RecoveryKeyRowKey).await?;
    Ok(record.map(|record| record.recipient))
}

/// Takes a snapshot of the store as it is now. Its rows are counted, so that progress can be told and a reader knows what to
/// expect.
///
/// # Errors
/// [`MakeError`]
pub async fn take(engine: &dyn Engine, subject: Subject<'_>) -> Result<Taken, MakeError> {
    let snapshot = engine.snapshot().await?;
    let deployment: DeploymentRecord = read(&*snapshot, &DeploymentRowKey).await?.ok_or(MakeError::NoDeployment)?;
    // Of the same snapshot as the domain keys that are sealed to it.
    let recovery_key: RecoveryKeyRecord =
        read(&*snapshot, &RecoveryKeyRowKey).await?.ok_or(MakeError::NoRecoveryKey)?;
    let deployment_kind = match deployment.kind {
        DeploymentKind::Development => "development",
        DeploymentKind::Production => "production",
    };
    let header = Header {
        taken: subject.taken,
        deployment_created: deployment.created,
        deployment_kind: deployment_kind.to_owned(),
        revision: snapshot.revision().number(),
        store: subject.store.to_owned(),
        recipient: recovery_key.recipient.to_string(),
        program: subject.program.to_owned(),
        rows: count(&*snapshot).await?,
    };
    Ok(Taken { snapshot, header, recipient: recovery_key.recipient })
}

impl Taken {
    /// To whom it has to be encrypted.
    pub fn recipient(&self) -> &RecoveryRecipient {
        &self.recipient
    }

    /// Writes it, in the clear: what it is written to encrypts.
    ///
    /// # Errors
    /// [`MakeError`]
    pub async fn write<W: Write>(&self, output: W, progress: &Progress) -> Result<(W, End), MakeError> {
        progress.begin(self.header.rows);
        let mut writer = BackupWriter::begin(output, &self.header)?;
        let mut range = KeyRange::all();
        loop {
            let page = self.snapshot.scan(&range, SCAN_ENTRIES_MAX).await?;
            for entry in &page.entries {
                writer.row(&entry.key, &entry.value)?;
            }
            progress.reach(writer.written());
            match page.entries.last() {
                Some(last) if page.more => range = range.after(&last.key),
                _ => return Ok(writer.finish()?),
            }
        }
    }
}

async fn read<R: Row>(snapshot: &dyn Snapshot, key: &R::Key) -> Result<Option<R>, MakeError> {
    let key = row::encode_key::<R>(key).map_err(RowError::from)?;
    let stored = snapshot.read(&key).await?;
    Ok(stored.map(|stored| row::decode(&stored.value)).transpose()?)
}

async fn count(snapshot: &dyn Snapshot) -> Result<u64, EngineError> {
    let (mut range, mut rows) = (KeyRange::all(), 0_u64);
    loop {
        let page = snapshot.scan(&range, SCAN_ENTRIES_MAX).await?;
        rows = rows.saturating_add(u64::try_from(page.entries.len()).unwrap_or(u64::MAX));
        match page.entries.last() {
            Some(last) if page.more => range = range.after(&last.key),
            _ => return Ok(rows),
        }
    }
}
