//! May the caller do it? Identity policies answer; for what concerns all accounts, the caller's account has to be the
//! management account too. Each answer is kept for those who ask why.

use std::sync::Arc;

use kagiban_base::id::AccountId;
use kagiban_iam::authorize::{Ask, Verdict, no_grant, reasons, verdict};
use kagiban_iam::decisions::{Action, DecisionRecord, DeniedReasons, Outcome};
use kagiban_iam::denial_text;
use kagiban_iam::global_keys::GlobalKeys;
use kagiban_policy::{ConditionKey, ConditionValue, ConditionValues, Decision};

use super::{Context, Operation, SIGNING_NAME};
use crate::error::ServiceError;

/// These operations have no condition keys of their own.
struct Values<'a>(GlobalKeys<'a>);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        self.0.value(key).unwrap_or(ConditionValue::Absent)
    }
}

/// Proof that the caller may do an operation; made by [`require`] alone.
#[derive(Debug)]
pub(super) struct Permitted {
    _asked: (),
}

/// Asks whether the caller may do the operation.
///
/// # Errors
/// AccessDenied.
pub(super) fn require(operation: Operation, ctx: &Context<'_>) -> Result<Permitted, ServiceError> {
    require_of(operation, operation.is_of_the_deployment(), ctx)
}

/// Asks whether the caller may do the operation in this account, its own or another one.
///
/// # Errors
/// AccessDenied.
pub(super) fn require_about(
    account: AccountId,
    operation: Operation,
    ctx: &Context<'_>,
) -> Result<Permitted, ServiceError> {
    require_of(operation, account != ctx.caller.account(), ctx)
}

/// Asks whether the caller may do the operation for all accounts.
///
/// # Errors
/// AccessDenied.
pub(super) fn require_in_management(operation: Operation, ctx: &Context<'_>) -> Result<Permitted, ServiceError> {
    require_of(operation, true, ctx)
}

fn require_of(operation: Operation, is_of_others: bool, ctx: &Context<'_>) -> Result<Permitted, ServiceError> {
    let action = Action { service: SIGNING_NAME, name: operation.name() };
    let name = action.to_string();
    let values = Values(GlobalKeys { caller: Some(ctx.caller), request: ctx.request, now: ctx.now });
    let ask = Ask { action: &name, resource: "*", values: &values, resource_policies: None, grant: &no_grant };
    let directory = &*ctx.service.iam.directory;
    let verdict = verdict(ctx.caller, directory, &ask);
    let Verdict::Decided(Decision::Allowed(by)) = verdict else {
        let text = denial_text(&ctx.caller.arn(), &name, "*", &verdict);
        let reasons = DeniedReasons::new(question(&name, ctx), text, reasons(ctx.caller, directory, &ask).as_ref());
        return Err(deny(action, reasons, ctx));
    };
    if is_of_others && ctx.service.management_account != Some(ctx.caller.account()) {
        return Err(deny(action, of_another_account(&name, ctx), ctx));
    }
    keep(action, Outcome::Allowed { by, standing: ctx.caller.shared_standing() }, ctx);
    Ok(Permitted { _asked: () })
}

/// The refusal of a caller whose policies allow what only the management account may do. Which account that is, is not
/// told.
fn of_another_account(name: &str, ctx: &Context<'_>) -> DeniedReasons {
    let caller = ctx.caller.arn();
    DeniedReasons {
        question: question(name, ctx),
        answer: format!(
            "User: {caller} is not authorized to perform: {name} on resource: * because only the management account of \
             the deployment may"
        ),
        caller_side: "The caller's policies allow it; its account is not the management account.\n".to_owned(),
        resource_side: String::new(),
    }
}

fn question(name: &str, ctx: &Context<'_>) -> String {
    format!("{} asked for {name} on *.", ctx.caller.arn())
}

fn deny(action: Action, reasons: DeniedReasons, ctx: &Context<'_>) -> ServiceError {
    tracing::debug!(request_id = ctx.request.request_id.as_str(), %action, "denied");
    let text = reasons.answer.clone();
    keep(action, Outcome::Denied(Arc::new(reasons)), ctx);
    ServiceError::AccessDenied(text)
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
