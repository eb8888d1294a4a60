//! What the server answers, as far as these commands show it as text. Members that are not known here are left alone: a
//! newer server may say more.

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// An account was made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewAccount {
    pub(crate) account_id: String,
    #[serde(flatten)]
    pub(crate) access_key: NewAccessKey,
}

/// An access key was made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewAccessKey {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
}

/// An account of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) alias: String,
    #[serde(deserialize_with = "seconds")]
    pub(crate) creation_date: Timestamp,
    pub(crate) state: String,
}

/// An access key of a service, of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ServiceAccessKey {
    pub(crate) access_key_id: String,
    pub(crate) service_principal: String,
    #[serde(deserialize_with = "seconds")]
    pub(crate) creation_date: Timestamp,
}

/// An invitation was made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewInvitation {
    pub(crate) invitation: Secret,
    #[serde(deserialize_with = "seconds")]
    pub(crate) expiration_date: Timestamp,
}

/// An invitation was accepted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AcceptedInvitation {
    pub(crate) regions: Vec<String>,
}

/// A peer of a list, or an invitation that waits.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Peer {
    pub(crate) peer_name: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) regions: Vec<String>,
    #[serde(default, deserialize_with = "optional_seconds")]
    pub(crate) last_answer_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_seconds")]
    pub(crate) expiration_date: Option<Timestamp>,
    #[serde(default)]
    pub(crate) related_keys: Option<u64>,
    #[serde(default)]
    pub(crate) waiting_keys: Option<u64>,
}

/// What the clock shows.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Clock {
    #[serde(deserialize_with = "seconds")]
    pub(crate) now: Timestamp,
    pub(crate) seconds_ahead: i64,
}

/// The decisions of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Explained {
    pub(crate) decisions: Vec<Decision>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Decision {
    pub(crate) action: String,
    pub(crate) text: String,
}

/// A key that was found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FoundKey {
    pub(crate) key_metadata: KeyMetadata,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    pub(crate) rotation: Rotation,
    pub(crate) last_usage: LastUsage,
}

/// What DescribeKey shows of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyMetadata {
    pub(crate) key_id: String,
    pub(crate) key_state: String,
    pub(crate) key_spec: String,
    pub(crate) key_manager: String,
    #[serde(deserialize_with = "seconds")]
    pub(crate) creation_date: Timestamp,
}

/// A tag of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) tag_key: String,
    pub(crate) tag_value: String,
}

/// How a key rotates.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rotation {
    pub(crate) next_rotation_date: Option<Moment>,
}

/// When a key was last used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LastUsage {
    pub(crate) timestamp: Option<Moment>,
}

/// Seconds since the Unix epoch, where there may be none.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Moment(#[serde(deserialize_with = "seconds")] pub(crate) Timestamp);

/// A secret text, wiped when dropped.
#[derive(Debug)]
pub(crate) struct Secret(pub(crate) SecretBytes);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Secret;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret(SecretBytes::from_slice(text.as_bytes())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Seconds since the Unix epoch.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let ms = (seconds * 1000.0).round() as i64;
    Ok(Timestamp::from_unix_ms(ms))
}

/// The same where there may be none.
pub(crate) fn optional_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    seconds(deserializer).map(Some)
}
