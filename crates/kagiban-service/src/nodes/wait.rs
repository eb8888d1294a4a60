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
/// How the names of IAM's operations begin that take something away, or may.
const TAKING: [&str; 7] = ["Deactivate", "Delete", "Detach", "Put", "Remove", "Set", "Update"];

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
    let is_taking = || TAKING.iter().any(|start| answered.operation.starts_with(start));
    answered.error.is_empty()
        && (request.head.headers.contains_key(HEADER) || (waits_by_itself(service) && is_taking()))
}

fn waits_by_itself(service: &Service) -> bool {
    service.node.get().is_some_and(super::OwnNode::waits_for_all)
}

/// Whether an operation takes a right away, or may.
const fn takes_away(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::DeleteAlias
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
