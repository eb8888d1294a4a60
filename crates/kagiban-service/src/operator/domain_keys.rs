//! RotateDomainKey, DescribeDomainKeys.

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::DomainKeyId;
use serde::{Deserialize, Serialize};

use super::fields::NoInput;
use super::permission;
use super::{Context, Operation, optional_seconds, seconds};
use crate::domain_keys::Rotation;
use crate::error::ServiceError;
use crate::sealing::stored::StoredDomainKeys;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RotateDomainKeyRequest {
    #[serde(default)]
    end_sessions: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RotateDomainKeyResponse {
    #[serde(with = "kagiban_storage::json::text")]
    domain_key_id: DomainKeyId,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeDomainKeysResponse {
    domain_keys: Vec<Described>,
    rotation: Progress,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(with = "kagiban_storage::json::text")]
    domain_key_id: DomainKeyId,
    state: State,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
    /// When another one took its place.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_seconds")]
    replacement_date: Option<Timestamp>,
    /// Until when it opens sessions and import tokens of before.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_seconds")]
    kept_until_date: Option<Timestamp>,
}

/// What a domain key is for.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    /// It wraps.
    Current,
    /// No row needs it, and what is no row may.
    Kept,
    /// It is made known to all nodes, and will be the current one.
    Prepared,
    /// Rows may need it.
    Replaced,
}

/// How far a rotation is; the figures are those of the server that answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Progress {
    phase: Phase,
    /// Rows under an old domain key; absent while they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_left: Option<u64>,
    /// Since the server started.
    secrets_rewrapped: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Phase {
    /// The old key is kept for sessions, or for rows that do not open.
    Keeping,
    None,
    Prepared,
    Rewrapping,
}

impl Phase {
    fn of(stored: &StoredDomainKeys) -> Self {
        match stored.prepared() {
            Some(_) => Self::Prepared,
            None if stored.is_being_rewrapped() => Self::Rewrapping,
            None if stored.replaced().next().is_some() => Self::Keeping,
            None => Self::None,
        }
    }
}

/// Begins a rotation; the server goes on with it by itself.
pub(super) async fn rotate(
    input: &RotateDomainKeyRequest,
    ctx: &Context<'_>,
) -> Result<RotateDomainKeyResponse, ServiceError> {
    let _permitted = permission::require(Operation::RotateDomainKey, ctx)?;
    let rotation = Rotation { now: ctx.now, ends_sessions: input.end_sessions };
    Ok(RotateDomainKeyResponse { domain_key_id: ctx.service.prepare_domain_key(rotation).await? })
}

/// The domain keys, and how far a rotation is.
pub(super) async fn describe(_: &NoInput, ctx: &Context<'_>) -> Result<DescribeDomainKeysResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeDomainKeys, ctx)?;
    let stored = ctx.service.stored_domain_keys().await?;
    let (phase, progress) = (Phase::of(&stored), &ctx.service.rewrapping);
    let rows_left = match phase {
        Phase::Rewrapping => progress.left(),
        Phase::Keeping if stored.is_to_be_rewrapped() => progress.left(),
        Phase::Keeping | Phase::None => Some(0),
        Phase::Prepared => None,
    };
    let rotation = Progress { phase, rows_left, secrets_rewrapped: progress.rewrapped() };
    let (current, is_being_rewrapped) = (stored.current, stored.is_being_rewrapped());
    let described = stored.rows.into_iter().map(|(row, record)| Described {
        domain_key_id: row.0,
        state: match record.replaced {
            _ if row.0 == current => State::Current,
            Some(_) if record.needless.is_some() => State::Kept,
            Some(_) => State::Replaced,
            None => State::Prepared,
        },
        creation_date: record.created,
        replacement_date: record.replaced,
        kept_until_date: record.kept_until.filter(|_| is_being_rewrapped || record.needless.is_some()),
    });
    Ok(DescribeDomainKeysResponse { domain_keys: described.collect(), rotation })
}
