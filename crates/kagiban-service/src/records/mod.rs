//! What is stored: one file per row type, each with its version number.
//!
//! Rows live here and not in `kagiban-storage`, because they are made of the API's own enums (key specs, states, usages),
//! which the store has no business knowing. A row is one version byte and a JSON object; a changed field needs a new version, a
//! reader for the old one, and a fixture (`tests/fixtures/`) that must still open.

pub(crate) mod access_key;
pub(crate) mod account;
pub(crate) mod alias;
pub(crate) mod deployment;
pub(crate) mod domain_key;
#[cfg(test)]
mod fixtures;
pub(crate) mod key;
pub(crate) mod key_policy;
pub(crate) mod material;

use std::fmt::Display;
use std::str::FromStr;

use kagiban_base::id::{AccountId, KeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, Row};
use serde::{Deserialize, Deserializer, Serializer};

/// Where the rows of an account in a Region are: the first parts of most row keys.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Place {
    pub(crate) region: Region,
    pub(crate) account: AccountId,
}

impl Place {
    /// The rows of a table that are in this place.
    pub(crate) fn prefix<R: Row>(&self) -> Result<Prefix<R>, KeyError> {
        Prefix::of(|key| self.write(key))
    }

    /// The rows of a table that are in this place and belong to one key.
    pub(crate) fn key_prefix<R: Row>(&self, key_id: KeyId) -> Result<Prefix<R>, KeyError> {
        Prefix::of(|key| {
            self.write(key);
            key.text(key_id.as_str());
        })
    }

    fn write(&self, key: &mut KeyWriter) {
        key.text(self.region.as_str()).text(self.account.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { region: key.parse()?, account: key.parse()? })
    }
}

/// Makes a type the row of a table, with a JSON body. Its version is 1 if none is given; a newer version must read the
/// older ones, which it does when every field that came later has a default.
macro_rules! json_row {
    ($row:ty, $table:literal, $key:ty) => {
        crate::records::json_row!($row, $table, $key, 1);
    };
    ($row:ty, $table:literal, $key:ty, $version:literal) => {
        impl kagiban_storage::Row for $row {
            const TABLE: kagiban_storage::Table = kagiban_storage::Table::new($table);
            const VERSION: u8 = $version;
            type Key = $key;

            fn encode(&self) -> Result<Vec<u8>, kagiban_storage::RowError> {
                serde_json::to_vec(self).map_err(kagiban_storage::RowError::malformed)
            }

            fn decode(_version: u8, body: &[u8]) -> Result<Self, kagiban_storage::RowError> {
                serde_json::from_slice(body).map_err(kagiban_storage::RowError::malformed)
            }
        }
    };
}
use json_row;

/// Serde form of identifiers: their text.
mod text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};
    use serde::de::Error as _;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not an identifier"))
    }
}

/// Serde form of an identifier that may be absent.
mod optional_text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};
    use serde::de::Error as _;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(d)?;
        text.map(|text| text.parse().map_err(|_| D::Error::custom("not an identifier"))).transpose()
    }
}

/// Serde form of a point in time: milliseconds since the Unix epoch.
mod time_ms {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    pub(super) fn serialize<S: Serializer>(value: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(value.unix_ms())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Ok(Timestamp::from_unix_ms(i64::deserialize(deserializer)?))
    }
}

/// Serde form of a point in time that may be absent.
mod optional_time_ms {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    pub(super) fn serialize<S: Serializer>(value: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(at) => serializer.serialize_i64(at.unix_ms()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_unix_ms))
    }
}

/// Serde form of bytes that may be absent: standard base64.
mod optional_base64_bytes {
    use super::{Deserializer, Serializer, base64_bytes};
    use serde::Serialize;

    pub(super) fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(bytes) => base64_bytes::serialize(bytes, serializer),
            None => None::<()>.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        base64_bytes::deserialize(deserializer).map(Some)
    }
}

/// Serde form of bytes: standard base64.
mod base64_bytes {
    use super::{Deserialize, Deserializer, Serializer};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;

    pub(super) fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(value))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))
    }
}
