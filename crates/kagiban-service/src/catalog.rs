//! One row per operation: what it asks permission for, what it names its key by, which key states it works in and whether
//! it reaches other accounts.
//!
//! Facts: the service's key-state table, its permissions reference and the operations' own pages. Later columns (audit
//! fields) come with the work that reads them; the quota of requests is in `quotas/classes.rs`.

use kagiban_api::Operation;

use crate::authorize::Action;

/// Which states of a key an operation accepts. Each value is a column of the key-state table that several operations share.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StateRule {
    /// Every state.
    Any,
    /// Not while deletion is pending: what changes a key's labels.
    Change,
    /// Enabled, or Updating: what uses key material, or sees to its rotation.
    Cryptographic,
    /// Not while deletion is pending, nor before material was imported first: what shows the public half.
    PublicKey,
    /// Not while a replica is in the making or the primary role moves: what deletes imported material.
    DeleteImport,
    /// Enabled, Updating, or Unavailable: what lets others use the key.
    Grant,
    /// Not while deletion is pending or a replica is in the making: what imports material.
    Import,
    /// Only while deletion is pending.
    PendingDeletion,
    /// As [`StateRule::Import`], nor while the primary role moves: what prepares an import.
    PrepareImport,
    /// Enabled only: what makes a replica.
    Replicate,
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

/// Whose keys an operation may name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Accounts {
    /// Those of any account that lets the caller.
    Any,
    /// Those of the caller's account, whatever policies say.
    Own,
}

/// The row of one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: Operation,
    /// What it asks permission for; ReEncrypt asks for two other actions.
    pub(crate) action: Action,
    pub(crate) forms: KeyForms,
    pub(crate) states: StateRule,
    pub(crate) accounts: Accounts,
}

const fn row(
    operation: Operation,
    action: &'static str,
    forms: KeyForms,
    states: StateRule,
    accounts: Accounts,
) -> Row {
    Row { operation, action: Action::new(action), forms, states, accounts }
}

/// The operations that this version answers.
pub(crate) const OFFERED: [Row; 50] = [
    row(
        Operation::CancelKeyDeletion,
        "kms:CancelKeyDeletion",
        KeyForms::IdOrArn,
        StateRule::PendingDeletion,
        Accounts::Own,
    ),
    row(Operation::CreateAlias, "kms:CreateAlias", KeyForms::IdOrArn, StateRule::Change, Accounts::Own),
    row(Operation::CreateGrant, "kms:CreateGrant", KeyForms::IdOrArn, StateRule::Grant, Accounts::Any),
    row(Operation::CreateKey, "kms:CreateKey", KeyForms::None, StateRule::Any, Accounts::Own),
    row(Operation::Decapsulate, "kms:Decapsulate", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::Decrypt, "kms:Decrypt", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::DeleteAlias, "kms:DeleteAlias", KeyForms::None, StateRule::Any, Accounts::Own),
    row(
        Operation::DeleteImportedKeyMaterial,
        "kms:DeleteImportedKeyMaterial",
        KeyForms::IdOrArn,
        StateRule::DeleteImport,
        Accounts::Own,
    ),
    row(
        Operation::DeriveSharedSecret,
        "kms:DeriveSharedSecret",
        KeyForms::All,
        StateRule::Cryptographic,
        Accounts::Any,
    ),
    row(Operation::DescribeKey, "kms:DescribeKey", KeyForms::All, StateRule::Any, Accounts::Any),
    row(Operation::DisableKey, "kms:DisableKey", KeyForms::IdOrArn, StateRule::Switch, Accounts::Own),
    row(
        Operation::DisableKeyRotation,
        "kms:DisableKeyRotation",
        KeyForms::IdOrArn,
        StateRule::Cryptographic,
        Accounts::Own,
    ),
    row(Operation::EnableKey, "kms:EnableKey", KeyForms::IdOrArn, StateRule::Switch, Accounts::Own),
    row(
        Operation::EnableKeyRotation,
        "kms:EnableKeyRotation",
        KeyForms::IdOrArn,
        StateRule::Cryptographic,
        Accounts::Own,
    ),
    row(Operation::Encapsulate, "kms:Encapsulate", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::Encrypt, "kms:Encrypt", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::GenerateDataKey, "kms:GenerateDataKey", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(
        Operation::GenerateDataKeyPair,
        "kms:GenerateDataKeyPair",
        KeyForms::All,
        StateRule::Cryptographic,
        Accounts::Any,
    ),
    row(
        Operation::GenerateDataKeyPairWithoutPlaintext,
        "kms:GenerateDataKeyPairWithoutPlaintext",
        KeyForms::All,
        StateRule::Cryptographic,
        Accounts::Any,
    ),
    row(
        Operation::GenerateDataKeyWithoutPlaintext,
        "kms:GenerateDataKeyWithoutPlaintext",
        KeyForms::All,
        StateRule::Cryptographic,
        Accounts::Any,
    ),
    row(Operation::GenerateMac, "kms:GenerateMac", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::GenerateRandom, "kms:GenerateRandom", KeyForms::None, StateRule::Any, Accounts::Own),
    row(Operation::GetKeyLastUsage, "kms:GetKeyLastUsage", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::GetKeyPolicy, "kms:GetKeyPolicy", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::GetKeyRotationStatus, "kms:GetKeyRotationStatus", KeyForms::IdOrArn, StateRule::Any, Accounts::Any),
    row(
        Operation::GetParametersForImport,
        "kms:GetParametersForImport",
        KeyForms::IdOrArn,
        StateRule::PrepareImport,
        Accounts::Own,
    ),
    row(Operation::GetPublicKey, "kms:GetPublicKey", KeyForms::All, StateRule::PublicKey, Accounts::Any),
    row(Operation::ImportKeyMaterial, "kms:ImportKeyMaterial", KeyForms::IdOrArn, StateRule::Import, Accounts::Own),
    row(Operation::ListAliases, "kms:ListAliases", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::ListGrants, "kms:ListGrants", KeyForms::IdOrArn, StateRule::Any, Accounts::Any),
    row(Operation::ListKeyPolicies, "kms:ListKeyPolicies", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::ListKeyRotations, "kms:ListKeyRotations", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::ListKeys, "kms:ListKeys", KeyForms::None, StateRule::Any, Accounts::Own),
    row(Operation::ListResourceTags, "kms:ListResourceTags", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::ListRetirableGrants, "kms:ListRetirableGrants", KeyForms::None, StateRule::Any, Accounts::Any),
    row(Operation::PutKeyPolicy, "kms:PutKeyPolicy", KeyForms::IdOrArn, StateRule::Any, Accounts::Own),
    row(Operation::ReEncrypt, "kms:ReEncrypt", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::ReplicateKey, "kms:ReplicateKey", KeyForms::IdOrArn, StateRule::Replicate, Accounts::Own),
    row(Operation::RetireGrant, "kms:RetireGrant", KeyForms::IdOrArn, StateRule::Any, Accounts::Any),
    row(Operation::RevokeGrant, "kms:RevokeGrant", KeyForms::IdOrArn, StateRule::Any, Accounts::Any),
    row(
        Operation::RotateKeyOnDemand,
        "kms:RotateKeyOnDemand",
        KeyForms::IdOrArn,
        StateRule::Cryptographic,
        Accounts::Own,
    ),
    row(
        Operation::ScheduleKeyDeletion,
        "kms:ScheduleKeyDeletion",
        KeyForms::IdOrArn,
        StateRule::ScheduleDeletion,
        Accounts::Own,
    ),
    row(Operation::Sign, "kms:Sign", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::TagResource, "kms:TagResource", KeyForms::IdOrArn, StateRule::Change, Accounts::Own),
    row(Operation::UntagResource, "kms:UntagResource", KeyForms::IdOrArn, StateRule::Change, Accounts::Own),
    row(Operation::UpdateAlias, "kms:UpdateAlias", KeyForms::IdOrArn, StateRule::Change, Accounts::Own),
    row(
        Operation::UpdateKeyDescription,
        "kms:UpdateKeyDescription",
        KeyForms::IdOrArn,
        StateRule::Change,
        Accounts::Own,
    ),
    row(
        Operation::UpdatePrimaryRegion,
        "kms:UpdatePrimaryRegion",
        KeyForms::IdOrArn,
        StateRule::Cryptographic,
        Accounts::Own,
    ),
    row(Operation::Verify, "kms:Verify", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
    row(Operation::VerifyMac, "kms:VerifyMac", KeyForms::All, StateRule::Cryptographic, Accounts::Any),
];

/// The operations whose handlers come later. They answer one clear error; this list may only shrink.
pub const NOT_OFFERED_YET: [Operation; 6] = [
    Operation::ConnectCustomKeyStore,
    Operation::CreateCustomKeyStore,
    Operation::DeleteCustomKeyStore,
    Operation::DescribeCustomKeyStores,
    Operation::DisconnectCustomKeyStore,
    Operation::UpdateCustomKeyStore,
];

/// The row of an operation; `None` for those of [`NOT_OFFERED_YET`].
pub(crate) fn row_of(operation: Operation) -> Option<&'static Row> {
    OFFERED.iter().find(|row| row.operation == operation)
}

/// Whether an action may be allowed on another account's key.
pub(crate) fn crosses_accounts(action: Action) -> bool {
    let is_re_encrypt = action == Action::RE_ENCRYPT_FROM || action == Action::RE_ENCRYPT_TO;
    is_re_encrypt || OFFERED.iter().any(|row| row.action == action && row.accounts == Accounts::Any)
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
