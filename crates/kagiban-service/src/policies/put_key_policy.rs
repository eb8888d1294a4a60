//! PutKeyPolicy.

use kagiban_api::PutKeyPolicyRequest;

use super::{DEFAULT_NAME, RAM_NAME, checked, require_no_lockout};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::change::load;
use crate::records::key_policy::KeyPolicyRecord;
use crate::resolve;

/// Replaces the key's policy, letter by letter. The next request is decided by the new one.
pub(crate) async fn handle(input: &PutKeyPolicyRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let name = input.policy_name.as_deref().unwrap_or(DEFAULT_NAME);
    let bypass = input.bypass_policy_lockout_safety_check;
    let facts = [Fact::BypassPolicyLockoutSafetyCheck(bypass), Fact::PolicyName(name)];
    let (named, facts) = (&named, &facts);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let key = load(&tx, named, facts, ctx).await?.into_subject();
            let policy = match name {
                DEFAULT_NAME => checked(&input.policy, ctx.directory(), &ctx.limits())?,
                RAM_NAME => return Err(ServiceError::PolicyManagedByRam),
                _ => return Err(ServiceError::PolicyNotFound),
            };
            require_no_lockout(&policy, &key, bypass, ctx)?;
            tx.put(&key.row_key(), &KeyPolicyRecord(policy.bound))?;
            Ok(())
        })
        .await
}
