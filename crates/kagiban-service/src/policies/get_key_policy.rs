//! GetKeyPolicy.

use kagiban_api::{GetKeyPolicyRequest, GetKeyPolicyResponse};

use super::DEFAULT_NAME;
use crate::authorize;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::records::key_policy::KeyPolicyRecord;
use crate::resolve;

/// Gives the key's policy as it was put.
pub(crate) async fn handle(
    input: &GetKeyPolicyRequest,
    ctx: &Context<'_>,
) -> Result<GetKeyPolicyResponse, ServiceError> {
    let key = resolve::key(&input.key_id, ctx.row.forms, ctx.operation(), ctx.caller, &ctx.service.view)?;
    let key = authorize::key(ctx.caller, ctx.operation(), key)?;
    if input.policy_name.as_deref().unwrap_or(DEFAULT_NAME) != DEFAULT_NAME {
        return Err(ServiceError::PolicyNotFound);
    }
    let snapshot = ctx.service.store.snapshot().await?;
    let policy: Option<KeyPolicyRecord> = snapshot.read(&key.subject().row_key()).await?;
    let policy = policy.ok_or(ServiceError::Internal(InternalError::RowMissing("key policy")))?;
    Ok(GetKeyPolicyResponse { policy: Some(policy.document), policy_name: Some(DEFAULT_NAME.to_owned()) })
}
