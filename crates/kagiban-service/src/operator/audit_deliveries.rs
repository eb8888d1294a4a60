//! DescribeAuditDeliveries: where the audit goes, how far each target has come, and what is the matter with it.

use kagiban_audit::delivery::TargetStatus;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Context, Operation, optional_seconds, permission};
use crate::error::ServiceError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DescribeAuditDeliveriesRequest {}

/// The trail and its targets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeAuditDeliveriesResponse {
    trail_name: String,
    home_region: String,
    deliveries: Vec<Delivery>,
}

/// One target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Delivery {
    target: String,
    /// The first record that it does not have.
    next_record: u64,
    records_waiting: u64,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    waiting_since: Option<Timestamp>,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    latest_attempt: Option<Timestamp>,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    latest_delivery: Option<Timestamp>,
    /// The end of the time that the latest digest files are about.
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    latest_digest: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Records that were gone before they were delivered, since the start.
    records_lost: u64,
}

/// Tells of the deliveries; of none where the service has none.
pub(super) fn describe(
    _: &DescribeAuditDeliveriesRequest,
    ctx: &Context<'_>,
) -> Result<DescribeAuditDeliveriesResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeAuditDeliveries, ctx)?;
    let Some(trail) = ctx.service.trail.get() else {
        let (trail_name, home_region) = Default::default();
        return Ok(DescribeAuditDeliveriesResponse { trail_name, home_region, deliveries: Vec::new() });
    };
    let description = trail.description().trail;
    Ok(DescribeAuditDeliveriesResponse {
        trail_name: description.name.to_string(),
        home_region: description.home_region.to_string(),
        deliveries: trail.targets().into_iter().map(Delivery::from).collect(),
    })
}

impl From<TargetStatus> for Delivery {
    fn from(status: TargetStatus) -> Self {
        Self {
            target: status.target,
            next_record: status.next.0,
            records_waiting: status.behind,
            waiting_since: status.waiting_since,
            latest_attempt: status.attempted,
            latest_delivery: status.delivered,
            latest_digest: status.digested,
            error: status.error,
            records_lost: status.lost,
        }
    }
}
