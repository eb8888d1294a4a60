//! UpdateAlias.

use kagiban_api::UpdateAliasRequest;
use kagiban_base::arn::{AliasArn, KeyArn};

use super::{count_one_more, name, target};
use crate::authorize;
use kagiban_storage::Transaction;

use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::keys::change::load;
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};
use crate::records::key::{KeyBody, KeyRecord};
use crate::resolve::Named;

/// Points an alias at another key of the same type and usage. The old target may be in any state.
pub(crate) async fn handle(input: &UpdateAliasRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let alias = authorize::alias(ctx.operation(), name(&input.alias_name)?, ctx)?.into_subject();
    let target = target(&input.target_key_id, ctx)?;
    let (alias, target) = (&alias, &target);
    ctx.service.transact(ctx.operation().name(), |tx| async move { move_alias(&tx, alias, target, ctx).await }).await
}

async fn move_alias(tx: &Transaction, alias: &AliasArn, named: &Named, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let row_key = AliasRowKey::from(alias.clone());
    let target = named.arn;
    let mut new = load(tx, named, &[], ctx).await?.into_subject();
    let not_found = || ServiceError::AliasNotFound(Box::new(alias.clone()));
    let record: AliasRecord = tx.read(&row_key).await?.ok_or_else(not_found)?;
    if record.target != target.key_id {
        let mut old = current_target(tx, &record, target, ctx).await?;
        if old.body.key_spec != new.body.key_spec && !same_type(&old.body, &new.body)
            || old.body.key_usage != new.body.key_usage
        {
            return Err(ServiceError::AliasTargetUnlike);
        }
        count_one_more(&mut new.body.alias_count, ctx.limits().aliases_per_key)?;
        old.body.alias_count = old.body.alias_count.saturating_sub(1);
        tx.put(&old.row_key(), &old.body)?;
        tx.put(&new.row_key(), &new.body)?;
        tx.delete::<KeyAliasRecord>(&KeyAliasRowKey::new(&row_key, record.target))?;
        tx.insert(&KeyAliasRowKey::new(&row_key, target.key_id), &KeyAliasRecord {}).await?;
    }
    tx.put(&row_key, &AliasRecord { target: target.key_id, created: record.created, updated: ctx.now })?;
    Ok(())
}

/// The key the alias points to now, which the caller must be allowed to take it from.
async fn current_target(
    tx: &Transaction,
    record: &AliasRecord,
    target: KeyArn,
    ctx: &Context<'_>,
) -> Result<KeyRecord, ServiceError> {
    let arn = KeyArn { key_id: record.target, ..target };
    let body = tx.read(&arn.into()).await?.ok_or(ServiceError::Internal(InternalError::RowMissing("alias target")))?;
    Ok(authorize::key(ctx.row.action, KeyRecord::new(arn, body), &[], ctx)?.into_subject())
}

/// Both symmetric, or both not. HMAC and asymmetric keys are told apart by their usage.
fn same_type(one: &KeyBody, other: &KeyBody) -> bool {
    let symmetric = |body: &KeyBody| body.key_spec == kagiban_api::KeySpec::SymmetricDefault;
    symmetric(one) == symmetric(other)
}
