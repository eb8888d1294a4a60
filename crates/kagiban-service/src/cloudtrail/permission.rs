//! May the caller do it? Identity policies answer.

use kagiban_iam::decisions::Action;

use super::{Context, SIGNING_NAME};
use crate::error::ServiceError;
use crate::identity_permission::Question;

/// Asks whether the caller may do the operation on a resource: a trail's ARN, or `*` where it is about none (service
/// authorization reference, CloudTrail).
///
/// # Errors
/// AccessDenied.
pub(super) fn require(resource: &str, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let action = Action { service: SIGNING_NAME, name: ctx.operation.name() };
    let Context { service, caller, request, now, .. } = *ctx;
    let question = Question { action, resource, caller, request, service, now };
    let by = question.decide().map_err(|reasons| question.deny(reasons))?;
    question.allow(by);
    Ok(())
}
