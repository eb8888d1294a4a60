//! Which state of a key admits which operation: the key-state table as one function.

use kagiban_api::{KeyState, KeyUsageType, Operation};

use crate::catalog::StateRule;
use crate::error::ServiceError;
use crate::records::key::KeyRecord;

/// Does the key's state admit an operation with this rule?
///
/// # Errors
/// DisabledException for a disabled key where material is used, else KMSInvalidStateException naming the state.
pub(crate) fn require(rule: StateRule, key: &KeyRecord) -> Result<(), ServiceError> {
    use KeyState as S;
    let state = key.body.state;
    let admitted = match rule {
        StateRule::Any => true,
        StateRule::Change => !matches!(state, S::PendingDeletion | S::PendingReplicaDeletion),
        StateRule::Cryptographic => matches!(state, S::Enabled | S::Updating),
        StateRule::DeleteImport => !matches!(state, S::Creating | S::Updating),
        StateRule::Grant => matches!(state, S::Enabled | S::Unavailable | S::Updating),
        StateRule::Import => !matches!(state, S::Creating | S::PendingDeletion | S::PendingReplicaDeletion),
        StateRule::PrepareImport => {
            !matches!(state, S::Creating | S::PendingDeletion | S::PendingReplicaDeletion | S::Updating)
        }
        StateRule::PublicKey => match state {
            S::PendingImport => key.body.public_key.is_some(),
            _ => matches!(state, S::Enabled | S::Disabled | S::Updating | S::Unavailable),
        },
        StateRule::PendingDeletion => matches!(state, S::PendingDeletion | S::PendingReplicaDeletion),
        StateRule::Replicate => state == S::Enabled,
        StateRule::ScheduleDeletion => !matches!(state, S::PendingDeletion | S::PendingReplicaDeletion | S::Updating),
        StateRule::Switch => matches!(state, S::Enabled | S::Disabled | S::Unavailable),
    };
    match (admitted, rule, state) {
        (true, ..) => Ok(()),
        (false, StateRule::PendingDeletion, _) => Err(ServiceError::KeyNotPendingDeletion(key.arn)),
        (false, _, S::Disabled) => Err(ServiceError::KeyDisabled(key.arn)),
        (false, ..) => Err(ServiceError::KeyInState(key.arn, state)),
    }
}

/// Is the key made for this kind of operation?
///
/// # Errors
/// InvalidKeyUsageException when its KeyUsage is another.
pub(crate) fn require_usage(usage: KeyUsageType, operation: Operation, key: &KeyRecord) -> Result<(), ServiceError> {
    if key.body.key_usage == usage {
        return Ok(());
    }
    Err(ServiceError::KeyUsageUnfit { key: key.arn, usage: key.body.key_usage, operation })
}
