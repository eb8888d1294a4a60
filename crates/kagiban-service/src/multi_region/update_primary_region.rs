//! UpdatePrimaryRegion.

use kagiban_api::{KeyState, UpdatePrimaryRegionRequest};
use kagiban_base::id::Region;
use kagiban_storage::Transaction;

use super::step::{Answer, Message};
use super::{delivery, region_named, related, require_multi_region, require_primary, send};
use crate::authorize;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::{change, state};
use crate::peers::PeerError;
use crate::quotas;
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::multi_region::Handover;
use crate::resolve::{self, Named};

/// Begins to move the primary role to a replica. A job brings the successor up to date and hands over.
pub(crate) async fn handle(input: &UpdatePrimaryRegionRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    // It counts in both Regions; one that is none is told of later.
    if let Some(region) = input.primary_region.parse().ok().filter(|region| *region != ctx.caller.region()) {
        quotas::charge_in(region, ctx.operation(), ctx)?;
    }
    let named = &resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let region = region_named(&input.primary_region, ctx)?;
    if !ctx.service.serves(region) && region != named.arn.region {
        return Box::pin(begin_elsewhere(named, region, input, ctx)).await;
    }
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

/// The same with a successor in another deployment, which is asked first whether it could be the primary. Whether the caller may
/// is asked of the primary's policies alone: callers are not known there.
async fn begin_elsewhere(
    named: &Named,
    region: Region,
    input: &UpdatePrimaryRegionRequest,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let look = |tx: Transaction| async move { promised(&tx, named, region, input, ctx).await };
    let Some(old) = ctx.service.transact("look at a primary", look).await? else { return Ok(()) };
    match delivery::deliver(send::message(&old.arn, region, Message::Ready), ctx.service).await? {
        Answer::Done => {}
        Answer::Absent => return Err(ServiceError::KeyNotFound(related(&old.arn, region))),
        Answer::Later => return Err(PeerError::ReplicaUnfit(related(&old.arn, region)).into()),
        answer => {
            return Err(PeerError::RefusedByPeer(format!("the replica cannot be the primary now ({answer:?})")).into());
        }
    }
    let write = |tx: Transaction| async move {
        if let Some(old) = promised(&tx, named, region, input, ctx).await? {
            tx.put(&old.row_key(), &old.body)?;
        }
        Ok(())
    };
    ctx.service.transact(ctx.operation().name(), write).await
}

/// The old primary with its role promised to a replica in another deployment; `None` if it is on its way. Writes nothing.
async fn promised(
    tx: &Transaction,
    named: &Named,
    region: Region,
    input: &UpdatePrimaryRegionRequest,
    ctx: &Context<'_>,
) -> Result<Option<KeyRecord>, ServiceError> {
    let facts = [Fact::PrimaryRegion(&input.primary_region)];
    let mut old = change::permitted(tx, named, &facts, ctx).await?.into_subject();
    require_multi_region(&old)?;
    state::require(ctx.row.states, &old)?;
    if is_on_its_way(&old, region) {
        return Ok(None);
    }
    require_primary(&old)?;
    if old.body.state == KeyState::Updating {
        return Err(ServiceError::KeyInState(old.arn, old.body.state));
    }
    let successor = related(&old.arn, region);
    let set = old.body.multi_region.as_mut().filter(|set| set.replicas.iter().any(|replica| replica.region == region));
    set.ok_or(ServiceError::KeyNotFound(successor))?.handover = Some(Handover::To(region));
    old.body.state = KeyState::Updating;
    Ok(Some(old))
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
