//! AdvanceClock and DescribeClock: the time of a development deployment, which can be moved ahead and never back.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::fields::Seconds;
use super::{Context, Operation, permission, seconds};
use crate::error::ServiceError;
use crate::moved_clock::{self, Moved};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AdvanceClockRequest {
    seconds: Seconds,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DescribeClockRequest {}

/// What the clock shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ClockResponse {
    #[serde(serialize_with = "seconds")]
    now: Timestamp,
    /// How far it is ahead of the world's time.
    seconds_ahead: i64,
}

impl From<Moved> for ClockResponse {
    fn from(moved: Moved) -> Self {
        Self { now: moved.now, seconds_ahead: moved.ahead_ms / 1000 }
    }
}

/// Moves the clock ahead. What comes due by it has been done when the answer leaves.
pub(super) async fn advance(input: &AdvanceClockRequest, ctx: &Context<'_>) -> Result<ClockResponse, ServiceError> {
    let _permitted = permission::require(Operation::AdvanceClock, ctx)?;
    let ms = i64::try_from(input.seconds.0).unwrap_or(i64::MAX).saturating_mul(1000);
    Ok(moved_clock::advance(ctx.service, ms).await?.into())
}

/// Tells the time.
pub(super) fn describe(_: &DescribeClockRequest, ctx: &Context<'_>) -> Result<ClockResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeClock, ctx)?;
    Ok(moved_clock::of(ctx.service)?.state().into())
}
