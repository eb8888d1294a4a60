//! A backup becomes a store again, in an empty place of any engine.
//!
//! First the place is claimed: a row of its own stands there from then on, in place of the deployment's, and such a store
//! does not start. Every batch is written on condition that the claim stands. The last one writes the deployment's row and
//! takes the claim away, once the whole backup has been read and proved. A restore that is cut off anywhere leaves a claimed
//! place, which the next restore clears and begins again.

use std::io::Read;
use std::sync::Arc;

use kagiban_api::KeyState;
use kagiban_backup::{BackupReader, End, ReadError, RowBytes};
use kagiban_base::random::Random;
use kagiban_base::time::Timestamp;
use kagiban_keycore::root_key::{RootKey, RootKeyError};
use kagiban_storage::batch::{BATCH_BYTES_MAX, Expect, WRITES_MAX};
use kagiban_storage::engine::{KeyRange, SCAN_ENTRIES_MAX};
use kagiban_storage::{
    Batch, CommitError, Engine, EngineError, Revision, Row, RowError, Store, StoreError, Table, Write, row,
};
use tokio::task::JoinSet;

use super::contents::OpenedKeys;
use super::deletions::Deletions;
use super::make::Progress;
use crate::records::deleted::DeletedMaterialRecord;
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::records::key::{KeyBody, KeyRowKey};
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::node::NodeRecord;
use crate::records::node_formats::NodeFormatsRecord;
use crate::records::restoring::{RestoringRecord, RestoringRowKey};
use crate::records::root_passphrase::RootPassphraseRecord;
use crate::records::seal_order::SealOrderRecord;

/// Batches under way at once: an engine makes several durable in about the time of one.
const BATCHES_AT_ONCE: usize = 16;
/// Bytes of a batch's rows, with room for its condition.
const BYTES_MAX: usize = BATCH_BYTES_MAX - 1024;
/// How often a batch is written whose outcome is not known, or that could not be handed over. Writing it twice is writing it once.
const ATTEMPTS: usize = 3;

/// A place cannot be claimed for a restore.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Somebody else was faster.
    #[error("another restore into this place has just begun")]
    Busy,
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There are rows that no restore has written.
    #[error("there is a store already; a backup is restored into an empty place only")]
    NotEmpty,
    /// A row has no encoding.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Clearing what an earlier restore left failed.
    #[error("what an earlier restore left cannot be removed")]
    Clear(#[source] CommitError),
}

/// A restore failed. The place does not start, and a further restore begins again.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A batch could not be written.
    #[error("the store does not take the rows")]
    Commit(#[source] CommitError),
    /// What was read is not what was verified.
    #[error("the backup is another one than the one that was verified")]
    OtherBackup,
    /// The backup.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The root key does not wrap the domain keys.
    #[error("the root key does not work")]
    RootKey(#[from] RootKeyError),
    /// A row does not read.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Another restore has claimed the place since.
    #[error("another restore into this place has begun, and this one was given up")]
    TakenOver,
    /// The task that wrote a batch ended.
    #[error("the restore was interrupted")]
    Interrupted,
}

/// Whether a restore into this store was begun and not finished.
///
/// # Errors
/// [`StoreError`]
pub async fn is_unfinished(store: &Store) -> Result<bool, StoreError> {
    let snapshot = store.snapshot().await?;
    let claim: Option<RestoringRecord> = snapshot.read(&RestoringRowKey).await?;
    Ok(claim.is_some())
}

/// What a store begins with that is made to be restored into: a claim, so that it never is an empty store that nobody began.
///
/// # Errors
/// [`RowError`]
pub fn first_claim(now: Timestamp) -> Result<Batch, RowError> {
    Ok(Batch::new()
        .put(encoded_key::<RestoringRecord>(&RestoringRowKey)?, row::encode(&RestoringRecord { since: now })?))
}

/// An empty place that is being restored into.
pub struct Claimed {
    engine: Arc<dyn Engine>,
    claim: (Vec<u8>, Revision),
}

/// Claims an empty place, or one that an earlier restore has not finished, which is cleared.
///
/// # Errors
/// [`ClaimError`]
pub async fn claim(engine: Arc<dyn Engine>, now: Timestamp) -> Result<Claimed, ClaimError> {
    let key = encoded_key::<RestoringRecord>(&RestoringRowKey)?;
    let snapshot = engine.snapshot().await?;
    let earlier = snapshot.read(&key).await?.map(|stored| stored.revision);
    if earlier.is_none() && !snapshot.scan(&KeyRange::all(), 1).await?.entries.is_empty() {
        return Err(ClaimError::NotEmpty);
    }
    drop(snapshot);
    let batch = Batch::new()
        .expect(key.as_slice(), earlier.map_or(Expect::Absent, Expect::WrittenAt))
        .expect(encoded_key::<DeploymentRecord>(&DeploymentRowKey)?, Expect::Absent)
        .put(key.as_slice(), row::encode(&RestoringRecord { since: now })?);
    let revision = match engine.commit(batch).await {
        Ok(revision) => revision,
        Err(CommitError::Conflict) => return Err(ClaimError::Busy),
        Err(error) => return Err(ClaimError::Clear(error)),
    };
    let claimed = Claimed { engine, claim: (key, revision) };
    claimed.clear().await?;
    Ok(claimed)
}

fn encoded_key<R: Row>(key: &R::Key) -> Result<Vec<u8>, RowError> {
    Ok(row::encode_key::<R>(key)?)
}

impl Claimed {
    /// Removes what an earlier restore wrote.
    async fn clear(&self) -> Result<(), ClaimError> {
        let mut range = KeyRange::all();
        loop {
            let page = self.engine.snapshot().await?.scan(&range, SCAN_ENTRIES_MAX).await?;
            let Some(last) = page.entries.last() else { return Ok(()) };
            range = range.after(&last.key);
            let keys = page.entries.into_iter().map(|entry| entry.key).filter(|key| *key != self.claim.0);
            let writes: Vec<_> = keys.map(|key| Write { key, value: None }).collect();
            for writes in writes.chunks(WRITES_MAX) {
                self.commit(writes.to_vec()).await.map_err(ClaimError::Clear)?;
            }
        }
    }

    /// Writes, on condition that the claim stands.
    fn commit(&self, writes: Vec<Write>) -> impl Future<Output = Result<(), CommitError>> + Send + use<> {
        let batch = Batch { writes, ..Batch::new().expect(self.claim.0.as_slice(), Expect::WrittenAt(self.claim.1)) };
        let engine = Arc::clone(&self.engine);
        async move {
            let mut attempts = 1;
            loop {
                match engine.commit(batch.clone()).await {
                    Ok(_) => return Ok(()),
                    Err(CommitError::OutcomeUnknown { .. } | CommitError::Engine(EngineError::Unavailable))
                        if attempts < ATTEMPTS =>
                    {
                        attempts = attempts.saturating_add(1);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Makes the place a store.
    async fn conclude(&self, deployment: Vec<u8>) -> Result<(), RestoreError> {
        let key = encoded_key::<DeploymentRecord>(&DeploymentRowKey)?;
        let last = vec![
            Write { key: key.clone(), value: Some(deployment.clone()) },
            Write { key: self.claim.0.clone(), value: None },
        ];
        match self.commit(last).await {
            Ok(()) => Ok(()),
            Err(error) => {
                // An attempt before the last may have done it: then the claim is gone.
                let is_done =
                    async { Some(self.engine.snapshot().await.ok()?.read(&key).await.ok()??.value == deployment) };
                if is_done.await == Some(true) { Ok(()) } else { Err(of_commit(error)) }
            }
        }
    }
}

fn of_commit(error: CommitError) -> RestoreError {
    match error {
        CommitError::Conflict => RestoreError::TakenOver,
        error => RestoreError::Commit(error),
    }
}

/// What a backup's rows become.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The end that the backup had when it was verified.
    pub end: &'a End,
    /// The domain keys of the backup.
    pub keys: &'a OpenedKeys,
    /// What wraps them from now on; nothing, for a place that opens with shares only.
    pub root_key: Option<&'a dyn RootKey>,
    /// What must not come back.
    pub deletions: &'a Deletions,
    /// When the restore is made.
    pub now: Timestamp,
    /// Randomness.
    pub random: &'a dyn Random,
}

/// What was restored, and what was left out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Restored {
    /// Rows that were written.
    pub rows: u64,
    /// Keys that stay deleted: their material was left out, and what else there is of them goes at the first start.
    pub deleted_keys: u64,
    /// Imported materials that stay deleted.
    pub deleted_materials: u64,
}

/// Writes a backup into a claimed place, which is a store when this has returned, and not before.
///
/// # Errors
/// [`RestoreError`]
pub async fn restore<R: Read>(
    claimed: &Claimed,
    mut reader: BackupReader<R>,
    plan: Plan<'_>,
    progress: &Progress,
) -> Result<Restored, RestoreError> {
    progress.begin(reader.header().rows);
    let (mut restored, mut deployment) = (Restored::default(), None);
    let (mut under_way, mut batch, mut bytes) = (JoinSet::new(), Vec::new(), 0_usize);
    while let Some(found) = reader.next_row()? {
        progress.reach(reader.counted());
        let write = match plan.row(found, &mut restored)? {
            Planned::Deployment(value) => {
                deployment = Some(value);
                continue;
            }
            Planned::Nothing => continue,
            Planned::Write(write) => write,
        };
        if batch.len() >= WRITES_MAX || bytes.saturating_add(write.bytes()) > BYTES_MAX {
            bytes = 0;
            begin_batch(&mut under_way, claimed, std::mem::take(&mut batch)).await?;
        }
        bytes = bytes.saturating_add(write.bytes());
        restored.rows = restored.rows.saturating_add(1);
        batch.push(write);
    }
    if reader.end() != Some(plan.end) {
        return Err(RestoreError::OtherBackup);
    }
    begin_batch(&mut under_way, claimed, batch).await?;
    while let Some(written) = under_way.join_next().await {
        written.map_err(|_| RestoreError::Interrupted)?.map_err(of_commit)?;
    }
    // The reader has proved the whole backup by now.
    claimed.conclude(deployment.ok_or(RestoreError::OtherBackup)?).await?;
    restored.rows = restored.rows.saturating_add(1);
    Ok(restored)
}

/// Hands a batch over, and waits for room before.
async fn begin_batch(
    under_way: &mut JoinSet<Result<(), CommitError>>,
    claimed: &Claimed,
    batch: Vec<Write>,
) -> Result<(), RestoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    if under_way.len() >= BATCHES_AT_ONCE
        && let Some(written) = under_way.join_next().await
    {
        written.map_err(|_| RestoreError::Interrupted)?.map_err(of_commit)?;
    }
    under_way.spawn(claimed.commit(batch));
    Ok(())
}

enum Planned {
    /// The deployment's row: it comes last.
    Deployment(Vec<u8>),
    Nothing,
    Write(Write),
}

impl Plan<'_> {
    fn row(&self, found: RowBytes, restored: &mut Restored) -> Result<Planned, RestoreError> {
        let RowBytes { key, value } = found;
        let value = match Table::name_in(&key).unwrap_or_default() {
            t if t == DeploymentRecord::TABLE.name() => return Ok(Planned::Deployment(value)),
            // A claim of its own stands there, and the nodes of the old place are not at this one.
            t if t == RestoringRecord::TABLE.name() => return Ok(Planned::Nothing),
            // The new place has a root key of its own.
            t if t == RootPassphraseRecord::TABLE.name() => return Ok(Planned::Nothing),
            // Who restores has shares.
            t if t == SealOrderRecord::TABLE.name() => return Ok(Planned::Nothing),
            t if t == NodeRecord::TABLE.name() || t == NodeFormatsRecord::TABLE.name() => return Ok(Planned::Nothing),
            t if t == DomainKeyRecord::TABLE.name() => {
                self.domain_key(row::decode_key::<DomainKeyRecord>(&key).map_err(RowError::from)?, &value)?
            }
            t if t == KeyBody::TABLE.name() => {
                self.key(row::decode_key::<KeyBody>(&key).map_err(RowError::from)?, value, restored)?
            }
            t if t == MaterialRecord::TABLE.name() => {
                return self.material(
                    row::decode_key::<MaterialRecord>(&key).map_err(RowError::from)?,
                    Write { key, value: Some(value) },
                    restored,
                );
            }
            _ => value,
        };
        Ok(Planned::Write(Write { key, value: Some(value) }))
    }

    /// The same domain key, wrapped by the root key of the new place.
    fn domain_key(&self, key: DomainKeyRowKey, value: &[u8]) -> Result<Vec<u8>, RestoreError> {
        let mut record: DomainKeyRecord = row::decode(value)?;
        let opened = self.keys.keys.iter().find(|opened| opened.id() == key.0).ok_or(RestoreError::OtherBackup)?;
        let wrap = |root_key: &dyn RootKey| root_key.wrap(opened.secret(), &key.binding(), self.random);
        record.wrapped = self.root_key.map(wrap).transpose()?;
        // The root keys of the old place are not this one's.
        (record.also_wrapped, record.rekeyed) = (None, None);
        Ok(row::encode(&record)?)
    }

    /// A key that was deleted comes back as one whose deletion has begun, so that the service finishes it with all that belongs to
    /// it; a key that lost imported material, without it.
    fn key(&self, key: KeyRowKey, value: Vec<u8>, restored: &mut Restored) -> Result<Vec<u8>, RestoreError> {
        let mut body: KeyBody = row::decode(&value)?;
        if self.deletions.has_key(&key.arn()) {
            restored.deleted_keys = restored.deleted_keys.saturating_add(1);
            body.state = KeyState::PendingDeletion;
            body.deletion_date = Some(self.now);
            body.pending_window_days = None;
            body.erasing = true;
            return Ok(row::encode(&body)?);
        }
        let is_lost = |id| self.deletions.has_material(&key.arn(), id);
        let lost: Vec<_> =
            body.imports.iter().filter(|import| import.present && is_lost(import.id)).map(|import| import.id).collect();
        if lost.is_empty() {
            return Ok(value);
        }
        for id in lost {
            body.lose_import(id);
        }
        Ok(row::encode(&body)?)
    }

    fn material(&self, key: MaterialRowKey, write: Write, restored: &mut Restored) -> Result<Planned, RestoreError> {
        if self.deletions.has_key(&key.key()) {
            return Ok(Planned::Nothing);
        }
        if !self.deletions.has_material(&key.key(), key.material_id) {
            return Ok(Planned::Write(write));
        }
        restored.deleted_materials = restored.deleted_materials.saturating_add(1);
        let record = DeletedMaterialRecord { deleted: self.now };
        let (key, value) = (encoded_key::<DeletedMaterialRecord>(&key)?, row::encode(&record)?);
        Ok(Planned::Write(Write { key, value: Some(value) }))
    }
}
