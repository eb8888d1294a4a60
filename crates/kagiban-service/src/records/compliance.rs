//! Whether a resource is as a compliance rule wants it, and since when: of those alone that once were not; and what has changed,
//! until it is told.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

/// When a change was found, and the number that its record will have.
pub(crate) use super::service_event::ServiceEventRowKey as ComplianceChangeRowKey;

/// The row key: account, rule, the resource's ARN.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct ComplianceRowKey {
    pub(crate) account: AccountId,
    pub(crate) rule: Box<str>,
    pub(crate) resource: Box<str>,
}

/// How it is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComplianceRecord {
    pub(crate) compliant: bool,
    /// When it was first seen to be so.
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
    /// Why it is not as it should be; empty when it is.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub(crate) annotation: Box<str>,
}

impl RowKey for ComplianceRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(&self.rule).text(&self.resource);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { account: key.parse()?, rule: key.text()?.into(), resource: key.text()?.into() })
    }
}

json_row!(ComplianceRecord, "compliance", ComplianceRowKey);

/// A change: written with what it changes, removed when its record is in a journal.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComplianceChangeRecord {
    #[serde(with = "text")]
    pub(crate) account: AccountId,
    pub(crate) rule: Box<str>,
    pub(crate) resource: Box<str>,
    /// Whether it was as it should be; absent where nothing was known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<bool>,
    /// Whether it is now; absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<bool>,
    /// Why it is not; empty when it is.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub(crate) annotation: Box<str>,
}

json_row!(ComplianceChangeRecord, "compliance-change", ComplianceChangeRowKey);
