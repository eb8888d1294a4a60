//! Users.

use std::collections::BTreeSet;

use kagiban_base::id::AccessKeyId;
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::UniqueId;
use serde::{Deserialize, Serialize};

use super::{Attachments, EntityKey, PolicyRef, Tags};
use kagiban_storage::json::{texts, time_ms};
use kagiban_storage::json_row;

/// A user, with everything that is attached to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRecord {
    pub(crate) name: String,
    /// `/`, or `/.../`.
    pub(crate) path: String,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) policies: Attachments,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<PolicyRef>,
    /// The groups it is in.
    #[serde(with = "texts", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) groups: BTreeSet<UniqueId>,
    /// Its access keys, oldest first.
    #[serde(with = "texts", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) access_keys: Vec<AccessKeyId>,
    /// Its MFA devices: of each, what follows `mfa` in its serial number.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) mfa_devices: BTreeSet<String>,
}

json_row!(UserRecord, "iam-user", EntityKey);
