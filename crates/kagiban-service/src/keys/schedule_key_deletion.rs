//! ScheduleKeyDeletion.

use kagiban_api::{KeyState, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};

use super::change::change;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;

/// The waiting period that the service takes, in days; the model's own bounds are wider.
const WINDOW_DAYS: std::ops::RangeInclusive<i32> = 7..=30;
/// The waiting period when the request names none.
const WINDOW_DAYS_DEFAULT: i32 = 30;

/// Puts a key into PendingDeletion. Until the deletion date it can be taken back. A primary key that has replicas waits for
/// the end of the last one first: PendingReplicaDeletion, without a date.
pub(crate) async fn handle(
    input: &ScheduleKeyDeletionRequest,
    ctx: &Context<'_>,
) -> Result<ScheduleKeyDeletionResponse, ServiceError> {
    let window_days = input.pending_window_in_days.unwrap_or(WINDOW_DAYS_DEFAULT);
    require_window(window_days)?;
    let facts = [Fact::ScheduleKeyDeletionPendingWindowInDays(window_days)];
    change(&input.key_id, &facts, ctx, |key| {
        let body = &mut key.body;
        if body.has_replicas() {
            body.state = KeyState::PendingReplicaDeletion;
            body.pending_window_days = Some(window_days);
        } else {
            body.state = KeyState::PendingDeletion;
            body.deletion_date = Some(ctx.now.plus_days(i64::from(window_days)));
        }
        Ok(ScheduleKeyDeletionResponse {
            key_id: Some(key.arn.to_string()),
            deletion_date: key.body.deletion_date,
            key_state: Some(key.body.state),
            pending_window_in_days: Some(window_days),
        })
    })
    .await
}

fn require_window(days: i32) -> Result<(), ServiceError> {
    let bound = match days {
        days if days < *WINDOW_DAYS.start() => format!("greater than or equal to {}", WINDOW_DAYS.start()),
        days if days > *WINDOW_DAYS.end() => format!("less than or equal to {}", WINDOW_DAYS.end()),
        _ => return Ok(()),
    };
    Err(ServiceError::Validation(format!(
        "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must \
         have value {bound}"
    )))
}
