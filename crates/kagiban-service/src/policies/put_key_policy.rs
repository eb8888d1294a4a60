//! PutKeyPolicy.

use kagiban_api::PutKeyPolicyRequest;

use super::{DEFAULT_NAME, RAM_NAME, require_well_formed};
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::change::load;
use crate::records::key_policy::KeyPolicyRecord;
use crate::resolve;

/// Replaces the key's policy, letter by letter.
pub(crate) async fn handle(input: &PutKeyPolicyRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let arn = resolve::arn(&input.key_id, ctx.row.forms, ctx.operation(), ctx.caller, &ctx.service.view)?;
    let policy = KeyPolicyRecord { document: input.policy.clone() };
    let policy = &policy;
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let key = load(&tx, arn, ctx).await?;
            match input.policy_name.as_deref().unwrap_or(DEFAULT_NAME) {
                DEFAULT_NAME => require_well_formed(&policy.document)?,
                RAM_NAME => return Err(ServiceError::PolicyManagedByRam),
                _ => return Err(ServiceError::PolicyNotFound),
            }
            tx.put(&key.subject().row_key(), policy)?;
            Ok(())
        })
        .await
}
