//! GetCallerIdentity: who am I? Needs no permission, and no policy can forbid it.

use kagiban_api::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};

use crate::context::Context;

pub(super) fn get_caller_identity(_: &GetCallerIdentityRequest, ctx: &Context<'_>) -> GetCallerIdentityResponse {
    GetCallerIdentityResponse {
        user_id: Some(ctx.caller.user_id()),
        account: Some(ctx.account().to_string()),
        arn: Some(ctx.caller.arn()),
    }
}
