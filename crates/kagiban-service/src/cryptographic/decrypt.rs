//! Decrypt.

use kagiban_api::{DecryptRequest, DecryptResponse, DryRunModifierType, EncryptionAlgorithmSpec};

use super::{
    canonical, open, refuse_dry_run, refuse_grant_tokens, refuse_recipient, require_encryption, required_ciphertext,
    source,
};
use crate::context::Context;
use crate::error::ServiceError;

/// Decrypts a ciphertext. Which key it is under, the ciphertext itself tells; a KeyId in the request must agree.
pub(crate) fn handle(input: &DecryptRequest, ctx: &Context<'_>) -> Result<DecryptResponse, ServiceError> {
    let ignores = input.dry_run_modifiers.iter().flatten().any(|m| *m == DryRunModifierType::IgnoreCiphertext);
    let ciphertext = required_ciphertext(input.ciphertext_blob.as_deref(), input.dry_run, ignores)?;
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let source = source(ciphertext, input.key_id.as_deref(), "keyId", ctx.operation().into(), ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    refuse_recipient(input.recipient.as_ref())?;
    let key = source.key;
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    require_encryption(key.subject(), algorithm, ctx)?;
    let Some((ciphertext, material_id)) = source.sealed else { return Err(ServiceError::DryRun) };
    let plaintext = open(&key, material_id, &context, ciphertext, ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(DecryptResponse {
        key_id: Some(key.subject().arn_text.to_string()),
        plaintext: Some(plaintext),
        encryption_algorithm: Some(algorithm),
        key_material_id: Some(material_id.to_string()),
        ..DecryptResponse::default()
    })
}
