//! How many of each an account has: a row that stands for the set, so that two who create or delete meet there and quotas
//! hold. Only `iam/entities.rs` and what it offers change it.

use serde::{Deserialize, Serialize};

use super::account::AccountRowKey;
use kagiban_storage::json_row;

/// Counts of an account. An account without a row has none of anything.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UsageRecord {
    pub(crate) groups: usize,
    /// Virtual MFA devices, enabled or not.
    pub(crate) mfa_devices: usize,
    pub(crate) mfa_devices_in_use: usize,
    pub(crate) policies: usize,
    /// Versions of managed policies, all together.
    pub(crate) policy_versions: usize,
    /// OpenID Connect providers.
    pub(crate) providers: usize,
    pub(crate) roles: usize,
    pub(crate) users: usize,
}

json_row!(UsageRecord, "iam-usage", AccountRowKey);
