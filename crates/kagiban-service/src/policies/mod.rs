//! Operations on key policies, and what a policy document may be.

pub(crate) mod get_key_policy;
pub(crate) mod list_key_policies;
pub(crate) mod put_key_policy;

use kagiban_iam::BoundPolicy;
use kagiban_iam::directory::Directory;
use kagiban_iam::known_actions::KMS_ACTIONS;
use kagiban_iam::principals::bind_principals;
use kagiban_policy::tree::PrincipalArn;
use kagiban_policy::{CompiledPolicy, allows_everyone, parse_key_policy};

use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;
use crate::quotas::ResourceLimits;
use crate::records::key::KeyRecord;

/// The one policy name that callers manage.
const DEFAULT_NAME: &str = "default";
/// The name of the policy that resource sharing would write.
const RAM_NAME: &str = "AWS_RAM";

/// A policy document that may become a key's policy.
pub(crate) struct NewPolicy {
    pub(crate) bound: BoundPolicy,
    pub(crate) compiled: CompiledPolicy,
}

/// Is this text a key policy no longer than its quota, and do its principals exist?
///
/// # Errors
/// LimitExceeded when it is too long, MalformedPolicyDocument when it is none: without text when it is no JSON at all, as
/// AWS answers, else saying where and why.
pub(crate) fn checked(
    document: &str,
    directory: &Directory,
    limits: &ResourceLimits,
) -> Result<NewPolicy, ServiceError> {
    let max = limits.key_policy_len;
    if document.len() > max {
        return Err(ServiceError::PolicyTooLong { len: document.len(), max });
    }
    let policy = parse_key_policy(document)
        .map_err(|malformed| ServiceError::MalformedPolicy(malformed.is_json().then(|| malformed.message())))?;
    let principals = bind_principals(&policy, directory).map_err(|invalid| {
        ServiceError::MalformedPolicy(Some(format!(
            "Policy contains a statement with one or more invalid principals. {}",
            invalid.message()
        )))
    })?;
    let bound = BoundPolicy { document: document.to_owned(), principals };
    let compiled = CompiledPolicy::compile(&policy, &|principal| bound_id(&bound, principal));
    Ok(NewPolicy { bound, compiled })
}

/// A stored policy, ready for decisions, and whether it allows something to everyone; `None` when it cannot be read.
pub(crate) fn compile(bound: &BoundPolicy) -> Option<(CompiledPolicy, bool)> {
    let policy = parse_key_policy(&bound.document).ok()?;
    let compiled = CompiledPolicy::compile(&policy, &|principal| bound_id(bound, principal)).knowing(&KMS_ACTIONS);
    Some((compiled, allows_everyone(&policy)))
}

/// The unique id that a user or role had when the policy was saved.
fn bound_id(bound: &BoundPolicy, principal: &PrincipalArn) -> Option<Box<str>> {
    bound.principals.get(&*principal.arn).map(|id| id.as_str().into())
}

/// The lockout safety check: a policy must let its maker put another one, unless the request says that this is not wanted.
///
/// # Errors
/// MalformedPolicyDocument.
pub(crate) fn require_no_lockout(
    policy: &NewPolicy,
    key: &KeyRecord,
    bypass: Option<bool>,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    if bypass == Some(true) || authorize::could_put_policy(&policy.compiled, key, ctx) {
        return Ok(());
    }
    Err(locks_out())
}

/// The refusal of the lockout safety check.
pub(crate) fn locks_out() -> ServiceError {
    let text = "The new key policy will not allow you to update the key policy in the future.";
    ServiceError::MalformedPolicy(Some(text.to_owned()))
}
