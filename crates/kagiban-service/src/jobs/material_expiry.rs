//! The end of imported material at its ValidTo. The key waits for the same material again, and what was encrypted opens again
//! when it has come.

use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use kagiban_storage::Transaction;

use super::erasure;
use crate::Service;
use crate::audit::service_events;
use crate::error::ServiceError;
use crate::records::deleted::DeletedMaterialRecord;
use crate::records::key::{ImportedMaterial, KeyBody};
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::service_event::ServiceEvent;

/// Materials that expire in one transaction; if there are more, the key stays due. Each is four rows (the material, that it was
/// deleted, what is to be erased, the event), and the key's is one: a batch takes a hundred.
const BATCH: usize = 24;

fn expires_at(import: &ImportedMaterial) -> Option<Timestamp> {
    import.valid_to.filter(|_| import.present)
}

pub(super) fn due_at(key: &KeyBody) -> Option<Timestamp> {
    key.imports.iter().filter_map(expires_at).min()
}

/// Deletes the materials whose time is over; whether there were any.
pub(super) async fn run(key: &KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    let expired = service.transact_unasked("let imported material expire", |tx| expire(tx, *key, now, service)).await?;
    if expired > 0 {
        tracing::info!(%key, materials = expired, "imported key material has expired; it is deleted");
    }
    Ok(expired > 0)
}

/// In every state: a key whose deletion is pending loses its material too, and has none when that is cancelled.
async fn expire(tx: Transaction, key: KeyArn, now: Timestamp, service: &Service) -> Result<usize, ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&key.into()).await? else { return Ok(0) };
    let is_over = |import: &&ImportedMaterial| expires_at(import).is_some_and(|at| at <= now);
    let expired: Vec<_> = body.imports.iter().filter(is_over).map(|import| import.id).take(BATCH).collect();
    for id in &expired {
        body.lose_import(*id);
        tx.delete::<MaterialRecord>(&MaterialRowKey::new(&key, *id))?;
        tx.put(&MaterialRowKey::new(&key, *id), &DeletedMaterialRecord { deleted: now })?;
        tx.erase_later(erasure::material(&key, *id), now)?;
        let event = ServiceEvent::DeleteExpiredKeyMaterial { material: *id };
        service_events::note(&tx, key, event, now, service)?;
    }
    if !expired.is_empty() {
        tx.put(&key.into(), &body)?;
    }
    Ok(expired.len())
}
