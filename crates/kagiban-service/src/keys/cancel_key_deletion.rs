//! CancelKeyDeletion.

use kagiban_api::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, KeyState, OriginType};

use super::change::change;
use crate::context::Context;
use crate::error::ServiceError;

/// Takes a scheduled deletion back. The key ends up Disabled, so that using it again is a second, deliberate step; one that
/// has no material still waits for it, by an import or as a replica in the making.
pub(crate) async fn handle(
    input: &CancelKeyDeletionRequest,
    ctx: &Context<'_>,
) -> Result<CancelKeyDeletionResponse, ServiceError> {
    change(&input.key_id, &[], ctx, |key| {
        if key.body.erasing {
            // Its material is going or gone.
            return Err(ServiceError::KeyNotFound(key.arn));
        }
        key.body.state = match (key.body.current_material, key.body.origin) {
            (Some(_), _) => KeyState::Disabled,
            (None, OriginType::External) => KeyState::PendingImport,
            // A replica to which its primary's material has not come yet.
            (None, _) => KeyState::Creating,
        };
        key.body.deletion_date = None;
        key.body.pending_window_days = None;
        if key.body.origin == OriginType::External {
            // Material may have been deleted meanwhile.
            key.body.follow_imports();
        }
        Ok(CancelKeyDeletionResponse { key_id: Some(key.arn.to_string()) })
    })
    .await
}
