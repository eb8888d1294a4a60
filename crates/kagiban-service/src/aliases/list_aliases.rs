//! ListAliases.

use std::collections::BTreeMap;

use kagiban_api::{AliasListEntry, ListAliasesRequest, ListAliasesResponse};
use kagiban_base::arn::AliasArn;
use kagiban_base::id::{AliasName, KeyId};

use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;
use crate::managed_keys;
use crate::paging::{Listing, Page, PageSize};
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};
use crate::resolve;

/// Aliases on a page: default and maximum.
const PAGE: PageSize = PageSize { default: 50, max: 100 };

/// Lists the account's aliases in the Region by name, or those of one key.
pub(crate) async fn handle(input: &ListAliasesRequest, ctx: &Context<'_>) -> Result<ListAliasesResponse, ServiceError> {
    let _permitted = authorize::account(ctx.row.action, &[], ctx)?;
    match &input.key_id {
        None => of_account(input, ctx).await,
        Some(identifier) => {
            // The permission is one for the account; its keys are no secret to who has it.
            let arn = resolve::named(identifier, ctx.row.action, ctx)?.arn;
            if !authorize::is_own(&arn, ctx) {
                return Err(authorize::foreign(ctx.row.action, ctx));
            }
            let key = ctx.service.view.key(&arn).ok_or(ServiceError::KeyNotFound(arn))?;
            of_key(input, key.arn.key_id, ctx).await
        }
    }
}

async fn of_account(input: &ListAliasesRequest, ctx: &Context<'_>) -> Result<ListAliasesResponse, ServiceError> {
    let place = ctx.place();
    let listing = Listing::new("aliases", place, "");
    let after = listing.read_marker(input.marker.as_deref())?.map(|name| AliasRowKey { place, name });
    let page = PAGE.read::<AliasRecord>(input.limit, place.prefix(), after.as_ref(), ctx).await?;
    let predefined = managed_keys::aliases(&page.snapshot).await?;
    let (aliases, truncated) =
        with_predefined(page, predefined, after.map(|after| after.name), PAGE.limit(input.limit));
    let last = aliases.last_key_value().filter(|_| truncated);
    Ok(ListAliasesResponse {
        next_marker: last.map(|(name, _)| listing.marker(name.as_str())),
        aliases: Some(aliases.iter().map(|(name, record)| entry(name, record.as_ref(), ctx)).collect()),
        truncated: Some(truncated),
    })
}

/// The aliases of a page, and between them those that are kept for keys that do not exist yet; whether more follow.
fn with_predefined(
    page: Page<AliasRecord>,
    predefined: Vec<AliasName>,
    after: Option<AliasName>,
    limit: usize,
) -> (BTreeMap<AliasName, Option<AliasRecord>>, bool) {
    let end = page.last_if_truncated().map(|(key, _)| key.name.clone());
    let is_within =
        |name: &AliasName| after.as_ref().is_none_or(|after| name > after) && end.as_ref().is_none_or(|end| name < end);
    let mut aliases: BTreeMap<_, _> = predefined.into_iter().filter(is_within).map(|name| (name, None)).collect();
    aliases.extend(page.rows.into_iter().map(|(key, record)| (key.name, Some(record))));
    let truncated = page.truncated || aliases.len() > limit;
    while aliases.len() > limit {
        aliases.pop_last();
    }
    (aliases, truncated)
}

async fn of_key(
    input: &ListAliasesRequest,
    key_id: KeyId,
    ctx: &Context<'_>,
) -> Result<ListAliasesResponse, ServiceError> {
    let place = ctx.place();
    let listing = Listing::new("aliases", place, key_id.as_str());
    let after = listing.read_marker(input.marker.as_deref())?.map(|name| KeyAliasRowKey { place, key_id, name });
    let page = PAGE.read::<KeyAliasRecord>(input.limit, place.key_prefix(key_id), after.as_ref(), ctx).await?;
    let mut aliases = Vec::with_capacity(page.rows.len());
    for (index, _) in &page.rows {
        let alias = AliasRowKey { place, name: index.name.clone() };
        // Read from the snapshot of the page, so index and alias agree.
        if let Some(record) = page.snapshot.read::<AliasRecord>(&alias).await? {
            aliases.push(entry(&index.name, Some(&record), ctx));
        }
    }
    Ok(ListAliasesResponse {
        aliases: Some(aliases),
        next_marker: page.last_if_truncated().map(|(key, _)| listing.marker(key.name.as_str())),
        truncated: Some(page.truncated),
    })
}

fn entry(name: &AliasName, record: Option<&AliasRecord>, ctx: &Context<'_>) -> AliasListEntry {
    let arn = AliasArn { region: ctx.caller.region(), account: ctx.caller.account(), name: name.clone() };
    AliasListEntry {
        alias_name: Some(name.to_string()),
        alias_arn: Some(arn.to_string()),
        target_key_id: record.map(|record| record.target.to_string()),
        creation_date: record.map(|record| record.created),
        last_updated_date: record.map(|record| record.updated),
    }
}
