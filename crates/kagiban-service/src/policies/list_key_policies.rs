//! ListKeyPolicies.

use kagiban_api::{ListKeyPoliciesRequest, ListKeyPoliciesResponse};

use super::DEFAULT_NAME;
use crate::context::Context;
use crate::error::ServiceError;
use crate::resolve;

/// Names the key's policies: there is one.
pub(crate) fn handle(
    input: &ListKeyPoliciesRequest,
    ctx: &Context<'_>,
) -> Result<ListKeyPoliciesResponse, ServiceError> {
    let _permitted = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    if input.marker.is_some() {
        // One name fits on every page, so no marker was ever given out.
        return Err(ServiceError::InvalidMarker);
    }
    Ok(ListKeyPoliciesResponse {
        policy_names: Some(vec![DEFAULT_NAME.to_owned()]),
        next_marker: None,
        truncated: Some(false),
    })
}
