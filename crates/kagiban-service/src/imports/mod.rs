//! Imported key material: parameters, import, deletion, and the rules that the three share.

pub(crate) mod delete_imported_key_material;
pub(crate) mod get_parameters_for_import;
pub(crate) mod import_key_material;
mod token;

use kagiban_api::OriginType;

use crate::error::ServiceError;
use crate::records::key::KeyRecord;

/// Only keys with origin EXTERNAL have imported material.
///
/// # Errors
/// UnsupportedOperationException naming the origin.
fn require_external(key: &KeyRecord) -> Result<(), ServiceError> {
    match key.body.origin {
        OriginType::External => Ok(()),
        origin => Err(ServiceError::OriginUnfit { key: key.arn, origin }),
    }
}
