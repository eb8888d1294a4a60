//! What is stored of identities: one file per row type, each with its version number.
//!
//! A principal is one row with everything that is attached to it, so that a change of it is one write and evaluation reads
//! one row. Names are unique without regard to case within their kind and account; an index row each sees to that.

pub(crate) mod access_key;
pub(crate) mod access_key_use;
pub(crate) mod account;
#[cfg(test)]
mod fixtures;
pub(crate) mod group;
pub(crate) mod mfa_device;
pub(crate) mod name;
pub(crate) mod oidc_provider;
pub(crate) mod policy;
pub(crate) mod role;
pub(crate) mod service;
pub(crate) mod usage;
pub(crate) mod user;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kagiban_base::id::{AccountId, InvalidId, Partition};
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, Row, RowKey};
use serde::{Deserialize, Serialize};

/// Tags by key, in the case in which they were given; keys are unique without regard to case.
pub(crate) type Tags = BTreeMap<String, String>;

/// The row key of whatever has a unique id: account and id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct EntityKey {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its unique id.
    pub id: UniqueId,
}

impl RowKey for EntityKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(self.id.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { account: key.parse()?, id: key.parse()? })
    }
}

/// The rows of a table that belong to an account.
pub(crate) fn of_account<R: Row>(account: AccountId) -> Result<Prefix<R>, KeyError> {
    Prefix::of(|key| {
        key.text(account.as_str());
    })
}

/// A managed policy as it is attached: a customer's by its unique id, so that a later one of the same name is another; AWS's
/// by its ARN, in the partition `aws`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum PolicyRef {
    Aws(Box<str>),
    Customer(UniqueId),
}

/// What the ARN of every policy of AWS begins with.
pub(crate) const AWS_POLICY_PREFIX: &str = "arn:aws:iam::aws:policy/";

impl fmt::Display for PolicyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(arn) => f.write_str(arn),
            Self::Customer(id) => f.write_str(id.as_str()),
        }
    }
}

impl FromStr for PolicyRef {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.starts_with(AWS_POLICY_PREFIX) { Ok(Self::Aws(text.into())) } else { text.parse().map(Self::Customer) }
    }
}

impl TryFrom<String> for PolicyRef {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<PolicyRef> for String {
    fn from(policy: PolicyRef) -> Self {
        policy.to_string()
    }
}

/// The policies of a user, group or role.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attachments {
    /// Managed policies, in the order in which they were attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) managed: Vec<PolicyRef>,
    /// Inline policies by name, letter by letter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) inline: BTreeMap<String, String>,
}

/// A policy that names principals, with the unique ids that its users and roles had when it was saved.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BoundPolicy {
    /// The document, letter by letter.
    pub document: String,
    /// Unique id by the ARN in the document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principals: BTreeMap<String, String>,
}

/// `arn:PARTITION:iam::ACCOUNT:KIND` + path + name.
pub(crate) fn arn(partition: Partition, account: AccountId, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{}:iam::{account}:{kind}{path}{name}", partition.as_str())
}
