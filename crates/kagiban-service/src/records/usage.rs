//! How many requests there were, by month, account and key; and how far each writer of that has got.

use std::collections::BTreeMap;

use kagiban_api::KeySpec;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, RowKey};
use serde::{Deserialize, Serialize};

use crate::month::Month;

/// Stands in row keys for Region and key of requests that are about none.
const NO_KEY: &str = "-";

/// What requests are counted for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Subject {
    /// What an account asked that is about no key, or about none that it may use. In all Regions together: callers choose the
    /// names of Regions, and could make rows without end.
    Account(AccountId),
    /// A key, whoever asked.
    Key(KeyArn),
}

impl Subject {
    /// The account that it is counted in.
    pub(crate) const fn account(&self) -> AccountId {
        match self {
            Self::Account(account) => *account,
            Self::Key(key) => key.account,
        }
    }

    /// The key's ARN, if it is one.
    pub(crate) const fn key(&self) -> Option<&KeyArn> {
        match self {
            Self::Account(_) => None,
            Self::Key(key) => Some(key),
        }
    }
}

/// The row key: month, account, Region, key. So a report reads one part of the table, and what is old is in front.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UsageRowKey {
    pub(crate) month: Month,
    pub(crate) subject: Subject,
}

impl UsageRowKey {
    /// The rows of a month, of one account or of all.
    pub(crate) fn prefix(month: Month, account: Option<AccountId>) -> Result<Prefix<UsageRecord>, KeyError> {
        Prefix::of(|key| {
            key.text(&month.to_string());
            if let Some(account) = account {
                key.text(account.as_str());
            }
        })
    }
}

/// The requests of a month. Written by adding up, on every node.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageRecord {
    /// Of a key that was there when it was written; what requests cost depends on it, also when the key is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_spec: Option<KeySpec>,
    pub(crate) requests: Requests,
}

/// Numbers of requests by operation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests {
    /// Those that were answered with success.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) succeeded: BTreeMap<Box<str>, u64>,
    /// Those that were refused or failed, once their caller was known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) failed: BTreeMap<Box<str>, u64>,
}

impl Requests {
    pub(crate) fn is_empty(&self) -> bool {
        self.succeeded.is_empty() && self.failed.is_empty()
    }

    pub(crate) fn succeed(&mut self, name: &str, count: u64) {
        add(&mut self.succeeded, name, count);
    }

    pub(crate) fn fail(&mut self, name: &str, count: u64) {
        add(&mut self.failed, name, count);
    }

    /// Adds the numbers of others.
    pub(crate) fn add(&mut self, more: &Self) {
        more.succeeded.iter().for_each(|(name, count)| self.succeed(name, *count));
        more.failed.iter().for_each(|(name, count)| self.fail(name, *count));
    }
}

fn add(to: &mut BTreeMap<Box<str>, u64>, name: &str, count: u64) {
    match to.get_mut(name) {
        _ if count == 0 => {}
        Some(sum) => *sum = sum.saturating_add(count),
        None => _ = to.insert(name.into(), count),
    }
}

/// The row key of a writer: a random number of each start of a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UsageWriterRowKey(pub(crate) u64);

/// How far a writer has got, written with each of its batches: one that may or may not have been written is not added twice.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageWriterRecord {
    /// The number of the last batch.
    pub(crate) batch: u64,
    #[serde(with = "time_ms")]
    pub(crate) at: Timestamp,
}

impl RowKey for UsageRowKey {
    fn write(&self, key: &mut KeyWriter) {
        let (region, key_id) = match &self.subject {
            Subject::Account(_) => (NO_KEY, NO_KEY),
            Subject::Key(key) => (key.region.as_str(), key.key_id.as_str()),
        };
        key.text(&self.month.to_string()).text(self.subject.account().as_str()).text(region).text(key_id);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let (month, account) = (key.parse()?, key.parse()?);
        let subject = match (key.text()?, key.text()?) {
            (NO_KEY, NO_KEY) => Subject::Account(account),
            (region, key_id) => Subject::Key(KeyArn { region: region.parse()?, account, key_id: key_id.parse()? }),
        };
        Ok(Self { month, subject })
    }
}

impl RowKey for UsageWriterRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.number(self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.number()?))
    }
}

json_row!(UsageRecord, "usage", UsageRowKey);
json_row!(UsageWriterRecord, "usage-writer", UsageWriterRowKey);
