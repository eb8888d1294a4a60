//! CreateAlias.

use kagiban_api::CreateAliasRequest;

use super::{count_one_more, name, target};
use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::change::load;
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};

/// Gives a key a name that is unique in the account and Region.
pub(crate) async fn handle(input: &CreateAliasRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let alias = authorize::alias(ctx.operation(), name(&input.alias_name)?, ctx)?.into_subject();
    let target = target(&input.target_key_id, ctx)?;
    let row_key = AliasRowKey::from(alias.clone());
    let (alias, row_key, target) = (&alias, &row_key, &target);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let mut key = load(&tx, target, &[], ctx).await?.into_subject();
            if tx.read::<AliasRecord>(row_key).await?.is_some() {
                return Err(ServiceError::AliasExists(Box::new(alias.clone())));
            }
            count_one_more(&mut key.body.alias_count, ctx.limits().aliases_per_key)?;
            tx.put(&key.row_key(), &key.body)?;
            tx.insert(row_key, &AliasRecord { target: target.arn.key_id, created: ctx.now, updated: ctx.now }).await?;
            tx.insert(&KeyAliasRowKey::new(row_key, target.arn.key_id), &KeyAliasRecord {}).await?;
            Ok(())
        })
        .await
}
