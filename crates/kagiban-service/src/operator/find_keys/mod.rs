//! FindKeys: the keys of an account in a Region with all that is known of them, filtered.
//!
//! Beyond AWS, where it takes ListKeys and five requests for each key. Keys come in the order of their ids, as ListKeys
//! has them. A request looks at a bounded number of keys: a page can be short, or empty, and still have a marker.

mod entry;
mod filters;

use std::collections::VecDeque;

use kagiban_base::id::KeyId;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_storage::{StoreError, StoreSnapshot};
use serde::{Deserialize, Serialize};

use self::entry::Entry;
use self::filters::{Filters, FiltersField};
use super::fields::{AccountIdField, Limit, Marker, Object};
use super::{Context, Operation, OperatorError, permission};
use crate::error::ServiceError;
use crate::paging::Listing;
use crate::records::Place;
use crate::records::key::{KeyBody, KeyRecord, KeyRowKey};

/// Entries on a page if nothing is said.
const PAGE_DEFAULT: usize = 100;
/// Keys that one request looks at, at most: some tens of milliseconds.
const LOOKED_AT_MAX: usize = 5_000;
/// Keys read from the store at once.
const READ_AT_ONCE: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FindKeysRequest {
    /// Whose keys; the caller's if nothing is said.
    #[serde(default)]
    account_id: Option<AccountIdField>,
    #[serde(default)]
    filters: Object<FiltersField>,
    #[serde(default)]
    limit: Option<Limit>,
    #[serde(default)]
    marker: Option<Marker>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FindKeysResponse {
    keys: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

/// Finds keys of the caller's account, or, for callers of the management account, of another one.
pub(super) async fn find(input: &FindKeysRequest, ctx: &Context<'_>) -> Result<FindKeysResponse, ServiceError> {
    let account = input.account_id.map_or_else(|| ctx.caller.account(), |account| account.0);
    let _permitted = permission::require_about(account, Operation::FindKeys, ctx)?;
    let directory = &ctx.service.iam.directory;
    if directory.account(account).is_none() && directory.kind() == DeploymentKind::Production {
        return Err(OperatorError::AccountNotFound(account).into());
    }
    let place = Place { region: ctx.caller.region(), account };
    let filters = Filters::read(&input.filters.0, place)?;
    let binding = input.filters.0.binding();
    let listing = Listing::new("operator-find-keys", place, &binding);
    let after = listing.read_marker(input.marker.as_ref().map(|marker| marker.0.as_str()))?;
    let limit = input.limit.map_or(PAGE_DEFAULT, |limit| limit.0);
    let snapshot = ctx.service.store.snapshot().await?;
    let mut search = Search { place, source: Source::of(&filters, after, place, ctx), snapshot, looked_at: 0 };
    let mut keys = Vec::new();
    let mut last = None;
    while keys.len() < limit && search.looked_at < LOOKED_AT_MAX {
        let Some(key) = search.look_at_next().await? else {
            return Ok(FindKeysResponse { keys, next_marker: None, truncated: false });
        };
        last = Some(key.arn.key_id);
        if filters.admit(&key, ctx) {
            keys.push(Entry::of(&key, &search.snapshot, ctx).await?);
        }
    }
    let more = search.has_more();
    let next_marker = last.filter(|_| more).map(|last| listing.marker(last.as_str()));
    Ok(FindKeysResponse { keys, truncated: next_marker.is_some(), next_marker })
}

/// The keys that a request looks at, one after the other.
struct Search {
    place: Place,
    source: Source,
    snapshot: StoreSnapshot,
    looked_at: usize,
}

/// Where they come from.
enum Source {
    /// These and no others can be meant.
    Named(VecDeque<KeyId>),
    /// All of the place.
    All {
        /// Read, and not looked at.
        ahead: VecDeque<(KeyRowKey, KeyBody)>,
        /// The last one that was read.
        after: Option<KeyId>,
        more: bool,
    },
}

impl Source {
    fn of(filters: &Filters, after: Option<KeyId>, place: Place, ctx: &Context<'_>) -> Self {
        let Some(mut named) = filters.named(place, &ctx.service.view) else {
            return Self::All { ahead: VecDeque::new(), after, more: true };
        };
        named.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        named.dedup();
        named.retain(|key_id| after.is_none_or(|after| key_id.as_str() > after.as_str()));
        Self::Named(named.into())
    }
}

impl Search {
    /// The next key, as it is in the snapshot.
    async fn look_at_next(&mut self) -> Result<Option<KeyRecord>, ServiceError> {
        self.looked_at = self.looked_at.saturating_add(1);
        if let Source::Named(named) = &mut self.source {
            while let Some(key_id) = named.pop_front() {
                let key = KeyRowKey { place: self.place, key_id };
                if let Some(body) = self.snapshot.read::<KeyBody>(&key).await? {
                    return Ok(Some(KeyRecord::new(key.arn(), body)));
                }
            }
            return Ok(None);
        }
        self.read_ahead().await?;
        let Source::All { ahead, .. } = &mut self.source else { return Ok(None) };
        Ok(ahead.pop_front().map(|(key, body)| KeyRecord::new(key.arn(), body)))
    }

    /// Reads the next keys of the place if none is at hand.
    async fn read_ahead(&mut self) -> Result<(), ServiceError> {
        let Source::All { ahead, after, more } = &mut self.source else { return Ok(()) };
        if !ahead.is_empty() || !*more {
            return Ok(());
        }
        let prefix = self.place.prefix().map_err(StoreError::from)?;
        let row_key = after.map(|key_id| KeyRowKey { place: self.place, key_id });
        let page = self.snapshot.scan::<KeyBody>(&prefix, row_key.as_ref(), READ_AT_ONCE).await?;
        *after = page.rows.last().map(|(key, _)| key.key_id).or(*after);
        *more = page.more && !page.rows.is_empty();
        *ahead = page.rows.into();
        Ok(())
    }

    /// Whether there may be keys after the last one.
    fn has_more(&self) -> bool {
        match &self.source {
            Source::Named(named) => !named.is_empty(),
            Source::All { ahead, more, .. } => !ahead.is_empty() || *more,
        }
    }
}
