//! One row per operation: what it names its key by and which key states it works in.
//!
//! Facts: the service's key-state table and the operations' own pages. Later columns (grantable, condition keys, audit
//! fields, quota class) come with the work that reads them.

use kagiban_api::Operation;

/// Which states of a key an operation accepts. Each value is a column of the key-state table that several operations share.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StateRule {
    /// Every state.
    Any,
    /// Not while deletion is pending: what changes a key's labels.
    Change,
    /// Enabled, or Updating: what uses key material.
    Cryptographic,
    /// Not while deletion is pending, nor before material was imported first: what shows the public half.
    PublicKey,
    /// Not while a replica is in the making or the primary role moves: what deletes imported material.
    DeleteImport,
    /// Not while deletion is pending or a replica is in the making: what imports material.
    Import,
    /// Only while deletion is pending.
    PendingDeletion,
    /// As [`StateRule::Import`], nor while the primary role moves: what prepares an import.
    PrepareImport,
    /// Not while deletion is pending, nor while the primary role moves.
    ScheduleDeletion,
    /// What turns a key on and off: not pending anything, not in the making.
    Switch,
}

/// How an operation may name its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyForms {
    /// Key id, key ARN, alias name, alias ARN.
    All,
    /// Key id, key ARN.
    IdOrArn,
    /// The operation names no key.
    None,
}

/// The row of one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: Operation,
    pub(crate) forms: KeyForms,
    pub(crate) states: StateRule,
}

const fn row(operation: Operation, forms: KeyForms, states: StateRule) -> Row {
    Row { operation, forms, states }
}

/// The operations that this version answers.
pub(crate) const OFFERED: [Row; 37] = [
    row(Operation::CancelKeyDeletion, KeyForms::IdOrArn, StateRule::PendingDeletion),
    row(Operation::CreateAlias, KeyForms::IdOrArn, StateRule::Change),
    row(Operation::CreateKey, KeyForms::None, StateRule::Any),
    row(Operation::Decapsulate, KeyForms::All, StateRule::Cryptographic),
    row(Operation::Decrypt, KeyForms::All, StateRule::Cryptographic),
    row(Operation::DeleteAlias, KeyForms::None, StateRule::Any),
    row(Operation::DeleteImportedKeyMaterial, KeyForms::IdOrArn, StateRule::DeleteImport),
    row(Operation::DeriveSharedSecret, KeyForms::All, StateRule::Cryptographic),
    row(Operation::DescribeKey, KeyForms::All, StateRule::Any),
    row(Operation::DisableKey, KeyForms::IdOrArn, StateRule::Switch),
    row(Operation::EnableKey, KeyForms::IdOrArn, StateRule::Switch),
    row(Operation::Encapsulate, KeyForms::All, StateRule::Cryptographic),
    row(Operation::Encrypt, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateDataKey, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateDataKeyPair, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateDataKeyPairWithoutPlaintext, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateDataKeyWithoutPlaintext, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateMac, KeyForms::All, StateRule::Cryptographic),
    row(Operation::GenerateRandom, KeyForms::None, StateRule::Any),
    row(Operation::GetKeyPolicy, KeyForms::IdOrArn, StateRule::Any),
    row(Operation::GetParametersForImport, KeyForms::IdOrArn, StateRule::PrepareImport),
    row(Operation::GetPublicKey, KeyForms::All, StateRule::PublicKey),
    row(Operation::ImportKeyMaterial, KeyForms::IdOrArn, StateRule::Import),
    row(Operation::ListAliases, KeyForms::IdOrArn, StateRule::Any),
    row(Operation::ListKeyPolicies, KeyForms::IdOrArn, StateRule::Any),
    row(Operation::ListKeys, KeyForms::None, StateRule::Any),
    row(Operation::ListResourceTags, KeyForms::IdOrArn, StateRule::Any),
    row(Operation::PutKeyPolicy, KeyForms::IdOrArn, StateRule::Any),
    row(Operation::ReEncrypt, KeyForms::All, StateRule::Cryptographic),
    row(Operation::ScheduleKeyDeletion, KeyForms::IdOrArn, StateRule::ScheduleDeletion),
    row(Operation::Sign, KeyForms::All, StateRule::Cryptographic),
    row(Operation::TagResource, KeyForms::IdOrArn, StateRule::Change),
    row(Operation::UntagResource, KeyForms::IdOrArn, StateRule::Change),
    row(Operation::UpdateAlias, KeyForms::IdOrArn, StateRule::Change),
    row(Operation::UpdateKeyDescription, KeyForms::IdOrArn, StateRule::Change),
    row(Operation::Verify, KeyForms::All, StateRule::Cryptographic),
    row(Operation::VerifyMac, KeyForms::All, StateRule::Cryptographic),
];

/// The operations whose handlers come later. They answer one clear error; this list may only shrink.
pub const NOT_OFFERED_YET: [Operation; 19] = [
    Operation::ConnectCustomKeyStore,
    Operation::CreateCustomKeyStore,
    Operation::CreateGrant,
    Operation::DeleteCustomKeyStore,
    Operation::DescribeCustomKeyStores,
    Operation::DisableKeyRotation,
    Operation::DisconnectCustomKeyStore,
    Operation::EnableKeyRotation,
    Operation::GetKeyLastUsage,
    Operation::GetKeyRotationStatus,
    Operation::ListGrants,
    Operation::ListKeyRotations,
    Operation::ListRetirableGrants,
    Operation::ReplicateKey,
    Operation::RetireGrant,
    Operation::RevokeGrant,
    Operation::RotateKeyOnDemand,
    Operation::UpdateCustomKeyStore,
    Operation::UpdatePrimaryRegion,
];

/// The row of an operation; `None` for those of [`NOT_OFFERED_YET`].
pub(crate) fn row_of(operation: Operation) -> Option<&'static Row> {
    OFFERED.iter().find(|row| row.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_offered_or_listed_as_missing_and_never_both() {
        for operation in Operation::ALL {
            let missing = NOT_OFFERED_YET.contains(&operation);
            assert_eq!(row_of(operation).is_none(), missing, "{}", operation.name());
        }
        assert_eq!(OFFERED.len() + NOT_OFFERED_YET.len(), Operation::ALL.len());
    }
}
