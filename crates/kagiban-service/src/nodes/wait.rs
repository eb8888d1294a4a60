//! Which answers wait until all nodes know of the change: those that are asked to, by a header; and where the server is set so,
//! those to what takes rights away.

use kagiban_api::Operation;
use kagiban_iam::request::{RawRequest, Summary};

use crate::Service;
use crate::error::ServiceError;

/// The header of a request whose answer shall wait.
pub(crate) const HEADER: &str = "x-kagiban-wait";
/// What it says.
const ALL_NODES: &[u8] = b"all-nodes";
/// How the names of IAM's operations begin that take something away, or may: what is attached can deny, and a tag can decide.
const TAKING: [&str; 12] = [
    "AddUserToGroup",
    "Attach",
    "CreatePolicyVersion",
    "Deactivate",
    "Delete",
    "Detach",
    "Put",
    "Remove",
    "Set",
    "Tag",
    "Untag",
    "Update",
];

/// Whether the answer to a change of KMS shall wait.
///
/// # Errors
/// The header says something else: nobody who asks for what is not known shall think that it was done.
pub(crate) fn is_wanted(operation: Operation, request: &RawRequest, service: &Service) -> Result<bool, ServiceError> {
    let mut asked = request.head.headers.get_all(HEADER).iter().peekable();
    if asked.peek().is_some() {
        let is_known = asked.all(|value| value.as_bytes() == ALL_NODES);
        return if is_known { Ok(true) } else { Err(ServiceError::UnknownWait) };
    }
    Ok(takes_away(operation) && waits_by_itself(service))
}

/// The same for IAM, once it has answered; there the header's mere presence counts.
pub(crate) fn is_wanted_of_iam(answered: &Summary, request: &RawRequest, service: &Service) -> bool {
    answered.error.is_empty()
        && (request.head.headers.contains_key(HEADER)
            || (waits_by_itself(service) && takes_away_in_iam(answered.operation)))
}

fn takes_away_in_iam(operation: &str) -> bool {
    TAKING.iter().any(|start| operation.starts_with(start))
}

fn waits_by_itself(service: &Service) -> bool {
    service.node.get().is_some_and(super::OwnNode::waits_for_all)
}

/// Whether an operation takes a right away, or may: policies ask for a key's aliases and tags.
const fn takes_away(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::CreateAlias
            | Operation::DeleteAlias
            | Operation::DeleteImportedKeyMaterial
            | Operation::DisableKey
            | Operation::PutKeyPolicy
            | Operation::RetireGrant
            | Operation::RevokeGrant
            | Operation::ScheduleKeyDeletion
            | Operation::TagResource
            | Operation::UntagResource
            | Operation::UpdateAlias
    )
}

#[cfg(test)]
mod tests {
    use kagiban_api::iam;

    use super::*;

    /// What IAM waits for where the server is set so: all that takes a right away, or may. Written out, so that a change of it is seen.
    const WAITING: [&str; 48] = [
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreatePolicyVersion",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteAccountAlias",
        "DeleteGroup",
        "DeleteGroupPolicy",
        "DeleteOpenIDConnectProvider",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DeleteUser",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DeleteVirtualMFADevice",
        "DetachGroupPolicy",
        "DetachRolePolicy",
        "DetachUserPolicy",
        "PutGroupPolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "RemoveClientIDFromOpenIDConnectProvider",
        "RemoveUserFromGroup",
        "SetDefaultPolicyVersion",
        "TagMFADevice",
        "TagOpenIDConnectProvider",
        "TagPolicy",
        "TagRole",
        "TagUser",
        "UntagMFADevice",
        "UntagOpenIDConnectProvider",
        "UntagPolicy",
        "UntagRole",
        "UntagUser",
        "UpdateAccessKey",
        "UpdateAssumeRolePolicy",
        "UpdateGroup",
        "UpdateOpenIDConnectProviderThumbprint",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateUser",
    ];
    /// What changes something and gives only, or concerns no right.
    const GIVING: [&str; 12] = [
        "AddClientIDToOpenIDConnectProvider",
        "CreateAccessKey",
        "CreateAccountAlias",
        "CreateGroup",
        "CreateOpenIDConnectProvider",
        "CreatePolicy",
        "CreateRole",
        "CreateServiceLinkedRole",
        "CreateUser",
        "CreateVirtualMFADevice",
        "EnableMFADevice",
        "ResyncMFADevice",
    ];

    #[test]
    fn what_takes_rights_away_in_iam_waits() {
        let (waiting, others): (Vec<_>, Vec<_>) =
            iam::Operation::ALL.iter().map(|operation| operation.name()).partition(|name| takes_away_in_iam(name));
        assert_eq!(waiting, WAITING);
        let is_reading = |name: &&str| ["Get", "List", "Simulate"].iter().any(|start| name.starts_with(start));
        assert_eq!(others.into_iter().filter(|name| !is_reading(name)).collect::<Vec<_>>(), GIVING);
    }
}
