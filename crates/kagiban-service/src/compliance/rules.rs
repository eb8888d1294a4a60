//! The rules: names as in AWS Config where it has such a rule, else beginning with `kagiban-`.

/// A rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum ComplianceRule {
    /// Rotation is on.
    BackingKeyRotation,
    /// No managed policy allows decryption with all keys.
    CustomerPolicyBlockedActions,
    /// No inline policy does.
    InlinePolicyBlockedActions,
    /// No material is about to expire.
    MaterialExpiry,
    /// The policy is not open to everyone.
    NoPublicAccess,
    /// The key is not to be deleted.
    NotScheduledForDeletion,
    /// The key is used.
    Used,
    /// Users don't administer everything.
    WildcardAdministrator,
}

impl ComplianceRule {
    pub(crate) const ALL: [Self; 8] = [
        Self::BackingKeyRotation,
        Self::CustomerPolicyBlockedActions,
        Self::InlinePolicyBlockedActions,
        Self::MaterialExpiry,
        Self::NoPublicAccess,
        Self::NotScheduledForDeletion,
        Self::Used,
        Self::WildcardAdministrator,
    ];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BackingKeyRotation => "cmk-backing-key-rotation-enabled",
            Self::CustomerPolicyBlockedActions => "iam-customer-policy-blocked-kms-actions",
            Self::InlinePolicyBlockedActions => "iam-inline-policy-blocked-kms-actions",
            Self::MaterialExpiry => "kagiban-kms-key-material-not-expiring",
            Self::NoPublicAccess => "kms-key-policy-no-public-access",
            Self::NotScheduledForDeletion => "kms-cmk-not-scheduled-for-deletion",
            Self::Used => "kagiban-kms-key-in-use",
            Self::WildcardAdministrator => "kagiban-iam-user-no-wildcard-administrator",
        }
    }

    /// What it wants.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::BackingKeyRotation => {
                "Automatic rotation is on for symmetric encryption keys with material made here"
            }
            Self::CustomerPolicyBlockedActions => {
                "Customer managed policies don't allow kms:Decrypt or kms:ReEncryptFrom on all keys"
            }
            Self::InlinePolicyBlockedActions => {
                "Inline policies of users, groups and roles don't allow kms:Decrypt or kms:ReEncryptFrom on all keys"
            }
            Self::MaterialExpiry => "Imported key material does not expire soon",
            Self::NoPublicAccess => "The key policy allows nothing to everyone",
            Self::NotScheduledForDeletion => "The key is not waiting for its deletion",
            Self::Used => "An enabled key was used of late",
            Self::WildcardAdministrator => "No user may do everything with all keys; roles may",
        }
    }

    /// The rule of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}
