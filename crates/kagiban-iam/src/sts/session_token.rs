//! GetSessionToken: credentials of the caller's own, to bring an MFA code into them.
//!
//! No policy decides, as the caller gets nothing that it did not have.

use kagiban_api::sts::{GetSessionTokenRequest, GetSessionTokenResponse, Operation};
use kagiban_identity::session::{SessionClaims, SessionPrincipal};

use super::{cannot_call, credentials, denied, mfa};
use crate::caller::Principal;
use crate::context::Context;
use crate::error::IamError;

/// Length of a session when none is asked for, in seconds.
const DURATION_DEFAULT_S: u32 = 43_200;
/// Longest session of a root, in seconds.
const DURATION_MAX_OF_ROOT_S: u32 = 3600;

pub(super) async fn get_session_token(
    input: &GetSessionTokenRequest,
    ctx: &Context<'_>,
) -> Result<GetSessionTokenResponse, IamError> {
    if ctx.caller.session().is_some() {
        return Err(cannot_call(Operation::GetSessionToken));
    }
    let asked = input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DURATION_DEFAULT_S);
    let (principal, duration_s) = match ctx.caller.principal() {
        // Cut without a word, as AWS does.
        Principal::Root => (SessionPrincipal::Root, asked.min(DURATION_MAX_OF_ROOT_S)),
        Principal::User(user) => (SessionPrincipal::User { unique_id: user.key.id }, asked),
        Principal::RoleSession(_) => return Err(cannot_call(Operation::GetSessionToken)),
        Principal::Service(_) => return Err(denied("Cannot call GetSessionToken as a service")),
    };
    let has_mfa = mfa::verify(ctx, input.serial_number.as_deref(), input.token_code.as_deref()).await?;
    let session = credentials::new_session(ctx.iam, ctx.account(), principal, ctx.now, duration_s)?;
    let session = SessionClaims { mfa_authenticated_at: has_mfa.then_some(ctx.now), ..session };
    Ok(GetSessionTokenResponse { credentials: Some(credentials::issue(ctx.iam, &session)?.credentials) })
}
