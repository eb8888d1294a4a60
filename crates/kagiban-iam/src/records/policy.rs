//! Customer managed policies and their versions, and the index of what they are attached to.

use std::collections::BTreeMap;

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::UniqueId;
use serde::{Deserialize, Serialize};

use super::{EntityKey, PolicyRef, Tags};
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// A managed policy.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyRecord {
    pub(crate) name: String,
    /// `/`, or `/.../`.
    pub(crate) path: String,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(with = "time_ms")]
    pub(crate) updated: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// The version in force: `v` and this number.
    pub(crate) default_version: u32,
    /// The number of the next version; numbers are not used again.
    pub(crate) next_version: u32,
    /// The versions that are kept, by number.
    pub(crate) versions: BTreeMap<u32, PolicyVersion>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// Users, groups and roles it is attached to; a count in this row, so that deleting and attaching meet.
    #[serde(default)]
    pub(crate) attachments: u32,
    /// Users and roles whose permissions boundary it is.
    #[serde(default)]
    pub(crate) boundary_uses: u32,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyVersion {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// Letter by letter.
    pub(crate) document: String,
}

impl PolicyRecord {
    /// The document in force.
    pub(crate) fn default_document(&self) -> Option<&str> {
        self.versions.get(&self.default_version).map(|version| version.document.as_str())
    }
}

json_row!(PolicyRecord, "iam-policy", EntityKey);

/// The row key of an attachment: account, policy, entity, and whether it is a permissions boundary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct AttachmentRowKey {
    /// The account of the entity.
    pub(crate) account: AccountId,
    pub(crate) policy: PolicyRef,
    pub(crate) entity: UniqueId,
    pub(crate) is_boundary: bool,
}

/// An attachment: the row key says it all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachmentRecord {}

impl RowKey for AttachmentRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(&self.policy.to_string()).text(self.entity.as_str());
        key.fixed(&[u8::from(self.is_boundary)]);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let (account, policy, entity) = (key.parse()?, key.parse()?, key.parse()?);
        Ok(Self { account, policy, entity, is_boundary: key.fixed()? != [0] })
    }
}

json_row!(AttachmentRecord, "iam-attachment", AttachmentRowKey);
