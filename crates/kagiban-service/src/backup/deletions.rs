//! What must not come back with a backup: keys and imported material that were deleted after it was taken.
//!
//! Every deletion leaves a row. A store that is still there has the rows of all deletions, a newer backup those until it was taken.
//! What is made again under the same name, the same material imported again or a replica in a Region where there was one, takes
//! its row away. So what a source says counts if it is newer than the backup; an older one knows of nothing that is in it.

use std::collections::HashSet;
use std::io::Read;

use kagiban_backup::{BackupReader, ReadError};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::time::Timestamp;
use kagiban_storage::{Prefix, Row, RowError, Store, StoreError, StoreSnapshot, Table, row};

use crate::records::deleted::{DeletedKeyRecord, DeletedMaterialRecord};
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};

/// Rows read at once.
const PAGE: usize = 1000;

/// The deletions that a source knows of.
#[derive(Clone, Debug, Default)]
pub struct Deletions {
    keys: HashSet<KeyArn>,
    materials: HashSet<(KeyArn, KeyMaterialId)>,
}

/// A source of deletions is of no use.
#[derive(Debug, thiserror::Error)]
pub enum DeletionsError {
    /// It belongs to another deployment, or to none.
    #[error("it is not of the deployment that the backup was made of")]
    OtherDeployment,
    /// It does not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row in it is none.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The store does not read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Deletions {
    /// Those that a store knows of, which must be of the deployment that was made then.
    ///
    /// # Errors
    /// [`DeletionsError`]
    pub async fn of_store(store: &Store, deployment_created: Timestamp) -> Result<Self, DeletionsError> {
        let snapshot = store.snapshot().await?;
        let deployment: Option<DeploymentRecord> = snapshot.read(&DeploymentRowKey).await?;
        if deployment.is_none_or(|found| found.created != deployment_created) {
            return Err(DeletionsError::OtherDeployment);
        }
        let mut deletions = Self::default();
        for_each::<DeletedKeyRecord>(&snapshot, |key| _ = deletions.keys.insert(key.arn())).await?;
        for_each::<DeletedMaterialRecord>(&snapshot, |key| {
            deletions.materials.insert((key.key(), key.material_id));
        })
        .await?;
        Ok(deletions)
    }

    /// Those that another backup knows of, which must be of the deployment that was made then; none, if it is not newer than the
    /// backup that was taken then.
    ///
    /// # Errors
    /// [`DeletionsError`]
    pub fn of_backup<R: Read>(
        mut reader: BackupReader<R>,
        deployment_created: Timestamp,
        taken: Timestamp,
    ) -> Result<Self, DeletionsError> {
        if reader.header().deployment_created != deployment_created {
            return Err(DeletionsError::OtherDeployment);
        }
        let mut deletions = Self::default();
        while let Some(row) = reader.next_row()? {
            deletions.take_row(&row.key)?;
        }
        Ok(if reader.header().taken > taken { deletions } else { Self::default() })
    }

    /// Adds what another source knows of.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.materials.extend(other.materials);
    }

    /// Keys that were deleted.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Imported materials that were deleted.
    pub fn materials(&self) -> usize {
        self.materials.len()
    }

    pub(super) fn has_key(&self, key: &KeyArn) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn has_material(&self, key: &KeyArn, id: KeyMaterialId) -> bool {
        self.materials.contains(&(*key, id))
    }

    fn take_row(&mut self, key: &[u8]) -> Result<(), RowError> {
        match Table::name_in(key).unwrap_or_default() {
            t if t == DeletedKeyRecord::TABLE.name() => {
                self.keys.insert(row::decode_key::<DeletedKeyRecord>(key)?.arn());
            }
            t if t == DeletedMaterialRecord::TABLE.name() => {
                let material = row::decode_key::<DeletedMaterialRecord>(key)?;
                self.materials.insert((material.key(), material.material_id));
            }
            _ => {}
        }
        Ok(())
    }
}

async fn for_each<R: Row>(snapshot: &StoreSnapshot, mut take: impl FnMut(&R::Key)) -> Result<(), StoreError> {
    let (prefix, mut after) = (Prefix::<R>::all(), None);
    loop {
        let page = snapshot.scan(&prefix, after.as_ref(), PAGE).await?;
        page.rows.iter().for_each(|(key, _)| take(key));
        after = page.rows.into_iter().last().map(|(key, _)| key);
        if !page.more || after.is_none() {
            return Ok(());
        }
    }
}
