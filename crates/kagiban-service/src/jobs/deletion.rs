//! The end of a key whose waiting period is over.
//!
//! The first transaction marks the key, and from then on its deletion cannot be cancelled. Then go its material and the
//! history of that, its aliases, its grants, and in the last transaction its policy and the key itself with its tags. So a cut at any instant leaves a key
//! that is pending deletion and unusable, whose deletion goes on with the next run, or none at all. The last transaction also
//! notes that what was deleted must become unrecoverable (`erasure.rs`).

use kagiban_api::KeyState;
use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use kagiban_storage::{StoreError, Transaction};

use super::synchronise;
use crate::Service;
use crate::audit::service_events;
use crate::error::ServiceError;
use crate::grants::removal;
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord};
use crate::records::deleted::DeletedKeyRecord;
use crate::records::key::{KeyBody, KeyRowKey};
use crate::records::key_policy::{KeyPolicyRecord, KeyPolicyRowKey};
use crate::records::key_use::KeyUseRecord;
use crate::records::material::MaterialRecord;
use crate::records::rotation::RotationRecord;
use crate::records::service_event::ServiceEvent;

/// Materials deleted in one transaction.
const MATERIALS_BATCH: usize = 50;
/// Aliases deleted in one transaction: each has two rows and is a condition, a batch takes a hundred.
const ALIASES_BATCH: usize = 25;

pub(super) fn due_at(key: &KeyBody) -> Option<Timestamp> {
    match key.state {
        // Whatever a clock says by now.
        KeyState::PendingDeletion if key.erasing => Some(Timestamp::from_unix_ms(i64::MIN)),
        KeyState::PendingDeletion => key.deletion_date,
        _ => None,
    }
}

/// Deletes the key if it is due; whether it was.
pub(super) async fn run(key: &KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    let key = &KeyRowKey::from(*key);
    if !service.transact_unasked("begin the deletion of a key", |tx| begin(tx, key, now)).await? {
        return Ok(false);
    }
    while service.transact_unasked("delete a key's material", |tx| remove_materials(tx, key)).await? {}
    while service.transact_unasked("delete a key's history", |tx| remove_rotations(tx, key)).await? {}
    while service.transact_unasked("delete a key's aliases", |tx| remove_aliases(tx, key)).await? {}
    removal::remove_all(&key.arn(), &service.store).await?;
    if !synchronise::leave(&key.arn(), service).await? {
        return Ok(false);
    }
    service.transact_unasked("delete a key", |tx| finish(tx, key, now, service)).await?;
    tracing::info!(key = %key.arn(), "the waiting period of the key is over; it is deleted");
    Ok(true)
}

/// Marks the key, if it is due; whether its rows are to be deleted.
async fn begin(tx: Transaction, key: &KeyRowKey, now: Timestamp) -> Result<bool, ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(key).await? else { return Ok(false) };
    if due_at(&body).is_none_or(|due| due > now) {
        return Ok(false);
    }
    if !body.erasing {
        body.erasing = true;
        tx.put(key, &body)?;
    }
    Ok(true)
}

/// The key, if this deletion is still going on and no other node has finished it.
async fn marked(tx: &Transaction, key: &KeyRowKey) -> Result<Option<KeyBody>, ServiceError> {
    Ok(tx.read::<KeyBody>(key).await?.filter(|body| body.erasing))
}

/// Deletes the first materials; whether there may be more.
async fn remove_materials(tx: Transaction, key: &KeyRowKey) -> Result<bool, ServiceError> {
    if marked(&tx, key).await?.is_none() {
        return Ok(false);
    }
    let page = tx
        .scan(&key.place.key_prefix::<MaterialRecord>(key.key_id).map_err(StoreError::from)?, None, MATERIALS_BATCH)
        .await?;
    for (material, _) in &page.rows {
        tx.delete::<MaterialRecord>(material)?;
    }
    Ok(page.more)
}

/// Deletes the first rows of the history of its materials; whether there may be more.
async fn remove_rotations(tx: Transaction, key: &KeyRowKey) -> Result<bool, ServiceError> {
    if marked(&tx, key).await?.is_none() {
        return Ok(false);
    }
    let page = tx
        .scan(&key.place.key_prefix::<RotationRecord>(key.key_id).map_err(StoreError::from)?, None, MATERIALS_BATCH)
        .await?;
    for (rotation, _) in &page.rows {
        tx.delete::<RotationRecord>(rotation)?;
    }
    Ok(page.more)
}

/// Deletes the first aliases; whether there may be more.
async fn remove_aliases(tx: Transaction, key: &KeyRowKey) -> Result<bool, ServiceError> {
    let Some(mut body) = marked(&tx, key).await? else { return Ok(false) };
    let page = tx
        .scan(&key.place.key_prefix::<KeyAliasRecord>(key.key_id).map_err(StoreError::from)?, None, ALIASES_BATCH)
        .await?;
    for (index, _) in &page.rows {
        let alias = AliasRowKey { place: key.place, name: index.name.clone() };
        // One that was moved to another key meanwhile is that key's; then this transaction is run again.
        if tx.read::<AliasRecord>(&alias).await?.is_some_and(|record| record.target == key.key_id) {
            tx.delete::<AliasRecord>(&alias)?;
        }
        tx.delete::<KeyAliasRecord>(index)?;
    }
    if !page.rows.is_empty() {
        let removed = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        body.alias_count = body.alias_count.saturating_sub(removed);
        tx.put(key, &body)?;
    }
    Ok(page.more)
}

/// Deletes the policy, what is known of the last use, and the key, tags included; for backups there stays that it was deleted.
async fn finish(tx: Transaction, key: &KeyRowKey, now: Timestamp, service: &Service) -> Result<(), ServiceError> {
    if marked(&tx, key).await?.is_some() {
        tx.delete::<KeyPolicyRecord>(&KeyPolicyRowKey { place: key.place, key_id: key.key_id })?;
        tx.delete::<KeyUseRecord>(key)?;
        tx.delete::<KeyBody>(key)?;
        tx.put(key, &DeletedKeyRecord { deleted: now })?;
        tx.erase_later(key.arn().to_string(), now)?;
        service_events::note(&tx, key.arn(), ServiceEvent::DeleteKey, now, service)?;
    }
    Ok(())
}
