//! DeleteAlias.

use kagiban_api::DeleteAliasRequest;
use kagiban_base::arn::KeyArn;

use super::name;
use crate::authorize;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::keys::change::load;
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};
use crate::resolve::Named;

/// Removes an alias. Its key stays as it is, in whatever state.
pub(crate) async fn handle(input: &DeleteAliasRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let alias = authorize::alias(ctx.operation(), name(&input.alias_name)?, ctx)?.into_subject();
    let row_key = AliasRowKey::from(alias.clone());
    let (alias, row_key) = (&alias, &row_key);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let not_found = || ServiceError::AliasNotFound(Box::new(alias.clone()));
            let record: AliasRecord = tx.read(row_key).await?.ok_or_else(not_found)?;
            let arn = KeyArn { region: alias.region, account: alias.account, key_id: record.target };
            let target = Named { arn, alias: None };
            let mut key = load(&tx, &target, &[], ctx).await.map_err(missing_target)?.into_subject();
            key.body.alias_count = key.body.alias_count.saturating_sub(1);
            tx.put(&key.row_key(), &key.body)?;
            tx.delete::<AliasRecord>(row_key)?;
            tx.delete::<KeyAliasRecord>(&KeyAliasRowKey::new(row_key, record.target))?;
            Ok(())
        })
        .await
}

/// An alias without its key is damage, not the caller's mistake.
fn missing_target(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::KeyNotFound(_) => ServiceError::Internal(InternalError::RowMissing("alias target")),
        other => other,
    }
}
