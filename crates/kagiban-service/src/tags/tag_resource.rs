//! TagResource.

use kagiban_api::TagResourceRequest;

use super::{checked, merge};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::change::change;

/// Adds tags to a key; a tag whose key exists gets the new value.
pub(crate) async fn handle(input: &TagResourceRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let limits = ctx.limits();
    let tags = checked(&input.tags, &limits)?;
    change(&input.key_id, &[Fact::RequestTags(&input.tags)], ctx, |key| merge(&mut key.body.tags, &tags, &limits)).await
}
