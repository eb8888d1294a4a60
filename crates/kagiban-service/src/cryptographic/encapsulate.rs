//! Encapsulate.

use kagiban_api::{EncapsulateRequest, EncapsulateResponse, KeyUsageType};

use super::refuse_dry_run;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;

/// Makes a shared secret for the owner of an ML-KEM key, and the ciphertext that carries it.
pub(crate) fn handle(input: &EncapsulateRequest, ctx: &Context<'_>) -> Result<EncapsulateResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    state::require_usage(KeyUsageType::EncapsulateDecapsulate, ctx.operation(), key.subject())?;
    state::require(ctx.row.states, key.subject())?;
    refuse_dry_run(input.dry_run)?;
    let made = material::public_key(&key)?
        .encapsulate()
        .map_err(|error| ServiceError::Internal(InternalError::Cryptography(error.into())))?;
    Ok(EncapsulateResponse {
        key_id: Some(key.subject().arn.to_string()),
        shared_secret: Some(made.shared_secret),
        shared_secret_ciphertext_blob: Some(made.ciphertext),
        encapsulation_algorithm: Some(input.encapsulation_algorithm),
    })
}
