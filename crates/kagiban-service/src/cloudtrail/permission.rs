//! May the caller do it? Identity policies answer; each answer is kept for those who ask why.

use std::sync::Arc;

use kagiban_iam::authorize::{Ask, Verdict, no_grant, reasons, verdict};
use kagiban_iam::decisions::{Action, DecisionRecord, DeniedReasons, Outcome};
use kagiban_iam::denial_text;
use kagiban_iam::global_keys::GlobalKeys;
use kagiban_policy::{ConditionKey, ConditionValue, ConditionValues, Decision};

use super::{Context, SIGNING_NAME};
use crate::error::ServiceError;

/// These operations have no condition keys of their own.
struct Values<'a>(GlobalKeys<'a>);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        self.0.value(key).unwrap_or(ConditionValue::Absent)
    }
}

/// Asks whether the caller may do the operation on a resource: a trail's ARN, or `*` where it is about none (service
/// authorization reference, CloudTrail).
///
/// # Errors
/// AccessDenied.
pub(super) fn require(resource: &str, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let action = Action { service: SIGNING_NAME, name: ctx.operation.name() };
    let name = action.to_string();
    let values = Values(GlobalKeys { caller: Some(ctx.caller), request: ctx.request, now: ctx.now });
    let ask = Ask { action: &name, resource, values: &values, resource_policies: None, grant: &no_grant };
    let directory = &*ctx.service.iam.directory;
    let verdict = verdict(ctx.caller, directory, &ask);
    if let Verdict::Decided(Decision::Allowed(by)) = verdict {
        keep(action, Outcome::Allowed { by, standing: ctx.caller.shared_standing() }, ctx);
        return Ok(());
    }
    let text = denial_text(&ctx.caller.arn(), &name, resource, &verdict);
    let question = format!("{} asked for {name} on {resource}.", ctx.caller.arn());
    let reasons = DeniedReasons::new(question, text.clone(), reasons(ctx.caller, directory, &ask).as_ref());
    keep(action, Outcome::Denied(Arc::new(reasons)), ctx);
    Err(ServiceError::AccessDenied(text))
}

fn keep(action: Action, outcome: Outcome, ctx: &Context<'_>) {
    let account = ctx.caller.account();
    ctx.service.iam.decisions.keep(DecisionRecord {
        request_id: ctx.request.request_id,
        at: ctx.now,
        caller_account: account,
        resource_account: account,
        action,
        outcome,
    });
}
