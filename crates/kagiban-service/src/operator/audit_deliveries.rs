//! DescribeAuditDeliveries: where the audit goes, how far each target has come, and what is the matter with it; and how far the
//! journals go, by the heads that the store keeps.

use kagiban_audit::delivery::TargetStatus;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Context, Operation, optional_seconds, permission, seconds};
use crate::audit_head::{KeptHead, kept_heads};
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
    /// The heads of the nodes' journals that the store keeps.
    heads: Vec<Head>,
}

/// A head.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    /// The journal's id.
    journal: String,
    /// The last record that is proven by it.
    record: u64,
    #[serde(serialize_with = "seconds")]
    signed: Timestamp,
    /// When it was put into the store.
    #[serde(serialize_with = "seconds")]
    kept: Timestamp,
    /// All of it: what "kagiban audit verify" takes as an anchor.
    text: String,
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
pub(super) async fn describe(
    _: &DescribeAuditDeliveriesRequest,
    ctx: &Context<'_>,
) -> Result<DescribeAuditDeliveriesResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeAuditDeliveries, ctx)?;
    let heads = kept_heads(&ctx.service.store).await?.into_iter().map(Head::from).collect();
    let Some(trail) = ctx.service.trail.get() else {
        let (trail_name, home_region) = Default::default();
        return Ok(DescribeAuditDeliveriesResponse { trail_name, home_region, deliveries: Vec::new(), heads });
    };
    let description = trail.description().trail;
    Ok(DescribeAuditDeliveriesResponse {
        trail_name: description.name.to_string(),
        home_region: description.home_region.to_string(),
        deliveries: trail.targets().into_iter().map(Delivery::from).collect(),
        heads,
    })
}

impl From<KeptHead> for Head {
    fn from(KeptHead { kept, head }: KeptHead) -> Self {
        Self {
            journal: head.head.journal.to_string(),
            record: head.head.at.sequence.0,
            signed: head.head.time,
            kept,
            text: head.to_text(),
        }
    }
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
