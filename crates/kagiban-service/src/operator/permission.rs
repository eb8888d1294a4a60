//! May the caller do it? Identity policies answer; for what concerns all accounts, the caller's account has to be the
//! management account too. Each answer is kept for those who ask why.

use kagiban_base::id::AccountId;
use kagiban_iam::decisions::{Action, DeniedReasons};

use super::{Context, Operation, SIGNING_NAME};
use crate::error::ServiceError;
use crate::identity_permission::Question;

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
    let Context { service, caller, request, now, .. } = *ctx;
    let question = Question { action, resource: "*", caller, request, service, now };
    let by = question.decide().map_err(|reasons| question.deny(reasons))?;
    if is_of_others && service.management_account != Some(caller.account()) {
        return Err(question.deny(of_another_account(&question)));
    }
    question.allow(by);
    Ok(Permitted { _asked: () })
}

/// The refusal of a caller whose policies allow what only the management account may do. Which account that is, is not
/// told.
fn of_another_account(question: &Question<'_>) -> DeniedReasons {
    let (caller, name) = (question.caller.arn(), question.action);
    DeniedReasons {
        question: question.text(),
        answer: format!(
            "User: {caller} is not authorized to perform: {name} on resource: * because only the management account of \
             the deployment may"
        ),
        caller_side: "The caller's policies allow it; its account is not the management account.\n".to_owned(),
        resource_side: String::new(),
    }
}
