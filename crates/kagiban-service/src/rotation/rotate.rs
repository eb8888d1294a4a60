//! The rotation itself, on demand or when it is due.

use kagiban_api::{KeyMaterialState, OriginType, RotationType};
use kagiban_base::id::KeyMaterialId;
use kagiban_base::time::Timestamp;
use kagiban_storage::Transaction;

use crate::Service;
use crate::audit::service_events;
use crate::error::{InternalError, ServiceError};
use crate::material;
use crate::records::key::KeyRecord;
use crate::records::material::MaterialRowKey;
use crate::records::multi_region::StartedRotation;
use crate::records::rotation::{RotationRecord, RotationRowKey};
use crate::records::service_event::ServiceEvent;
use crate::spec::Counterpart;

/// Gives a key that this transaction has read its next material, and writes all that belongs to it: the material, unless it
/// is an imported one that is there already, the history, and the key's record with whatever the caller changed in it.
///
/// A multi-Region primary with replicas does it in two phases: here the material is made, and when all replicas have it, it
/// becomes the current one ([`finish`]). Imported material is in all Regions before it can rotate.
///
/// # Errors
/// KMSInvalidState, when the key takes imported material and none waits; internal ones.
pub(crate) async fn rotate(
    tx: &Transaction,
    key: &mut KeyRecord,
    rotation_type: RotationType,
    now: Timestamp,
    service: &Service,
) -> Result<(), ServiceError> {
    if key.body.origin == OriginType::External {
        let next = imported(key)?;
        return complete(tx, key, next, (rotation_type, now), service);
    }
    let material_id = fresh(tx, key, now, service).await?;
    if !key.body.has_replicas() {
        return complete(tx, key, material_id, (rotation_type, now), service);
    }
    if let Some(set) = key.body.multi_region.as_mut() {
        set.rotating = Some(StartedRotation { material_id, started: now, rotation_type });
    }
    key.body.shared_has_changed();
    tx.put(&key.row_key(), &key.body)?;
    Ok(())
}

/// The second phase of a rotation that is under way: its material becomes the current one.
///
/// # Errors
/// Internal ones.
pub(crate) fn finish(
    tx: &Transaction,
    key: &mut KeyRecord,
    now: Timestamp,
    service: &Service,
) -> Result<(), ServiceError> {
    match key.body.multi_region.as_mut().and_then(|set| set.rotating.take()) {
        Some(rotating) => complete(tx, key, rotating.material_id, (rotating.rotation_type, now), service),
        None => Ok(()),
    }
}

/// Makes a material the current one and writes the key's record and history.
fn complete(
    tx: &Transaction,
    key: &mut KeyRecord,
    next: KeyMaterialId,
    (rotation_type, now): (RotationType, Timestamp),
    service: &Service,
) -> Result<(), ServiceError> {
    let before = key.body.current_material.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))?;
    let arn = key.arn;
    if key.body.rotation.count == 0 {
        let first = RotationRecord { material_id: before, date: None, rotation_type: None };
        tx.put(&RotationRowKey::new(&arn, 0), &first)?;
    }
    key.body.rotation.count = key.body.rotation.count.saturating_add(1);
    let record = RotationRecord { material_id: next, date: Some(now), rotation_type: Some(rotation_type) };
    tx.put(&RotationRowKey::new(&arn, u64::from(key.body.rotation.count)), &record)?;
    key.body.current_material = Some(next);
    key.body.shared_has_changed();
    tx.put(&key.row_key(), &key.body)?;
    let event = ServiceEvent::RotateKey { rotation_type, origin: key.body.origin, previous: before, current: next };
    service_events::note(tx, arn, event, now, service)
}

/// New material, written down.
async fn fresh(
    tx: &Transaction,
    key: &KeyRecord,
    now: Timestamp,
    service: &Service,
) -> Result<KeyMaterialId, ServiceError> {
    let material = material::generate(key.body.key_spec.core()?, &key.arn, service).await?;
    let id = KeyMaterialId::generate(service.random.as_ref())?;
    let row_key = MaterialRowKey::new(&key.arn, id);
    tx.put(&row_key, &material::wrap(&material, &row_key, now, service)?)?;
    Ok(id)
}

/// The imported material that waits becomes the current one.
fn imported(key: &mut KeyRecord) -> Result<KeyMaterialId, ServiceError> {
    let imports = &mut key.body.imports;
    let waiting = |state: KeyMaterialState| state == KeyMaterialState::PendingRotation;
    if !imports.iter().any(|import| waiting(import.state) && import.present) {
        return Err(ServiceError::NoMaterialToRotateTo(key.arn));
    }
    let mut next = None;
    for import in imports.iter_mut() {
        match import.state {
            KeyMaterialState::Current => import.state = KeyMaterialState::NonCurrent,
            state if waiting(state) => {
                import.state = KeyMaterialState::Current;
                next = Some(import.id);
            }
            _ => {}
        }
    }
    next.ok_or(ServiceError::NoMaterialToRotateTo(key.arn))
}
