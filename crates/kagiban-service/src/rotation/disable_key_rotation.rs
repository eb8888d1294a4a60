//! DisableKeyRotation.

use kagiban_api::DisableKeyRotationRequest;

use super::change_settings;
use crate::context::Context;
use crate::error::ServiceError;

/// Stops automatic rotation. Every material stays; doing it twice is no error.
pub(crate) async fn handle(input: &DisableKeyRotationRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    change_settings(&input.key_id, &[], ctx, |key| key.body.rotation.automatic = None).await
}
