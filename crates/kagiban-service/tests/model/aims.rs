//! Which operations and keys lead to which cells of the key-state table.

use crate::key::Key;
use crate::states::State;

/// What a user without policies can do by a grant.
pub(crate) const GRANTED: [&str; 15] = [
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateMac",
    "GetPublicKey",
    "ReEncrypt",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// The step that brings a primary key, or its replica, into one of the states of sets.
pub(crate) fn way_to(state: State, key: &Key) -> Option<&'static str> {
    let set = key.set.as_ref().filter(|set| set.is_primary)?;
    match state {
        State::Creating if key.state == State::Enabled && set.replicas.len() < 2 => Some("ReplicateKey"),
        State::Updating if key.state == State::Enabled && key.has_replicas() => Some("UpdatePrimaryRegion"),
        State::PendingReplicaDeletion if !key.state.is_doomed() && key.has_replicas() => Some("ScheduleKeyDeletion"),
        State::Updating | State::PendingReplicaDeletion if key.state == State::Enabled => Some("ReplicateKey"),
        _ => None,
    }
}

/// Whether a key of this kind can give the operation this outcome.
pub(crate) fn suits(operation: &str, code: &str, key: &Key) -> bool {
    let kind = &key.kind;
    match (operation, code) {
        ("RetireGrant" | "RevokeGrant", _) => !key.grants.is_empty(),
        ("Sign" | "Verify", _) => kind.usage == "SIGN_VERIFY",
        ("GenerateMac" | "VerifyMac", _) => kind.usage == "GENERATE_VERIFY_MAC",
        ("DeriveSharedSecret", _) => kind.usage == "KEY_AGREEMENT",
        ("Encapsulate" | "Decapsulate", _) => kind.usage == "ENCAPSULATE_DECAPSULATE",
        ("Encrypt" | "Decrypt" | "ReEncrypt", _) => kind.usage == "ENCRYPT_DECRYPT",
        (name, _) if name.starts_with("GenerateDataKey") => kind.is_symmetric(),
        ("EnableKeyRotation" | "DisableKeyRotation", "EX") => kind.is_symmetric() && kind.is_external(),
        ("EnableKeyRotation" | "DisableKeyRotation" | "ListKeyRotations" | "RotateKeyOnDemand", "US") => {
            !kind.is_symmetric()
        }
        ("EnableKeyRotation" | "DisableKeyRotation", _) => kind.is_symmetric() && !kind.is_external(),
        ("ListKeyRotations" | "RotateKeyOnDemand", _) => kind.is_symmetric(),
        ("DeleteImportedKeyMaterial", "CR" | "UP") => true,
        ("DeleteImportedKeyMaterial" | "GetParametersForImport" | "ImportKeyMaterial", code) => {
            kind.is_external() == (code != "US")
        }
        ("ReplicateKey" | "UpdatePrimaryRegion", "ok") => key.set.as_ref().is_some_and(|set| set.is_primary),
        ("ReplicateKey" | "UpdatePrimaryRegion", "US") => key.set.as_ref().is_none_or(|set| !set.is_primary),
        ("ReplicateKey" | "UpdatePrimaryRegion", _) => key.set.is_some(),
        ("GetPublicKey", "US") => !kind.is_asymmetric(),
        ("GetPublicKey", "PI") => kind.is_asymmetric() && !key.public_key_is_known(),
        ("GetPublicKey", _) => kind.is_asymmetric() && (key.state != State::PendingImport || key.public_key_is_known()),
        _ => true,
    }
}
