//! What FindKeys tells of one key.

use kagiban_api::{DescribeKeyResponse, RotationType};
use kagiban_base::time::Timestamp;
use kagiban_storage::StoreSnapshot;
use serde::Serialize;
use serde_json::Value;

use super::super::{Context, seconds};
use crate::error::{InternalError, ServiceError};
use crate::keys::metadata;
use crate::records::key::KeyRecord;
use crate::records::rotation::{RotationRecord, RotationRowKey};
use crate::rotation;

/// One key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    /// As DescribeKey has it.
    key_metadata: Value,
    /// By name.
    aliases: Vec<String>,
    /// By key.
    tags: Vec<Tag>,
    rotation: Rotation,
    last_usage: LastUsage,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    tag_key: String,
    tag_value: String,
}

/// How a key rotates, and when it did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rotation {
    key_rotation_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_period_in_days: Option<i32>,
    #[serde(serialize_with = "moment", skip_serializing_if = "Option::is_none")]
    next_rotation_date: Option<Timestamp>,
    /// How often it has rotated.
    rotations: u32,
    #[serde(serialize_with = "moment", skip_serializing_if = "Option::is_none")]
    last_rotation_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_rotation_type: Option<&'static str>,
}

/// When a key was last used; without a timestamp it was not since the date from which on that is known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsage {
    #[serde(serialize_with = "moment", skip_serializing_if = "Option::is_none")]
    timestamp: Option<Timestamp>,
    #[serde(serialize_with = "seconds")]
    tracking_start_date: Timestamp,
}

impl Entry {
    pub(super) async fn of(key: &KeyRecord, snapshot: &StoreSnapshot, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        let service = ctx.service;
        let tag = |(key, value): (&String, &String)| Tag { tag_key: key.clone(), tag_value: value.clone() };
        Ok(Self {
            key_metadata: described(key)?,
            aliases: service.view.aliases_of(&key.arn).iter().map(ToString::to_string).collect(),
            tags: key.body.tags.iter().map(tag).collect(),
            rotation: Rotation::of(key, snapshot).await?,
            last_usage: LastUsage {
                timestamp: service.view.key_uses().last(&key.arn, key.body.created),
                tracking_start_date: key.body.created.max(service.key_uses_since),
            },
        })
    }
}

impl Rotation {
    async fn of(key: &KeyRecord, snapshot: &StoreSnapshot) -> Result<Self, ServiceError> {
        let automatic = rotation::shown(&key.body);
        let rotations = key.body.rotation.count;
        let row_key = RotationRowKey::new(&key.arn, u64::from(rotations));
        let last = if rotations == 0 { None } else { snapshot.read::<RotationRecord>(&row_key).await? };
        Ok(Self {
            key_rotation_enabled: automatic.is_some(),
            rotation_period_in_days: automatic.map(|automatic| automatic.period_days),
            next_rotation_date: automatic.map(|automatic| automatic.next),
            rotations,
            last_rotation_date: last.as_ref().and_then(|last| last.date),
            last_rotation_type: last.and_then(|last| last.rotation_type).map(RotationType::as_str),
        })
    }
}

/// KeyMetadata as the codec of the API writes it, so that it is the same in both places.
fn described(key: &KeyRecord) -> Result<Value, ServiceError> {
    let answer = kagiban_api::encode(&DescribeKeyResponse { key_metadata: Some(metadata::of(key)) });
    let failed = || ServiceError::Internal(InternalError::Encoding);
    let mut answer: Value = serde_json::from_slice(&answer).map_err(|_| failed())?;
    answer.get_mut("KeyMetadata").map(Value::take).ok_or_else(failed)
}

fn moment<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => seconds(at, serializer),
        None => serializer.serialize_none(),
    }
}
