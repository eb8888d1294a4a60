//! Roles.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attachments, BoundPolicy, EntityKey, PolicyRef, Tags};
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;

/// A role, with everything that is attached to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleRecord {
    pub(crate) name: String,
    /// `/`, or `/.../`.
    pub(crate) path: String,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// Who may assume it.
    pub(crate) trust_policy: BoundPolicy,
    /// Longest session, in seconds.
    pub(crate) max_session_duration_s: u32,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) policies: Attachments,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<PolicyRef>,
}

json_row!(RoleRecord, "iam-role", EntityKey);
