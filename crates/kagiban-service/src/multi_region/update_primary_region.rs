//! UpdatePrimaryRegion.

use kagiban_api::{KeyState, UpdatePrimaryRegionRequest};
use kagiban_base::id::Region;
use kagiban_storage::Transaction;

use super::{region_named, related, require_multi_region, require_primary};
use crate::authorize;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::{change, state};
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::multi_region::Handover;
use crate::resolve::{self, Named};

/// Begins to move the primary role to a replica. A job brings the successor up to date and hands over.
pub(crate) async fn handle(input: &UpdatePrimaryRegionRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let named = &resolve::named(&input.key_id, ctx.row.action, ctx)?;
    ctx.service
        .transact(ctx.operation().name(), |tx: Transaction| async move { begin(&tx, named, input, ctx).await })
        .await
}

async fn begin(
    tx: &Transaction,
    named: &Named,
    input: &UpdatePrimaryRegionRequest,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let facts = [Fact::PrimaryRegion(&input.primary_region)];
    let mut old = change::permitted(tx, named, &facts, ctx).await?.into_subject();
    let region = region_named(&input.primary_region, ctx)?;
    require_multi_region(&old)?;
    state::require(ctx.row.states, &old)?;
    let mut new = successor(tx, &old, region, &facts, ctx).await?;
    if is_on_its_way(&old, region) {
        return Ok(());
    }
    require_primary(&old)?;
    state::require(ctx.row.states, &new)?;
    // A role that moves already arrives first.
    for key in [&old, &new] {
        if key.body.state == KeyState::Updating {
            return Err(ServiceError::KeyInState(key.arn, key.body.state));
        }
    }
    if let Some(set) = old.body.multi_region.as_mut() {
        set.handover = Some(Handover::To(region));
    }
    for key in [&mut old, &mut new] {
        key.body.state = KeyState::Updating;
        tx.put(&key.row_key(), &key.body)?;
    }
    Ok(())
}

/// The replica that is to be the primary, and whether the caller may do this to it in its Region.
async fn successor(
    tx: &Transaction,
    old: &KeyRecord,
    region: Region,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<KeyRecord, ServiceError> {
    let arn = related(&old.arn, region);
    if region == old.arn.region {
        let text = format!("{arn} cannot take the primary role over from itself.");
        return Err(ServiceError::Unsupported(text));
    }
    let caller = ctx.caller.in_region(region);
    let there = Context { caller: &caller, ..*ctx };
    let body = tx.read::<KeyBody>(&arn.into()).await?.ok_or(ServiceError::KeyNotFound(arn))?;
    Ok(authorize::key(ctx.row.action, KeyRecord::new(arn, body), facts, &there)?.into_subject())
}

/// Whether this very change has begun.
fn is_on_its_way(old: &KeyRecord, region: Region) -> bool {
    old.body
        .multi_region
        .as_ref()
        .is_some_and(|set| matches!(set.handover, Some(Handover::To(to) | Handover::Yielded(to)) if to == region))
}
