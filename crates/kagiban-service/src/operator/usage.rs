//! ListUsage and ListKeyTimes: how many requests there were in a month, and for how long keys were there. What that costs is
//! for whoever asks to compute (`kagiban usage`).
//!
//! A caller sees its own account; callers of the management account see all.

use std::collections::BTreeMap;

use kagiban_api::{KeyManagerType, KeySpec, KeyState, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, KeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::{Prefix, StoreError, StoreSnapshot};
use serde::{Deserialize, Serialize};

use super::fields::{AccountIdField, Limit, Marker, MonthField};
use super::{Context, Operation, permission, seconds};
use crate::error::ServiceError;
use crate::keys::metadata;
use crate::month::Month;
use crate::paging::Listing;
use crate::records::Place;
use crate::records::key::{KeyBody, KeyRecord, KeyRowKey};
use crate::records::rotation::{RotationRecord, RotationRowKey};
use crate::records::usage::{Requests, Subject, UsageRecord, UsageRowKey};

/// Entries on a page, if the request does not say.
const PAGE_DEFAULT: usize = 100;
/// Rotations of a key whose times are told: AWS charges for no more.
const ROTATIONS_SHOWN: u64 = 2;
/// For how long a key whose deletion is pending has been so, taken backwards from its end, where that is not known.
const WINDOW_DAYS: i64 = 30;
const HOUR_MS: i64 = 3_600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct UsageRequest {
    /// The present month if it is left out.
    #[serde(default)]
    month: Option<MonthField>,
    #[serde(default)]
    account_id: Option<AccountIdField>,
    #[serde(default)]
    limit: Option<Limit>,
    #[serde(default)]
    marker: Option<Marker>,
}

/// Requests by account, Region and key; those without a key come first in each account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListUsageResponse {
    usage: Vec<UsageShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UsageShown {
    month: String,
    #[serde(with = "kagiban_storage::json::text")]
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_spec: Option<KeySpec>,
    succeeded: BTreeMap<Box<str>, u64>,
    failed: BTreeMap<Box<str>, u64>,
}

/// The keys that are there now and were there in the month.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeyTimesResponse {
    keys: Vec<KeyTimes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyTimes {
    month: String,
    month_hours: i64,
    #[serde(with = "kagiban_storage::json::text")]
    account_id: AccountId,
    region: String,
    key_id: String,
    key_spec: KeySpec,
    key_state: KeyState,
    origin: OriginType,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_manager: Option<KeyManagerType>,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
    /// Hours of the month, up to now, in which it was there and not waiting for its deletion; each that has begun.
    hours: i64,
    /// The same for the material of each of its first rotations.
    rotation_hours: Vec<i64>,
}

/// What a listing is about.
struct Scope {
    month: Month,
    /// All accounts if it is none.
    account: Option<AccountId>,
    limit: usize,
}

impl Scope {
    /// Asks for permission; for what is not the caller's own that of the management account.
    fn permitted(operation: Operation, input: &UsageRequest, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        let own = ctx.caller.account();
        let is_management = ctx.service.management_account == Some(own);
        let account = match &input.account_id {
            Some(account) => Some(account.0),
            None if is_management => None,
            None => Some(own),
        };
        let _permitted = match account {
            Some(account) => permission::require_about(account, operation, ctx)?,
            None => permission::require_in_management(operation, ctx)?,
        };
        let month = input.month.as_ref().map_or_else(|| Month::of(ctx.now), |month| month.0);
        Ok(Self { month, account, limit: input.limit.map_or(PAGE_DEFAULT, |limit| limit.0) })
    }

    /// What markers are bound to, besides the caller.
    fn filter(&self) -> String {
        format!("{}/{}", self.month, self.account.as_ref().map_or("", AccountId::as_str))
    }
}

/// Lists the requests of a month. What this node has noted is written down before the first page.
pub(super) async fn list(input: &UsageRequest, ctx: &Context<'_>) -> Result<ListUsageResponse, ServiceError> {
    let scope = Scope::permitted(Operation::ListUsage, input, ctx)?;
    if input.marker.is_none() {
        ctx.service.save_key_uses().await?;
    }
    let filter = scope.filter();
    let listing = Listing::new("operator-usage", ctx.place(), &filter);
    let after: Option<Named> = listing.read_marker(input.marker.as_ref().map(|marker| marker.0.as_str()))?;
    let after = after.map(|after| UsageRowKey { month: scope.month, subject: after.0 });
    let prefix = UsageRowKey::prefix(scope.month, scope.account).map_err(StoreError::from)?;
    let page = ctx.service.store.snapshot().await?.scan(&prefix, after.as_ref(), scope.limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_marker = last.map(|(key, _)| listing.marker(&Named(key.subject).to_string()));
    let usage = page.rows.into_iter().map(|(key, record)| shown(&key, record)).collect();
    Ok(ListUsageResponse { usage, next_marker, truncated: page.more })
}

fn shown(key: &UsageRowKey, record: UsageRecord) -> UsageShown {
    let UsageRecord { key_spec, requests: Requests { succeeded, failed } } = record;
    let of = key.subject.key();
    UsageShown {
        month: key.month.to_string(),
        account_id: key.subject.account(),
        region: of.map(|of| of.region.to_string()),
        key_id: of.map(|of| of.key_id.to_string()),
        key_spec,
        succeeded,
        failed,
    }
}

/// Lists the keys that were there in a month, and for how long.
pub(super) async fn key_times(input: &UsageRequest, ctx: &Context<'_>) -> Result<ListKeyTimesResponse, ServiceError> {
    let scope = Scope::permitted(Operation::ListKeyTimes, input, ctx)?;
    let filter = scope.filter();
    let listing = Listing::new("operator-key-times", ctx.place(), &filter);
    let after: Option<Named> = listing.read_marker(input.marker.as_ref().map(|marker| marker.0.as_str()))?;
    let after = after.and_then(|after| after.0.key().map(|key| KeyRowKey::from(*key)));
    let snapshot = &ctx.service.store.snapshot().await?;
    let page = match scope.account {
        None => Keys::of_all(snapshot, after, scope.limit).await?,
        Some(account) => Keys::of_account(snapshot, account, after, scope.limit).await?,
    };
    let last = page.rows.last().filter(|_| page.more);
    let next_marker = last.map(|(key, _)| listing.marker(&Named(Subject::Key(key.arn())).to_string()));
    let mut keys = Vec::new();
    for (key, body) in page.rows {
        keys.extend(times(KeyRecord::new(key.arn(), body), scope.month, snapshot, ctx).await?);
    }
    Ok(ListKeyTimesResponse { keys, next_marker, truncated: page.more })
}

/// Keys of one page.
struct Keys {
    rows: Vec<(KeyRowKey, KeyBody)>,
    more: bool,
}

impl Keys {
    async fn of_all(snapshot: &StoreSnapshot, after: Option<KeyRowKey>, limit: usize) -> Result<Self, StoreError> {
        let page = snapshot.scan::<KeyBody>(&Prefix::all(), after.as_ref(), limit).await?;
        Ok(Self { rows: page.rows, more: page.more })
    }

    /// Those of one account: keys are stored by Region first, so one Region after the other.
    async fn of_account(
        snapshot: &StoreSnapshot,
        account: AccountId,
        mut after: Option<KeyRowKey>,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let mut rows: Vec<(KeyRowKey, KeyBody)> = Vec::new();
        let mut region = match &after {
            Some(after) => Some(after.place.region),
            None => first_region(snapshot, None).await?,
        };
        while let Some(here) = region {
            let prefix = Place { region: here, account }.prefix::<KeyBody>()?;
            let page = snapshot.scan(&prefix, after.as_ref(), limit.saturating_sub(rows.len())).await?;
            rows.extend(page.rows);
            if page.more {
                return Ok(Self { rows, more: true });
            }
            (region, after) = (first_region(snapshot, Some(here)).await?, None);
            if rows.len() >= limit {
                return Ok(Self { rows, more: region.is_some() });
            }
        }
        Ok(Self { rows, more: false })
    }
}

/// The first Region with a key that comes after this one.
async fn first_region(snapshot: &StoreSnapshot, after: Option<Region>) -> Result<Option<Region>, StoreError> {
    // Behind every key of the Region, whether there is such a key or not.
    let last = after.and_then(|region| {
        let place = Place { region, account: "999999999999".parse().ok()? };
        Some(KeyRowKey { place, key_id: KeyId::from_parts(true, [0xff; 16]) })
    });
    let page = snapshot.scan::<KeyBody>(&Prefix::all(), last.as_ref(), 1).await?;
    Ok(page.rows.first().map(|(key, _)| key.place.region))
}

/// For how long a key was there in the month; `None` if it was not.
async fn times(
    key: KeyRecord,
    month: Month,
    snapshot: &StoreSnapshot,
    ctx: &Context<'_>,
) -> Result<Option<KeyTimes>, ServiceError> {
    let (body, metadata) = (&key.body, metadata::of(&key));
    let waiting_since = metadata.deletion_date.map(|end| end.plus_days(-WINDOW_DAYS));
    let end = [Some(month.end()), Some(ctx.now), waiting_since].into_iter().flatten().min().unwrap_or(ctx.now);
    let hours_since = |since: Timestamp| hours(end.ms_since(since.max(month.start())));
    if body.created >= month.end() || hours_since(body.created) == 0 {
        return Ok(None);
    }
    let mut rotation_hours = Vec::new();
    for number in 1..=u64::from(body.rotation.count).min(ROTATIONS_SHOWN) {
        let rotation: Option<RotationRecord> = snapshot.read(&RotationRowKey::new(&key.arn, number)).await?;
        let date = rotation.and_then(|rotation| rotation.date);
        rotation_hours.extend(date.map(hours_since).filter(|hours| *hours > 0));
    }
    Ok(Some(KeyTimes {
        month: month.to_string(),
        month_hours: hours(month.end().ms_since(month.start())),
        account_id: key.arn.account,
        region: key.arn.region.to_string(),
        key_id: metadata.key_id,
        key_spec: body.key_spec,
        key_state: body.state,
        origin: body.origin,
        key_manager: metadata.key_manager,
        creation_date: body.created,
        hours: hours_since(body.created),
        rotation_hours,
    }))
}

/// Hours that have begun; none of a negative time.
fn hours(ms: i64) -> i64 {
    ms.max(0).saturating_add(HOUR_MS - 1) / HOUR_MS
}

/// A subject in a marker: a key's ARN or an account's number.
struct Named(Subject);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Subject::Account(account) => write!(f, "{account}"),
            Subject::Key(key) => write!(f, "{key}"),
        }
    }
}

impl std::str::FromStr for Named {
    type Err = kagiban_base::id::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(key) = text.parse::<KeyArn>() {
            return Ok(Self(Subject::Key(key)));
        }
        text.parse().map(|account| Self(Subject::Account(account)))
    }
}
