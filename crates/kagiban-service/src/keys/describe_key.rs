//! DescribeKey.

use kagiban_api::{DescribeKeyRequest, DescribeKeyResponse};

use super::metadata;
use crate::authorize;
use crate::context::Context;
use crate::cryptographic::refuse_grant_tokens;
use crate::error::ServiceError;
use crate::resolve;

/// Shows a key's metadata, in every state.
pub(crate) fn handle(input: &DescribeKeyRequest, ctx: &Context<'_>) -> Result<DescribeKeyResponse, ServiceError> {
    let key = resolve::key(&input.key_id, ctx.row.forms, ctx.operation(), ctx.caller, &ctx.service.view)?;
    let key = authorize::key(ctx.caller, ctx.operation(), key)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    Ok(DescribeKeyResponse { key_metadata: Some(metadata::of(key.subject())) })
}
