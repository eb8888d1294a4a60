//! Which condition keys apply to which permission (authorization facts, section 4).

use std::collections::BTreeSet;

use crate::authorization::cases::Ask;

/// Condition keys of every action on a key; the old twins of two of them go along.
const OF_KEYS: [&str; 11] = [
    "aws:ResourceTag/Team",
    "kms:CallerAccount",
    "kms:CustomerMasterKeySpec",
    "kms:CustomerMasterKeyUsage",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:ResourceAliases",
    "kms:ViaService",
];

/// What is so of a caller on every operation. The sheet lists them for actions on keys only; here they are everywhere.
const OF_CALLERS: [&str; 2] = ["kms:CallerAccount", "kms:ViaService"];

pub(crate) const CONTEXT: [&str; 2] = ["kms:EncryptionContext:Team", "kms:EncryptionContextKeys"];
pub(crate) const RECIPIENT: [&str; 2] = ["kms:RecipientAttestation:ImageSha384", "kms:RecipientAttestation:PCR0"];

/// Condition keys that actions have besides, as groups of names.
pub(crate) fn own_keys(action: &str) -> Vec<&'static str> {
    const USE: [&str; 2] = ["kms:EncryptionAlgorithm", "kms:RequestAlias"];
    const RE_ENCRYPT: [&str; 1] = ["kms:ReEncryptOnSameKey"];
    let groups: &[&[&'static str]] = match action {
        "CreateGrant" => &[
            &CONTEXT,
            &[
                "kms:GrantConstraintSourceArn",
                "kms:GrantConstraintType",
                "kms:GrantIsForAWSResource",
                "kms:GrantOperations",
                "kms:GranteePrincipal",
                "kms:GranteeServicePrincipal",
                "kms:RetiringPrincipal",
                "kms:RetiringServicePrincipal",
            ],
        ],
        "CreateKey" => &[&[
            "aws:RequestTag/Team",
            "aws:ResourceTag/Team",
            "aws:TagKeys",
            "kms:BypassPolicyLockoutSafetyCheck",
            "kms:CustomerMasterKeySpec",
            "kms:CustomerMasterKeyUsage",
            "kms:KeyOrigin",
            "kms:KeySpec",
            "kms:KeyUsage",
            "kms:MultiRegion",
            "kms:MultiRegionKeyType",
        ]],
        "Decapsulate" | "DescribeKey" | "Encapsulate" | "GetPublicKey" => &[&["kms:RequestAlias"]],
        "Decrypt" | "GenerateDataKey" => &[&USE, &CONTEXT, &RECIPIENT],
        "DeriveSharedSecret" => &[&RECIPIENT, &["kms:KeyAgreementAlgorithm", "kms:RequestAlias"]],
        "DisableKey" => &[&["kms:TrailingDaysWithoutKeyUsage"]],
        "EnableKeyRotation" => &[&["kms:RotationPeriodInDays"]],
        "Encrypt" | "GenerateDataKeyWithoutPlaintext" => &[&USE, &CONTEXT],
        "GenerateDataKeyPair" => &[&USE, &CONTEXT, &RECIPIENT, &["kms:DataKeyPairSpec"]],
        "GenerateDataKeyPairWithoutPlaintext" => &[&USE, &CONTEXT, &["kms:DataKeyPairSpec"]],
        "GenerateMac" | "VerifyMac" => &[&["kms:MacAlgorithm", "kms:RequestAlias"]],
        "GenerateRandom" => &[&RECIPIENT],
        "GetKeyPolicy" => &[&["kms:PolicyName"]],
        "GetParametersForImport" => &[&["kms:WrappingAlgorithm", "kms:WrappingKeySpec"]],
        "ImportKeyMaterial" => &[&["kms:ExpirationModel", "kms:ValidTo"]],
        "ListGrants" | "RevokeGrant" => &[&["kms:GrantIsForAWSResource"]],
        "PutKeyPolicy" => &[&["kms:BypassPolicyLockoutSafetyCheck", "kms:PolicyName"]],
        "ReEncryptFrom" | "ReEncryptTo" => &[&USE, &CONTEXT, &RE_ENCRYPT],
        "ReplicateKey" => &[&["kms:ReplicaRegion"]],
        "RetireGrant" => &[&CONTEXT, &["kms:GrantConstraintType"]],
        "ScheduleKeyDeletion" => &[&["kms:ScheduleKeyDeletionPendingWindowInDays", "kms:TrailingDaysWithoutKeyUsage"]],
        "Sign" | "Verify" => &[&["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"]],
        "TagResource" => &[&["aws:RequestTag/Team", "aws:TagKeys"]],
        "UntagResource" => &[&["aws:TagKeys"]],
        "UpdatePrimaryRegion" => &[&["kms:PrimaryRegion"]],
        _ => &[],
    };
    groups.iter().flat_map(|group| group.iter().copied()).collect()
}

/// Every condition key of the sheet.
pub(crate) fn all_keys() -> BTreeSet<&'static str> {
    let own = kagiban_api::Operation::ALL.into_iter().flat_map(|operation| own_keys(operation.name()));
    own.chain(own_keys("ReEncryptTo")).chain(OF_KEYS).collect()
}

/// The condition keys of one permission.
pub(crate) fn keys_of(ask: &Ask) -> BTreeSet<&'static str> {
    let action = ask.action.strip_prefix("kms:").unwrap();
    // The tags of a key that is being made: the same request as CreateKey's.
    let action = if (action, &*ask.resource) == ("TagResource", "*") { "CreateKey" } else { action };
    let of_aliases = ask.resource.contains(":alias/");
    let mut keys: BTreeSet<_> = if of_aliases { BTreeSet::new() } else { own_keys(action).into_iter().collect() };
    keys.extend(OF_CALLERS);
    if ask.resource.contains(":key/") {
        keys.extend(OF_KEYS);
    }
    keys
}
