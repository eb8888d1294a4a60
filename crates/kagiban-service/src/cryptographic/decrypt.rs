//! Decrypt.

use kagiban_api::{DecryptRequest, DecryptResponse, DryRunModifierType, EncryptionAlgorithmSpec};

use super::ciphertext::{SourceRequest, decrypt, source};
use super::{canonical, recipient, refuse_dry_run, require_encryption, require_no_context, required_ciphertext};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;

/// Decrypts a ciphertext. Which key a blob is under, it tells itself; a KeyId in the request must agree.
pub(crate) async fn handle(input: &DecryptRequest, ctx: &Context<'_>) -> Result<DecryptResponse, ServiceError> {
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let ignores = input.dry_run_modifiers.iter().flatten().any(|m| *m == DryRunModifierType::IgnoreCiphertext);
    let ciphertext = required_ciphertext(input.ciphertext_blob.as_deref(), input.dry_run, ignores)?;
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let recipient = recipient::attested(input.recipient.as_ref(), ctx)?;
    let key_id = input.key_id.as_deref();
    let facts = [
        Fact::EncryptionAlgorithm(algorithm.as_str()),
        Fact::EncryptionContext(input.encryption_context.as_ref()),
        recipient::fact(recipient.as_ref()),
    ];
    let action = ctx.row.action;
    let request = SourceRequest { ciphertext, key_id, key_id_member: "keyId", algorithm, action, facts: &facts };
    let source = source(request, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    let key = source.key;
    require_encryption(key.subject(), algorithm, ctx)?;
    require_no_context(algorithm, &context, "encryptionContext")?;
    let sealed = source.sealed.ok_or(ServiceError::DryRun)?;
    let plaintext = decrypt(&key, sealed, algorithm, &context, ctx).await?;
    refuse_dry_run(input.dry_run)?;
    let answer = recipient::answer(recipient.as_ref(), plaintext, ctx)?;
    Ok(DecryptResponse {
        key_id: Some(key.subject().arn.to_string()),
        plaintext: answer.plaintext,
        encryption_algorithm: Some(algorithm),
        ciphertext_for_recipient: answer.ciphertext_for_recipient,
        // Left out where the answer is for an enclave, as the API has it.
        key_material_id: sealed.material_id().filter(|_| recipient.is_none()).map(|id| id.to_string()),
    })
}
