//! Verify.

use kagiban_api::{KeyUsageType, MessageType, VerifyRequest, VerifyResponse};
use kagiban_keycore::public_key::VerifyError;

use super::message::{Signable, require_fit};
use super::refuse_dry_run;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;
use crate::spec::Counterpart;

/// Verifies a signature with the key's public half. A signature that does not hold is an error, never a `false`.
pub(crate) fn handle(input: &VerifyRequest, ctx: &Context<'_>) -> Result<VerifyResponse, ServiceError> {
    let facts = [
        Fact::MessageType(input.message_type.unwrap_or(MessageType::Raw).as_str()),
        Fact::SigningAlgorithm(input.signing_algorithm.as_str()),
    ];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    state::require_usage(KeyUsageType::SignVerify, ctx.operation(), key.subject())?;
    let signable = Signable::new(&input.message, input.message_type);
    require_fit(&signable, input.signing_algorithm, key.subject())?;
    state::require(ctx.row.states, key.subject())?;
    let verified =
        material::public_key(&key)?.verify(input.signing_algorithm.core()?, signable.message(), &input.signature);
    match verified {
        Ok(()) => {}
        Err(VerifyError::VerificationFailed | VerifyError::Unfit(_)) => return Err(ServiceError::InvalidSignature),
    }
    refuse_dry_run(input.dry_run)?;
    Ok(VerifyResponse {
        key_id: Some(key.subject().arn.to_string()),
        signature_valid: Some(true),
        signing_algorithm: Some(input.signing_algorithm),
    })
}
