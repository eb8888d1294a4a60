//! When each key was last used and by whom, and since when that is known.

use kagiban_api::KeyLastUsageTrackingOperation;
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_storage::json::{optional_text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

pub(crate) use super::key::KeyRowKey as KeyUseRowKey;

/// Principals that are remembered of a key: those that used it last.
pub(crate) const PRINCIPALS_MAX: usize = 16;

/// The last use of a key's material that has been written down. Version 1 knew the time only.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyUseRecord {
    #[serde(with = "time_ms")]
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<KeyLastUsageTrackingOperation>,
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<RequestId>,
    /// ARN of the caller; of a role session, the session's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller: Option<Box<str>>,
    /// Who used it last, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) principals: Vec<PrincipalUse>,
}

/// The uses of a key by one principal, since it was last not among those that are remembered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrincipalUse {
    /// ARN of a user, a role or an account's root; the name of a service.
    pub(crate) arn: Box<str>,
    #[serde(with = "time_ms")]
    pub(crate) at: Timestamp,
    /// At least so many: uses in one and the same instant can be told as one.
    pub(crate) count: u64,
}

/// One use of a key, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LastUse {
    pub(crate) at: Timestamp,
    pub(crate) operation: Option<KeyLastUsageTrackingOperation>,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) caller: Option<Box<str>>,
}

impl KeyUseRecord {
    /// The record of a first use.
    pub(crate) fn of(LastUse { at, operation, request_id, caller }: LastUse) -> Self {
        Self { at, operation, request_id, caller, principals: Vec::new() }
    }

    /// The last use.
    pub(crate) fn last_use(&self) -> LastUse {
        let Self { at, operation, request_id, caller, principals: _ } = self.clone();
        LastUse { at, operation, request_id, caller }
    }

    /// Takes a use that may be later; of two in the same instant the one that is told later counts.
    pub(crate) fn take(&mut self, last: LastUse) {
        if last.at >= self.at {
            *self = Self { principals: std::mem::take(&mut self.principals), ..Self::of(last) };
        }
    }

    /// Takes what principals did, and forgets those of whom nothing was heard for longest.
    pub(crate) fn take_principals(&mut self, more: impl Iterator<Item = PrincipalUse>) {
        for new in more {
            match self.principals.iter_mut().find(|known| known.arn == new.arn) {
                Some(known) => {
                    known.at = known.at.max(new.at);
                    known.count = known.count.saturating_add(new.count);
                }
                None => self.principals.push(new),
            }
        }
        self.principals.sort_by_key(|known| std::cmp::Reverse(known.at));
        self.principals.truncate(PRINCIPALS_MAX);
    }
}

json_row!(KeyUseRecord, "key-use", KeyUseRowKey, 2);

/// The row key of the beginning: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyUseTrackingRowKey;

/// Since when uses are known; a key without a use may have been used before.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyUseTrackingRecord {
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
}

impl RowKey for KeyUseTrackingRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(KeyUseTrackingRecord, "key-use-tracking", KeyUseTrackingRowKey);
