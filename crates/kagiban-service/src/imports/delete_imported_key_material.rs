//! DeleteImportedKeyMaterial.

use kagiban_api::{DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, KeySpec};
use kagiban_base::id::KeyMaterialId;
use kagiban_storage::Transaction;

use super::require_external;
use crate::context::Context;
use crate::error::ServiceError;
use crate::jobs::erasure;
use crate::keys::change::load;
use crate::records::deleted::DeletedMaterialRecord;
use crate::records::key::KeyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::resolve;

/// Deletes imported material: the current one, or the one that is named. The same material can be imported again.
pub(crate) async fn handle(
    input: &DeleteImportedKeyMaterialRequest,
    ctx: &Context<'_>,
) -> Result<DeleteImportedKeyMaterialResponse, ServiceError> {
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let (arn, named) = (named.arn, &named);
    let deleted: Option<KeyMaterialId> = ctx
        .service
        .transact(ctx.operation().name(), |tx: Transaction| async move {
            let mut key = load(&tx, named, &[], ctx).await?.into_subject();
            require_external(&key)?;
            let Some(id) = forget(&mut key, input.key_material_id.as_deref())? else { return Ok(None) };
            tx.put(&key.row_key(), &key.body)?;
            tx.delete::<MaterialRecord>(&MaterialRowKey::new(&arn, id))?;
            tx.put(&MaterialRowKey::new(&arn, id), &DeletedMaterialRecord { deleted: ctx.now })?;
            tx.erase_later(erasure::material(&arn, id), ctx.now)?;
            Ok((key.body.key_spec == KeySpec::SymmetricDefault).then_some(id))
        })
        .await?;
    Ok(DeleteImportedKeyMaterialResponse {
        key_id: Some(arn.to_string()),
        key_material_id: deleted.map(|id| id.to_string()),
    })
}

/// Marks the material as gone. `None` when there was none to delete.
fn forget(key: &mut KeyRecord, named: Option<&str>) -> Result<Option<KeyMaterialId>, ServiceError> {
    let arn = key.arn;
    let unknown = |id: &str| ServiceError::KeyMaterialNotFound(arn, id.to_owned());
    let body = &mut key.body;
    let id = match named {
        None => body.current_material,
        Some(id) => Some(id.parse().map_err(|_| unknown(id))?),
    };
    let Some(id) = id else { return Ok(None) };
    if body.lose_import(id) { Ok(Some(id)) } else { Err(unknown(&id.to_string())) }
}
