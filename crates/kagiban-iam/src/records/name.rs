//! Names of users, groups, roles and policies: each is unique in its kind and account, without regard to case.

use kagiban_base::id::{AccountId, InvalidId};
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, RowKey};
use serde::{Deserialize, Serialize};

use kagiban_storage::json::text;
use kagiban_storage::json_row;

/// What a name belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum NameKind {
    Group,
    Policy,
    Role,
    User,
}

impl NameKind {
    pub(crate) const ALL: [Self; 4] = [Self::Group, Self::Policy, Self::Role, Self::User];

    /// As in ARNs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Policy => "policy",
            Self::Role => "role",
            Self::User => "user",
        }
    }
}

/// The row key of a name: account, kind, the name in lower case. Listing by name is a scan of it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct NameRowKey {
    pub(crate) account: AccountId,
    pub(crate) kind: NameKind,
    /// In lower case; made by [`NameRowKey::new`].
    folded: String,
}

impl NameRowKey {
    pub(crate) fn new(account: AccountId, kind: NameKind, name: &str) -> Self {
        Self { account, kind, folded: name.to_ascii_lowercase() }
    }

    /// The name in lower case.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    /// All names of a kind in an account.
    pub(crate) fn prefix(account: AccountId, kind: NameKind) -> Result<Prefix<NameRecord>, KeyError> {
        Prefix::of(|key| {
            key.text(account.as_str()).text(kind.as_str());
        })
    }
}

/// Who has the name.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameRecord {
    #[serde(with = "text")]
    pub(crate) id: UniqueId,
}

impl RowKey for NameRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(self.kind.as_str()).text(&self.folded);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let account = key.parse()?;
        let kind = key.text()?;
        let kind = NameKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or(InvalidId("kind of name"))?;
        Ok(Self { account, kind, folded: key.text()?.to_owned() })
    }
}

json_row!(NameRecord, "iam-name", NameRowKey);
