//! DescribeKey.

use kagiban_api::{DescribeKeyRequest, DescribeKeyResponse};

use super::metadata;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::resolve;

/// Shows a key's metadata, in every state.
pub(crate) fn handle(input: &DescribeKeyRequest, ctx: &Context<'_>) -> Result<DescribeKeyResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    Ok(DescribeKeyResponse { key_metadata: Some(metadata::of(key.subject())) })
}
