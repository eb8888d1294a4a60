//! Grant tokens: what makes a new grant known at once. Here every grant is, so a token only has to be genuine.

use crate::context::Context;
use crate::error::ServiceError;

/// Are these tokens of grants that exist?
///
/// # Errors
/// InvalidGrantToken.
pub(crate) fn require_valid(tokens: Option<&Vec<String>>, _ctx: &Context<'_>) -> Result<(), ServiceError> {
    if tokens.is_some_and(|tokens| !tokens.is_empty()) { Err(ServiceError::GrantTokenInvalid) } else { Ok(()) }
}
