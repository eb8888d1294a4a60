//! CancelKeyDeletion.

use kagiban_api::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, KeyState};

use super::change::change;
use crate::context::Context;
use crate::error::ServiceError;

/// Takes a scheduled deletion back. The key ends up Disabled, so that using it again is a second, deliberate step.
pub(crate) async fn handle(
    input: &CancelKeyDeletionRequest,
    ctx: &Context<'_>,
) -> Result<CancelKeyDeletionResponse, ServiceError> {
    change(&input.key_id, ctx, |key| {
        key.body.state = KeyState::Disabled;
        key.body.deletion_date = None;
        Ok(CancelKeyDeletionResponse { key_id: Some(key.arn_text.to_string()) })
    })
    .await
}
