//! UntagResource.

use kagiban_api::UntagResourceRequest;

use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::change::change;

/// Removes tags by their keys; unknown ones are ignored.
pub(crate) async fn handle(input: &UntagResourceRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    change(&input.key_id, &[Fact::TagKeys(&input.tag_keys)], ctx, |key| {
        key.body.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(())
    })
    .await
}
