//! How many of each an account has: a row that stands for the set, so that two who create or delete meet there and quotas
//! hold. And what its root has, as users have theirs in their rows.

use std::collections::BTreeSet;

use kagiban_base::id::AccessKeyId;
use kagiban_storage::json::texts;
use serde::{Deserialize, Serialize};

use super::account::AccountRowKey;
use kagiban_storage::json_row;

/// Counts of an account. An account without a row has none of anything.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UsageRecord {
    pub(crate) groups: usize,
    /// Virtual MFA devices, enabled or not.
    pub(crate) mfa_devices: usize,
    pub(crate) mfa_devices_in_use: usize,
    pub(crate) policies: usize,
    /// OpenID Connect providers.
    pub(crate) providers: usize,
    pub(crate) roles: usize,
    pub(crate) users: usize,
    /// Access keys of the root that were made or changed by an operation; the first one of an account is older than this
    /// row and may be missing.
    #[serde(with = "texts")]
    pub(crate) root_access_keys: Vec<AccessKeyId>,
    /// The root's MFA devices, as in users' rows.
    pub(crate) root_mfa_devices: BTreeSet<String>,
}

json_row!(UsageRecord, "iam-usage", AccountRowKey);
