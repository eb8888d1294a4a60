//! EnableKey.

use kagiban_api::{EnableKeyRequest, KeyState};

use super::change::change;
use crate::context::Context;
use crate::error::ServiceError;

/// Sets the state to Enabled. Doing it twice is no error.
pub(crate) async fn handle(input: &EnableKeyRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    change(&input.key_id, &[], ctx, |key| {
        key.body.state = KeyState::Enabled;
        Ok(())
    })
    .await
}
