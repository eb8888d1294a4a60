//! What the service did by itself, until it is in the audit journal: written with the change, removed when it is recorded.

use kagiban_api::{OriginType, RotationType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, KeyMaterialId, Region, RequestId};
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{optional_text, text};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an event: when it was, and the number that its record will have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ServiceEventRowKey {
    pub(crate) at: Timestamp,
    pub(crate) number: RequestId,
}

impl RowKey for ServiceEventRowKey {
    fn write(&self, key: &mut KeyWriter) {
        // Before 1970 nothing happened; then the order is of no use, and nothing else.
        key.number(u64::try_from(self.at.unix_ms()).unwrap_or_default()).text(self.number.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let at = i64::try_from(key.number()?).unwrap_or(i64::MAX);
        Ok(Self { at: Timestamp::from_unix_ms(at), number: key.parse()? })
    }
}

/// An event. Rows of version 1 were all of keys.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum ServiceEventRecord {
    OfKey(KeyEvent),
    OfRule(RuleEvent),
}

/// What a rule had the service do, as an operation of a caller would have done it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleEvent {
    /// The name of the rule.
    pub(crate) rule: String,
    /// The number of the event that made it fire.
    pub(crate) event_id: String,
    #[serde(with = "text")]
    pub(crate) account: AccountId,
    #[serde(with = "text")]
    pub(crate) region: Region,
    /// `kms.amazonaws.com`
    pub(crate) source: String,
    pub(crate) operation: String,
    /// Its parameters, as a JSON object.
    pub(crate) parameters: String,
    /// Whose state changed; absent where it was a principal's.
    #[serde(with = "optional_text")]
    pub(crate) key: Option<KeyArn>,
}

/// An event of one key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyEvent {
    #[serde(with = "text")]
    pub(crate) key: KeyArn,
    pub(crate) event: ServiceEvent,
}

/// What happened to the key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum ServiceEvent {
    /// It was made as a replica.
    CreateKey,
    /// Imported material expired.
    DeleteExpiredKeyMaterial {
        #[serde(with = "text")]
        material: KeyMaterialId,
    },
    /// Its waiting period ended.
    DeleteKey,
    /// It has another material.
    RotateKey {
        rotation_type: RotationType,
        origin: OriginType,
        #[serde(with = "text")]
        previous: KeyMaterialId,
        #[serde(with = "text")]
        current: KeyMaterialId,
    },
    /// It took the shared properties over from its primary.
    SynchronizeMultiRegionKey,
    /// It became the primary of its set.
    UpdatePrimaryRegion {
        #[serde(with = "text")]
        region: Region,
    },
}

json_row!(ServiceEventRecord, "service-event", ServiceEventRowKey, 2);
