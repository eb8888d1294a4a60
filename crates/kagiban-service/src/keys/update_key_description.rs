//! UpdateKeyDescription.

use kagiban_api::UpdateKeyDescriptionRequest;

use super::change::change;
use crate::context::Context;
use crate::error::ServiceError;

/// Replaces the key's description.
pub(crate) async fn handle(input: &UpdateKeyDescriptionRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    change(&input.key_id, &[], ctx, |key| {
        key.body.description = input.description.clone().into();
        Ok(())
    })
    .await
}
