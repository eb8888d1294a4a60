//! EnableKeyRotation.

use kagiban_api::EnableKeyRotationRequest;

use super::change_settings;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::records::key::AutomaticRotation;

/// Days between rotations when the request names none; the model holds others within 90 and 2,560. (AWS does not say
/// whether a key that has another period already keeps it then; here it does not.)
const PERIOD_DAYS_DEFAULT: i32 = 365;

/// Starts automatic rotation, or changes its period. The schedule begins now.
pub(crate) async fn handle(input: &EnableKeyRotationRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let period_days = input.rotation_period_in_days.unwrap_or(PERIOD_DAYS_DEFAULT);
    let next = ctx.now.plus_days(i64::from(period_days));
    change_settings(&input.key_id, &[Fact::RotationPeriodInDays(period_days)], ctx, |key| {
        key.body.rotation.automatic = Some(AutomaticRotation { since: ctx.now, period_days, next });
    })
    .await
}
