//! How much of everything an account and its entities may have: IAM's default quotas, in one place.
//!
//! Source: IAM user guide, "IAM and AWS STS quotas". Sizes are in characters; white space of policies does not count.

use super::refusals;
use crate::error::IamError;

/// A quota: the name by which refusals call it, and the most there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub(crate) name: &'static str,
    pub(crate) max: usize,
}

pub(crate) const ACCESS_KEYS_PER_USER: Quota = Quota { name: "AccessKeysPerUser", max: 2 };
pub(crate) const ATTACHED_POLICIES_PER_GROUP: Quota = Quota { name: "PoliciesPerGroup", max: 10 };
pub(crate) const ATTACHED_POLICIES_PER_ROLE: Quota = Quota { name: "PoliciesPerRole", max: 10 };
pub(crate) const ATTACHED_POLICIES_PER_USER: Quota = Quota { name: "PoliciesPerUser", max: 10 };
pub(crate) const CLIENT_IDS_PER_PROVIDER: Quota = Quota { name: "ClientIdsPerOpenIdConnectProvider", max: 100 };
pub(crate) const GROUPS: Quota = Quota { name: "GroupsPerAccount", max: 300 };
pub(crate) const GROUPS_PER_USER: Quota = Quota { name: "GroupsPerUser", max: 10 };
pub(crate) const INLINE_SIZE_GROUP: usize = 5_120;
pub(crate) const INLINE_SIZE_ROLE: usize = 10_240;
pub(crate) const INLINE_SIZE_USER: usize = 2_048;
pub(crate) const MANAGED_POLICY_SIZE: usize = 6_144;
/// Devices of one user, and of root.
pub(crate) const MFA_DEVICES_PER_USER: Quota = Quota { name: "MFADevicesPerUser", max: 8 };
/// Virtual MFA devices of an account, whether anybody has them or not. IAM ties them to users; this bounds the free ones.
pub(crate) const MFA_DEVICES: Quota = Quota { name: "VirtualMFADevicesPerAccount", max: 10_000 };
pub(crate) const POLICIES: Quota = Quota { name: "PoliciesPerAccount", max: 1_500 };
pub(crate) const PROVIDERS: Quota = Quota { name: "OpenIdConnectProvidersPerAccount", max: 100 };
pub(crate) const ROLES: Quota = Quota { name: "RolesPerAccount", max: 1_000 };
pub(crate) const TAGS: Quota = Quota { name: "TagsPerResource", max: kagiban_identity::names::TAGS_MAX };
pub(crate) const THUMBPRINTS_PER_PROVIDER: Quota = Quota { name: "ThumbprintsPerOpenIdConnectProvider", max: 5 };
/// IAM's default is 2,048, and it may be raised to this.
pub(crate) const TRUST_POLICY_SIZE: usize = 4_096;
pub(crate) const USERS: Quota = Quota { name: "UsersPerAccount", max: 5_000 };
pub(crate) const VERSIONS_PER_POLICY: Quota = Quota { name: "PolicyVersionsPerPolicy", max: 5 };

impl Quota {
    /// Whether `count` is within it.
    ///
    /// # Errors
    /// LimitExceeded
    pub(crate) fn allow(self, count: usize) -> Result<(), IamError> {
        if count <= self.max { Ok(()) } else { Err(refusals::limit_exceeded(self)) }
    }

    /// As the account summary shows it.
    pub(crate) fn shown(self) -> i32 {
        shown(self.max)
    }
}

/// A count as answers show it.
pub(crate) fn shown(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
