//! ListResourceTags.

use std::ops::Bound;

use kagiban_api::{ListResourceTagsRequest, ListResourceTagsResponse, Tag};

use crate::context::Context;
use crate::error::ServiceError;
use crate::paging::{Listing, PageSize};
use crate::resolve;

/// Tags on a page: default and maximum.
const PAGE: PageSize = PageSize { default: 50, max: 50 };

/// Lists a key's tags, by tag key.
pub(crate) fn handle(
    input: &ListResourceTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListResourceTagsResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    let listing = Listing::new("tags", ctx.place(), key.subject().arn.key_id.as_str());
    let after: Option<String> = listing.read_marker(input.marker.as_deref())?;
    let limit = PAGE.limit(input.limit);
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = key.subject().body.tags.range::<String, _>((start, Bound::Unbounded));
    let tags: Vec<Tag> =
        rest.by_ref().take(limit).map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() }).collect();
    let truncated = rest.next().is_some();
    let next_marker = tags.last().filter(|_| truncated).map(|tag| listing.marker(&tag.tag_key));
    Ok(ListResourceTagsResponse { tags: Some(tags), next_marker, truncated: Some(truncated) })
}
