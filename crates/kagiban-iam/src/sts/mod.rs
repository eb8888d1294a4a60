//! The operations of STS: who am I, and temporary credentials.

mod access_key_info;
mod assume_role;
mod caller_identity;
mod credentials;
mod mfa;
mod session_policies;
mod session_tags;
mod session_token;
mod target;
mod web_identity;

use kagiban_api::query::Form;
use kagiban_api::sts::{
    AssumeRoleRequest, AssumeRoleWithWebIdentityRequest, ErrorCode, GetAccessKeyInfoRequest, GetCallerIdentityRequest,
    GetSessionTokenRequest, Operation,
};
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

use crate::audit::Notes;
use crate::caller::{Caller, Principal};
use crate::context::{Context, Iam};
use crate::error::IamError;
use crate::query::{Body, input};
use crate::request::RawRequest;

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, form: &Form, ctx: &Context<'_>) -> Result<Body, IamError> {
    macro_rules! done {
        ($input:ident, |$decoded:ident| $output:expr) => {{
            let $decoded = &input::<$input>(form)?;
            ctx.notes.parameters($decoded);
            let output = $output;
            ctx.notes.response(&output);
            Ok(Body::of::<$input>(&output, ctx.request))
        }};
    }
    match operation {
        Operation::AssumeRole => done!(AssumeRoleRequest, |input| {
            let output = assume_role::assume_role(input, ctx).await?;
            note_role(&input.role_arn, ctx);
            output
        }),
        Operation::AssumeRoleWithWebIdentity => {
            assume_role_with_web_identity(form, ctx.iam, ctx.notes, ctx.request, ctx.now).await
        }
        Operation::GetAccessKeyInfo => {
            done!(GetAccessKeyInfoRequest, |input| access_key_info::get_access_key_info(input, ctx)?)
        }
        Operation::GetCallerIdentity => {
            done!(GetCallerIdentityRequest, |input| caller_identity::get_caller_identity(input, ctx))
        }
        Operation::GetSessionToken => {
            done!(GetSessionTokenRequest, |input| session_token::get_session_token(input, ctx).await?)
        }
    }
}

/// Notes the role that was assumed; its account learns of it, too.
fn note_role(arn: &str, ctx: &Context<'_>) {
    ctx.notes.resource(arn);
    let account: Option<AccountId> = arn.split(':').nth(4).and_then(|account| account.parse().ok());
    if let Some(account) = account.filter(|account| *account != ctx.account()) {
        ctx.notes.other_account(account);
    }
}

/// The one operation that needs no signature: the token of the provider says who asks.
pub(crate) async fn assume_role_with_web_identity(
    form: &Form,
    iam: &Iam,
    notes: &Notes,
    request: &RawRequest,
    now: Timestamp,
) -> Result<Body, IamError> {
    let unsigned = web_identity::Unsigned { iam, request, notes, now };
    let input = input(form)?;
    notes.parameters(&input);
    let output = web_identity::assume_role_with_web_identity(&input, &unsigned).await?;
    notes.response(&output);
    Ok(Body::of::<AssumeRoleWithWebIdentityRequest>(&output, request))
}

/// Whether the caller's credentials are those of GetSessionToken, which reach less than the user's own keys: of STS two
/// operations, IAM only with MFA.
pub(crate) fn is_own_session(caller: &Caller) -> bool {
    match caller.principal() {
        Principal::Root | Principal::User(_) => caller.session().is_some(),
        Principal::RoleSession(_) | Principal::Service(_) => false,
    }
}

fn cannot_call(operation: Operation) -> IamError {
    denied(format!("Cannot call {} with session credentials", operation.name()))
}

fn denied(message: impl Into<String>) -> IamError {
    IamError::sts(ErrorCode::AccessDenied, message)
}

fn invalid(message: impl Into<String>) -> IamError {
    IamError::sts(ErrorCode::ValidationError, message)
}
