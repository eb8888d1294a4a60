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
use kagiban_base::time::Timestamp;

use crate::caller::{Caller, Principal};
use crate::context::{Context, Iam};
use crate::error::IamError;
use crate::query::{Body, input};
use crate::request::RawRequest;

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, form: &Form, ctx: &Context<'_>) -> Result<Body, IamError> {
    let request = ctx.request;
    match operation {
        Operation::AssumeRole => {
            let output = assume_role::assume_role(&input(form)?, ctx).await?;
            Ok(Body::of::<AssumeRoleRequest>(&output, request))
        }
        Operation::AssumeRoleWithWebIdentity => assume_role_with_web_identity(form, ctx.iam, request, ctx.now).await,
        Operation::GetAccessKeyInfo => {
            let output = access_key_info::get_access_key_info(&input(form)?, ctx)?;
            Ok(Body::of::<GetAccessKeyInfoRequest>(&output, request))
        }
        Operation::GetCallerIdentity => {
            let output = caller_identity::get_caller_identity(&input(form)?, ctx);
            Ok(Body::of::<GetCallerIdentityRequest>(&output, request))
        }
        Operation::GetSessionToken => {
            let output = session_token::get_session_token(&input(form)?, ctx).await?;
            Ok(Body::of::<GetSessionTokenRequest>(&output, request))
        }
    }
}

/// The one operation that needs no signature: the token of the provider says who asks.
pub(crate) async fn assume_role_with_web_identity(
    form: &Form,
    iam: &Iam,
    request: &RawRequest,
    now: Timestamp,
) -> Result<Body, IamError> {
    let unsigned = web_identity::Unsigned { iam, request, now };
    let output = web_identity::assume_role_with_web_identity(&input(form)?, &unsigned).await?;
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
