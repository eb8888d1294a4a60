//! Sign.

use kagiban_api::{KeyUsageType, MessageType, SignRequest, SignResponse};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::SignError;

use super::message::{Signable, require_fit};
use super::refuse_dry_run;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;
use crate::spec::Counterpart;

/// Signs a message, its digest, or an ML-DSA message representative.
pub(crate) async fn handle(input: &SignRequest, ctx: &Context<'_>) -> Result<SignResponse, ServiceError> {
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
    refuse_dry_run(input.dry_run)?;
    let (algorithm, form) = (input.signing_algorithm.core()?, signable.form);
    let (message, random): (SecretBytes, _) = (input.message.copy(), std::sync::Arc::clone(&ctx.service.random));
    let signed = material::with_private_key(&key, ctx.service, move |material| {
        material.sign(algorithm, form.message(message.expose()), random.as_ref())
    });
    let signature =
        signed.await?.map_err(|error: SignError| ServiceError::Internal(InternalError::Cryptography(error.into())))?;
    Ok(SignResponse {
        key_id: Some(key.subject().arn.to_string()),
        signature: Some(signature),
        signing_algorithm: Some(input.signing_algorithm),
    })
}
