//! The common course of operations that change one key: find it, ask for permission, check its state, change its row.

use crate::authorize::{self, Authorized};
use kagiban_storage::Transaction;

use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::state;
use crate::records::key::KeyRecord;
use crate::resolve;

/// Changes the key that `identifier` names. `decide` sees a key that the caller may change and whose state admits the
/// operation; it is run again on fresh data when another writer was faster, so it must have no other effect.
///
/// # Errors
/// What resolving, permission, state and `decide` give, in this order; internal errors of the store.
pub(crate) async fn change<T: Send>(
    identifier: &str,
    ctx: &Context<'_>,
    decide: impl Fn(&mut KeyRecord) -> Result<T, ServiceError> + Send + Sync,
) -> Result<T, ServiceError> {
    let arn = resolve::arn(identifier, ctx.row.forms, ctx.operation(), ctx.caller, &ctx.service.view)?;
    let decide = &decide;
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let mut key = load(&tx, arn, ctx).await?.into_subject();
            let result = decide(&mut key)?;
            tx.put(&key.row_key(), &key.body)?;
            Ok(result)
        })
        .await
}

/// The key as this transaction sees it, permitted and in a fit state.
pub(crate) async fn load(
    tx: &Transaction,
    arn: kagiban_base::arn::KeyArn,
    ctx: &Context<'_>,
) -> Result<Authorized<KeyRecord>, ServiceError> {
    let body = tx.read(&arn.into()).await?.ok_or(ServiceError::KeyNotFound(arn))?;
    let key = authorize::key(ctx.caller, ctx.operation(), KeyRecord::new(arn, body))?;
    state::require(ctx.row.states, key.subject())?;
    Ok(key)
}
