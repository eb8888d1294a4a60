//! ReEncrypt.

use kagiban_api::{DryRunModifierType, EncryptionAlgorithmSpec, ReEncryptRequest, ReEncryptResponse};

use super::{
    authorized_key, canonical, open, refuse_dry_run, refuse_grant_tokens, require_encryption, required_ciphertext,
    seal, source,
};
use crate::authorize::Action;
use crate::context::Context;
use crate::error::ServiceError;

/// Decrypts under one key and encrypts under another, or under the same with another context; two keys, two permissions.
/// The plaintext never leaves the service.
pub(crate) fn handle(input: &ReEncryptRequest, ctx: &Context<'_>) -> Result<ReEncryptResponse, ServiceError> {
    let ignores = input.dry_run_modifiers.iter().flatten().any(|m| *m == DryRunModifierType::IgnoreCiphertext);
    let ciphertext = required_ciphertext(input.ciphertext_blob.as_deref(), input.dry_run, ignores)?;
    let source_context = canonical(input.source_encryption_context.as_ref(), "sourceEncryptionContext")?;
    let destination_context = canonical(input.destination_encryption_context.as_ref(), "destinationEncryptionContext")?;
    let source = source(ciphertext, input.source_key_id.as_deref(), "sourceKeyId", Action::RE_ENCRYPT_FROM, ctx)?;
    let destination = authorized_key(&input.destination_key_id, Action::RE_ENCRYPT_TO, ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    let source_algorithm = input.source_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let destination_algorithm =
        input.destination_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    require_encryption(source.key.subject(), source_algorithm, ctx)?;
    require_encryption(destination.subject(), destination_algorithm, ctx)?;
    let Some((ciphertext, source_material)) = source.sealed else { return Err(ServiceError::DryRun) };
    let plaintext = open(&source.key, source_material, &source_context, ciphertext, ctx)?;
    let (blob, destination_material) = seal(&destination, &destination_context, plaintext.expose(), ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(blob),
        source_key_id: Some(source.key.subject().arn_text.to_string()),
        key_id: Some(destination.subject().arn_text.to_string()),
        source_encryption_algorithm: Some(source_algorithm),
        destination_encryption_algorithm: Some(destination_algorithm),
        source_key_material_id: Some(source_material.to_string()),
        destination_key_material_id: Some(destination_material.to_string()),
    })
}
