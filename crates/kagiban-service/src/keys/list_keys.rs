//! ListKeys.

use kagiban_api::{KeyListEntry, ListKeysRequest, ListKeysResponse, ResourceOwnerType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyId;

use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;
use crate::paging::{Listing, PageSize};

/// Keys on a page: default and maximum.
const PAGE: PageSize = PageSize { default: 100, max: 1000 };

/// Lists the account's keys in the Region, by key id.
pub(crate) fn handle(input: &ListKeysRequest, ctx: &Context<'_>) -> Result<ListKeysResponse, ServiceError> {
    let _permitted = authorize::account(ctx.row.action, &[], ctx)?;
    let own = input.resource_owners.as_ref().is_none_or(|owners| owners.contains(&ResourceOwnerType::Self_));
    let place = ctx.place();
    let listing = Listing::new(if own { "keys" } else { "shared-keys" }, place, "");
    let after = listing.read_marker(input.marker.as_deref())?;
    if !own {
        // Keys of other accounts come by resource sharing, which there is none of.
        return Ok(ListKeysResponse { keys: Some(Vec::new()), next_marker: None, truncated: Some(false) });
    }
    let (ids, truncated) = ctx.service.view.key_order().page(place, after, PAGE.limit(input.limit));
    let entry = |key_id: &KeyId| {
        let arn = KeyArn { region: place.region, account: place.account, key_id: *key_id };
        KeyListEntry { key_id: Some(key_id.to_string()), key_arn: Some(arn.to_string()) }
    };
    Ok(ListKeysResponse {
        keys: Some(ids.iter().map(entry).collect()),
        next_marker: ids.last().filter(|_| truncated).map(|last| listing.marker(last.as_str())),
        truncated: Some(truncated),
    })
}
