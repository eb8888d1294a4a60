//! Session policies: what a session is limited to, beyond its role.

use kagiban_api::sts::{ErrorCode, PolicyDescriptorType};
use kagiban_base::id::{AccountId, Partition};
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::session::SESSION_POLICY_ARNS_MAX;
use kagiban_policy::parse_identity_policy;

use super::invalid;
use crate::directory::Directory;
use crate::error::IamError;
use crate::managed_policies;
use crate::records::{AWS_POLICY_PREFIX, PolicyRef};

/// Longest inline session policy, in characters (STS API reference, AssumeRole).
const INLINE_CHARS_MAX: usize = 2048;

/// Reads the inline session policy.
pub(super) fn inline(document: Option<&str>) -> Result<Vec<String>, IamError> {
    let Some(document) = document else { return Ok(Vec::new()) };
    if document.chars().count() > INLINE_CHARS_MAX {
        return Err(invalid(format!(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less \
             than or equal to {INLINE_CHARS_MAX}"
        )));
    }
    parse_identity_policy(document)
        .map_err(|error| IamError::sts(ErrorCode::MalformedPolicyDocument, error.message()))?;
    Ok(vec![document.to_owned()])
}

/// Refuses more managed policies than a session can have.
pub(super) fn check_count(policies: Option<&[PolicyDescriptorType]>) -> Result<(), IamError> {
    if policies.is_some_and(|list| list.len() > SESSION_POLICY_ARNS_MAX) {
        return Err(invalid(format!(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length \
             less than or equal to {SESSION_POLICY_ARNS_MAX}"
        )));
    }
    Ok(())
}

/// The managed session policies as sessions keep them. They are AWS's or the role's account's.
pub(super) fn managed(
    policies: Option<&[PolicyDescriptorType]>,
    account: AccountId,
    partition: Partition,
    directory: &Directory,
) -> Result<Vec<String>, IamError> {
    let mut found = Vec::new();
    for arn in policies.unwrap_or_default().iter().filter_map(|policy| policy.arn.as_deref()) {
        let policy = find(arn, account, partition, directory);
        let policy = policy.ok_or_else(|| invalid(format!("Policy {arn} was not found.")))?.to_string();
        if !found.contains(&policy) {
            found.push(policy);
        }
    }
    Ok(found)
}

fn find(arn: &str, account: AccountId, partition: Partition, directory: &Directory) -> Option<PolicyRef> {
    if let Some(rest) = arn.strip_prefix(&format!("arn:{}:iam::aws:policy/", partition.as_str())) {
        let arn = format!("{AWS_POLICY_PREFIX}{rest}");
        return managed_policies::find(&arn).map(|_| PolicyRef::Aws(arn.into()));
    }
    let parsed = IamArn::parse(arn).ok().filter(|arn| (arn.partition, arn.account) == (partition, account))?;
    let IamResource::Policy { path, name } = parsed.resource else { return None };
    let policy = directory.policy_by_name(account, name)?;
    (policy.record.name == name && policy.record.path == path).then_some(PolicyRef::Customer(policy.key.id))
}
