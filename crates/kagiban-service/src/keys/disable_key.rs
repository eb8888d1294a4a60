//! DisableKey.

use kagiban_api::{DisableKeyRequest, KeyState};

use super::change::change;
use crate::context::Context;
use crate::error::ServiceError;

/// Sets the state to Disabled: no cryptography until EnableKey. Doing it twice is no error.
pub(crate) async fn handle(input: &DisableKeyRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    change(&input.key_id, &[], ctx, |key| {
        key.body.state = KeyState::Disabled;
        Ok(())
    })
    .await
}
