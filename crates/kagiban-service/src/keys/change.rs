//! The common course of operations that change one key: find it, ask for permission, check its state, change its row.

use kagiban_storage::Transaction;

use crate::authorize::{self, Authorized};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::state;
use crate::records::key::{KeyBody, KeyRecord};
use crate::resolve::{self, Named};

/// Changes the key that `identifier` names. `decide` sees a key that the caller may change and whose state admits the
/// operation; it is run again on fresh data when another writer was faster, so it must have no other effect.
///
/// # Errors
/// What resolving, permission, state and `decide` give, in this order; internal errors of the store.
pub(crate) async fn change<T: Send>(
    identifier: &str,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
    decide: impl Fn(&mut KeyRecord) -> Result<T, ServiceError> + Send + Sync,
) -> Result<T, ServiceError> {
    let named = resolve::named(identifier, ctx.row.action, ctx)?;
    let (named, decide) = (&named, &decide);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let mut key = load(&tx, named, facts, ctx).await?.into_subject();
            let result = decide(&mut key)?;
            tx.put(&key.row_key(), &key.body)?;
            Ok(result)
        })
        .await
}

/// The key as this transaction sees it, permitted and in a fit state.
pub(crate) async fn load(
    tx: &Transaction,
    named: &Named,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<KeyRecord>, ServiceError> {
    let key = permitted(tx, named, facts, ctx).await?;
    state::require(ctx.row.states, key.subject())?;
    Ok(key)
}

/// The key as this transaction sees it, permitted, in whatever state.
pub(crate) async fn permitted(
    tx: &Transaction,
    named: &Named,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<KeyRecord>, ServiceError> {
    let body: Option<KeyBody> = tx.read(&named.arn.into()).await?;
    let found = body.map(|body| KeyRecord::new(named.arn, body));
    authorize::named(ctx.row.action, named, found, facts, ctx)
}
