//! What a stream says of itself: at its beginning, and at its end.

use std::collections::BTreeMap;

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The first record: of what, and when.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// When the snapshot was taken; Unix time in milliseconds.
    #[serde(with = "time_ms")]
    pub taken: Timestamp,
    /// When the deployment was made, by which backups of one deployment are known to be; Unix time in milliseconds.
    #[serde(with = "time_ms")]
    pub deployment_created: Timestamp,
    /// `production` or `development`.
    pub deployment_kind: String,
    /// The snapshot's revision in the store that it was taken of.
    pub revision: u64,
    /// Where the rows were: `embedded` or `etcd`.
    pub store: String,
    /// To whom the stream is encrypted: an age recipient.
    pub recipient: String,
    /// The version of Kagiban that wrote it.
    pub program: String,
    /// How many rows there will be.
    pub rows: u64,
}

/// The last record: what there must have been before it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Rows.
    pub rows: u64,
    /// Bytes of all keys and values.
    pub bytes: u64,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
    /// SHA-256 of the stream up to this record, in lower-case hex digits.
    pub sha256: String,
}

impl End {
    /// Counts a row. Its table is what stands before the first zero byte of its key.
    pub(crate) fn count(&mut self, key: &[u8], value: &[u8]) {
        let table = key.split(|byte| *byte == 0).next().unwrap_or_default();
        let rows = match self.tables.get_mut(&*String::from_utf8_lossy(table)) {
            Some(rows) => rows,
            None => self.tables.entry(String::from_utf8_lossy(table).into_owned()).or_default(),
        };
        *rows = rows.saturating_add(1);
        self.rows = self.rows.saturating_add(1);
        let bytes = key.len().saturating_add(value.len());
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

mod time_ms {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    pub(super) fn serialize<S: Serializer>(value: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(value.unix_ms())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Ok(Timestamp::from_unix_ms(i64::deserialize(deserializer)?))
    }
}
