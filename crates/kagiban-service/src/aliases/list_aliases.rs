//! ListAliases.

use kagiban_api::{AliasListEntry, ListAliasesRequest, ListAliasesResponse};
use kagiban_base::arn::AliasArn;
use kagiban_base::id::{AliasName, KeyId};

use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;
use crate::paging::{Listing, PageSize};
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
    Ok(ListAliasesResponse {
        aliases: Some(page.rows.iter().map(|(key, record)| entry(&key.name, record, ctx)).collect()),
        next_marker: page.last_if_truncated().map(|(key, _)| listing.marker(key.name.as_str())),
        truncated: Some(page.truncated),
    })
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
            aliases.push(entry(&index.name, &record, ctx));
        }
    }
    Ok(ListAliasesResponse {
        aliases: Some(aliases),
        next_marker: page.last_if_truncated().map(|(key, _)| listing.marker(key.name.as_str())),
        truncated: Some(page.truncated),
    })
}

fn entry(name: &AliasName, record: &AliasRecord, ctx: &Context<'_>) -> AliasListEntry {
    let arn = AliasArn { region: ctx.caller.region(), account: ctx.caller.account(), name: name.clone() };
    AliasListEntry {
        alias_name: Some(name.to_string()),
        alias_arn: Some(arn.to_string()),
        target_key_id: Some(record.target.to_string()),
        creation_date: Some(record.created),
        last_updated_date: Some(record.updated),
    }
}
