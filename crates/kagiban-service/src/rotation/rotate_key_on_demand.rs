//! RotateKeyOnDemand.

use kagiban_api::{RotateKeyOnDemandRequest, RotateKeyOnDemandResponse, RotationType};

use super::{require_symmetric, rotate::rotate};
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::{change, state};
use crate::multi_region::require_primary;
use crate::records::key::KeyRecord;
use crate::resolve;

/// How close an automatic rotation keeps others off.
const CLOSE_MS: i64 = 20 * 60 * 1000;

/// Rotates a key now. The schedule of automatic rotation stays as it is.
pub(crate) async fn handle(
    input: &RotateKeyOnDemandRequest,
    ctx: &Context<'_>,
) -> Result<RotateKeyOnDemandResponse, ServiceError> {
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let named = &named;
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let mut key = change::permitted(&tx, named, &[], ctx).await?.into_subject();
            require_symmetric(&key)?;
            state::require(ctx.row.states, &key)?;
            require_primary(&key)?;
            require_room(&key, ctx)?;
            key.body.rotation.on_demand_count = key.body.rotation.on_demand_count.saturating_add(1);
            rotate(&tx, &mut key, RotationType::OnDemand, ctx.now, ctx.service).await
        })
        .await?;
    Ok(RotateKeyOnDemandResponse { key_id: Some(input.key_id.clone()) })
}

/// Neither too many of them, nor one beside another.
fn require_room(key: &KeyRecord, ctx: &Context<'_>) -> Result<(), ServiceError> {
    if key.body.multi_region.as_ref().is_some_and(|set| set.rotating.is_some()) {
        return Err(ServiceError::RotationUnderWay(key.arn));
    }
    let usage = key.body.rotation.on_demand_count;
    let limit = ctx.limits().on_demand_rotations_per_key;
    if usage >= limit {
        return Err(ServiceError::RotationLimit { limit, usage });
    }
    match &key.body.rotation.automatic {
        Some(automatic) if automatic.next.ms_since(ctx.now) <= CLOSE_MS => Err(ServiceError::RotationDue(key.arn)),
        _ => Ok(()),
    }
}
