//! Decapsulate.

use kagiban_api::{DecapsulateRequest, DecapsulateResponse, KeyUsageType};
use kagiban_keycore::material::DecapsulateError;

use super::refuse_dry_run;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;

/// Takes the shared secret out of its ciphertext. A ciphertext of the right length always gives one (FIPS 203, implicit
/// rejection), so only the length can be wrong.
pub(crate) fn handle(input: &DecapsulateRequest, ctx: &Context<'_>) -> Result<DecapsulateResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    state::require_usage(KeyUsageType::EncapsulateDecapsulate, ctx.operation(), key.subject())?;
    state::require(ctx.row.states, key.subject())?;
    let opened = material::parsed(&key, ctx.service)?.decapsulate(&input.shared_secret_ciphertext_blob);
    let secret = opened.map_err(|error| match error {
        DecapsulateError::WrongCiphertextLength { .. } => ServiceError::InvalidCiphertext,
        DecapsulateError::Unfit(_) | DecapsulateError::Primitive(_) => {
            ServiceError::Internal(InternalError::Cryptography(error.into()))
        }
    })?;
    refuse_dry_run(input.dry_run)?;
    Ok(DecapsulateResponse {
        key_id: Some(key.subject().arn.to_string()),
        shared_secret: Some(secret),
        encapsulation_algorithm: Some(input.encapsulation_algorithm),
    })
}
