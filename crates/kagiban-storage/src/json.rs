//! Rows with a JSON body: one macro, and the serde forms of what such rows are made of.
//!
//! A row is one version byte and a JSON object; a changed field needs a new version, which reads the older ones when every
//! field that came later has a default.

use std::fmt::Display;
use std::str::FromStr;

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

/// Makes a type the row of a table, with a JSON body. Its version is 1 if none is given; a newer version must read the
/// older ones, which it does when every field that came later has a default.
#[macro_export]
macro_rules! json_row {
    ($row:ty, $table:literal, $key:ty) => {
        $crate::json_row!($row, $table, $key, 1);
    };
    ($row:ty, $table:literal, $key:ty, $version:literal) => {
        impl $crate::Row for $row {
            const TABLE: $crate::Table = $crate::Table::new($table);
            const VERSION: u8 = $version;
            type Key = $key;

            fn encode(&self, _version: u8) -> Result<Vec<u8>, $crate::RowError> {
                $crate::json::to_body(self)
            }

            fn decode(_version: u8, body: &[u8]) -> Result<Self, $crate::RowError> {
                $crate::json::from_body(body)
            }
        }
    };
}

/// The JSON body of a row.
///
/// # Errors
/// [`crate::RowError::malformed`].
pub fn to_body<T: serde::Serialize>(row: &T) -> Result<Vec<u8>, crate::RowError> {
    serde_json::to_vec(row).map_err(crate::RowError::malformed)
}

/// The row from its JSON body.
///
/// # Errors
/// [`crate::RowError::malformed`].
pub fn from_body<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, crate::RowError> {
    serde_json::from_slice(body).map_err(crate::RowError::malformed)
}

/// Serde form of identifiers: their text.
pub mod text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};
    use serde::de::Error as _;

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not an identifier"))
    }
}

/// Serde form of an identifier that may be absent.
pub mod optional_text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};
    use serde::de::Error as _;

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(d)?;
        text.map(|text| text.parse().map_err(|_| D::Error::custom("not an identifier"))).transpose()
    }
}

/// Serde form of a point in time: milliseconds since the Unix epoch.
pub mod time_ms {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(value: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(value.unix_ms())
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Ok(Timestamp::from_unix_ms(i64::deserialize(deserializer)?))
    }
}

/// Serde form of a point in time that may be absent.
pub mod optional_time_ms {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(value: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(at) => serializer.serialize_i64(at.unix_ms()),
            None => serializer.serialize_none(),
        }
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_unix_ms))
    }
}

/// Serde form of bytes that may be absent: standard base64.
pub mod optional_base64_bytes {
    use super::{Deserializer, Serializer, base64_bytes};
    use serde::Serialize;

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(bytes) => base64_bytes::serialize(bytes, serializer),
            None => None::<()>.serialize(serializer),
        }
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        base64_bytes::deserialize(deserializer).map(Some)
    }
}

/// Serde form of bytes: standard base64.
pub mod base64_bytes {
    use super::{Deserialize, Deserializer, Serializer};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(value))
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))
    }
}

/// Serde form of a list or set of identifiers: their texts.
pub mod texts {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};
    use serde::de::Error as _;

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<'a, C, T, S>(values: &'a C, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'a C: IntoIterator<Item = &'a T>,
        T: Display + 'a,
        S: Serializer,
    {
        serializer.collect_seq(values.into_iter().map(ToString::to_string))
    }

    /// As serde calls it for `with`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, C, T, D>(deserializer: D) -> Result<C, D::Error>
    where
        C: FromIterator<T>,
        T: FromStr,
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(|_| D::Error::custom("not an identifier"))).collect()
    }
}
