//! GetKeyRotationStatus.

use kagiban_api::{GetKeyRotationStatusRequest, GetKeyRotationStatusResponse, RotationType};

use super::shown;
use crate::context::Context;
use crate::error::ServiceError;
use crate::resolve;

/// Shows the settings of automatic rotation. Keys that cannot rotate have it switched off; so has a key whose deletion is
/// pending, whose settings come back when the deletion is cancelled. Only a multi-Region key with replicas can be seen while
/// a rotation is under way.
pub(crate) fn handle(
    input: &GetKeyRotationStatusRequest,
    ctx: &Context<'_>,
) -> Result<GetKeyRotationStatusResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    let body = &key.subject().body;
    let automatic = shown(body);
    let rotating = body.multi_region.as_ref().and_then(|set| set.rotating.as_ref());
    let on_demand = rotating.filter(|rotating| rotating.rotation_type == RotationType::OnDemand);
    Ok(GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(automatic.is_some()),
        key_id: Some(key.subject().arn.key_id.to_string()),
        rotation_period_in_days: automatic.map(|automatic| automatic.period_days),
        next_rotation_date: automatic.map(|automatic| automatic.next),
        on_demand_rotation_start_date: on_demand.map(|rotating| rotating.started),
    })
}
