//! From an authorized key to its material, unwrapped for this request only and wiped after it.

use kagiban_base::id::KeyMaterialId;
use kagiban_keycore::material::SymmetricMaterial;

use crate::Service;
use crate::authorize::Authorized;
use crate::error::{InternalError, ServiceError};
use crate::records::key::KeyRecord;
use crate::records::material::MaterialRowKey;
use std::sync::Arc;

/// The material that the key encrypts with now, and its id.
///
/// # Errors
/// Internal, when the row is missing or does not open under the domain keys.
pub(crate) fn current(
    key: &Authorized<Arc<KeyRecord>>,
    service: &Service,
) -> Result<(KeyMaterialId, SymmetricMaterial), ServiceError> {
    let record = key.subject();
    let id = record.body.current_material.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))?;
    let material = open(key, id, service)?.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))?;
    Ok((id, material))
}

/// The key's material with this id; `None` when the key has none such (the id comes from a ciphertext, so it may be forged).
///
/// # Errors
/// Internal, when the row does not open under the domain keys.
pub(crate) fn open(
    key: &Authorized<Arc<KeyRecord>>,
    id: KeyMaterialId,
    service: &Service,
) -> Result<Option<SymmetricMaterial>, ServiceError> {
    let arn = &key.subject().arn;
    let Some(wrapped) = service.view.material(arn, id) else { return Ok(None) };
    let unreadable = || ServiceError::Internal(InternalError::MaterialUnreadable(*arn));
    let secret =
        service.domain_keys.unwrap_key(&wrapped, &MaterialRowKey::new(arn, id).binding()).map_err(|_| unreadable())?;
    SymmetricMaterial::from_secret(&secret).map(Some).map_err(|_| unreadable())
}
