//! Groups. Who is in one stands in its users' rows; an index lists the members.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::UniqueId;
use serde::{Deserialize, Serialize};

use super::{Attachments, EntityKey};
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// A group.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupRecord {
    pub(crate) name: String,
    /// `/`, or `/.../`.
    pub(crate) path: String,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) policies: Attachments,
    /// Users in it: a count in this row, so that deleting it and adding to it meet.
    #[serde(default)]
    pub(crate) members: u32,
}

json_row!(GroupRecord, "iam-group", EntityKey);

/// The row key of a membership: account, group, user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct GroupMemberRowKey {
    pub(crate) account: AccountId,
    pub(crate) group: UniqueId,
    pub(crate) user: UniqueId,
}

/// A membership: the row key says it all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupMemberRecord {}

impl RowKey for GroupMemberRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(self.group.as_str()).text(self.user.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { account: key.parse()?, group: key.parse()?, user: key.parse()? })
    }
}

json_row!(GroupMemberRecord, "iam-group-member", GroupMemberRowKey);
