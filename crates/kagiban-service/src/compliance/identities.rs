//! The rules about policies and users.

use kagiban_base::id::AccountId;
use kagiban_iam::policy_documents::UserPolicies;
use kagiban_policy::{allowed_on_all_keys, is_wildcard_administration, parse_identity_policy};

use super::{ComplianceEvaluation, ComplianceRule};
use crate::Service;

/// What opens ciphertexts, wherever they come from (the control KMS.1 of AWS's foundational best practices).
const BLOCKED_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:ReEncryptFrom"];

pub(super) fn evaluate(service: &Service, evaluation: &mut ComplianceEvaluation) {
    let directory = &service.iam.directory;
    directory.for_each_managed_policy(&mut |policy| {
        let action = blocked_action(policy.document, policy.account);
        let why_not = action.map(|action| format!("The policy allows {action} on all keys."));
        evaluation.take(ComplianceRule::CustomerPolicyBlockedActions, policy.account, policy.arn, why_not);
    });
    directory.for_each_holder(&mut |holder| {
        let blocked = |(name, document)| Some((name, blocked_action(document, holder.account)?));
        let found = holder.inline.iter().map(|(name, document)| (name, document.as_str())).find_map(blocked);
        let why_not = found.map(|(name, action)| format!("The inline policy {name} allows {action} on all keys."));
        evaluation.take(ComplianceRule::InlinePolicyBlockedActions, holder.account, holder.arn, why_not);
    });
    directory.for_each_user(&mut |user| {
        let why_not = administrating_policy(&user).map(|name| format!("The policy {name} allows kms:* on all keys."));
        evaluation.take(ComplianceRule::WildcardAdministrator, user.account, user.arn, why_not);
    });
}

/// A policy that cannot be read denies everything.
fn blocked_action(document: &str, account: AccountId) -> Option<&'static str> {
    let policy = parse_identity_policy(document).ok()?;
    allowed_on_all_keys(&policy, account, &BLOCKED_ACTIONS)
}

fn administrating_policy<'a>(user: &'a UserPolicies<'_>) -> Option<&'a str> {
    let is_administrating =
        |document: &str| parse_identity_policy(document).is_ok_and(|p| is_wildcard_administration(&p));
    user.policies.iter().find(|(_, document)| is_administrating(document)).map(|(name, _)| name.as_str())
}
