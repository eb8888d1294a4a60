//! GetKeyPolicy.

use kagiban_api::{GetKeyPolicyRequest, GetKeyPolicyResponse};
use kagiban_iam::principals::show;

use super::DEFAULT_NAME;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::records::key_policy::KeyPolicyRecord;
use crate::resolve;

/// Gives the key's policy as it was put; users and roles that are gone show as their unique ids.
pub(crate) async fn handle(
    input: &GetKeyPolicyRequest,
    ctx: &Context<'_>,
) -> Result<GetKeyPolicyResponse, ServiceError> {
    let key = resolve::permitted(
        &input.key_id,
        ctx.row.action,
        &[Fact::PolicyName(input.policy_name.as_deref().unwrap_or(DEFAULT_NAME))],
        ctx,
    )?;
    if input.policy_name.as_deref().unwrap_or(DEFAULT_NAME) != DEFAULT_NAME {
        return Err(ServiceError::PolicyNotFound);
    }
    let snapshot = ctx.service.store.snapshot().await?;
    let policy: Option<KeyPolicyRecord> = snapshot.read(&key.subject().row_key()).await?;
    let policy = policy.ok_or(ServiceError::Internal(InternalError::RowMissing("key policy")))?;
    Ok(GetKeyPolicyResponse {
        policy: Some(show(&policy.0, ctx.directory())),
        policy_name: Some(DEFAULT_NAME.to_owned()),
    })
}
