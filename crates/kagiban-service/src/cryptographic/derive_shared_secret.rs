//! DeriveSharedSecret.

use kagiban_api::{DeriveSharedSecretRequest, DeriveSharedSecretResponse, KeyUsageType};
use kagiban_keycore::material::DeriveError;

use super::{recipient, refuse_dry_run};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;

/// Agrees with the owner of a public key on a secret: the x coordinate of the shared point.
pub(crate) fn handle(
    input: &DeriveSharedSecretRequest,
    ctx: &Context<'_>,
) -> Result<DeriveSharedSecretResponse, ServiceError> {
    let recipient = recipient::attested(input.recipient.as_ref(), ctx)?;
    let facts =
        [Fact::KeyAgreementAlgorithm(input.key_agreement_algorithm.as_str()), recipient::fact(recipient.as_ref())];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    state::require_usage(KeyUsageType::KeyAgreement, ctx.operation(), key.subject())?;
    state::require(ctx.row.states, key.subject())?;
    let derived = material::parsed(&key, ctx.service)?.derive_shared_secret(&input.public_key);
    let secret = derived.map_err(|error| match error {
        DeriveError::PublicKey(_) => ServiceError::Validation(format!(
            "1 validation error detected: Value at 'publicKey' failed to satisfy constraint: Member must be the DER \
             SubjectPublicKeyInfo of a public key on the curve of {}",
            key.subject().body.key_spec
        )),
        DeriveError::Unfit(_) | DeriveError::Primitive(_) => {
            ServiceError::Internal(InternalError::Cryptography(error.into()))
        }
    })?;
    refuse_dry_run(input.dry_run)?;
    let answer = recipient::answer(recipient.as_ref(), secret, ctx)?;
    Ok(DeriveSharedSecretResponse {
        key_id: Some(key.subject().arn.to_string()),
        shared_secret: answer.plaintext,
        ciphertext_for_recipient: answer.ciphertext_for_recipient,
        key_agreement_algorithm: Some(input.key_agreement_algorithm),
        key_origin: Some(key.subject().body.origin),
    })
}
