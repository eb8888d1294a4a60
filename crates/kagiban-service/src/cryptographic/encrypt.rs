//! Encrypt.

use kagiban_api::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec};

use super::ciphertext::encrypt;
use super::{authorized_key, canonical, refuse_dry_run, refuse_grant_tokens, require_encryption, require_no_context};
use crate::context::Context;
use crate::error::ServiceError;

/// Encrypts up to 4,096 bytes under a KMS key; under an asymmetric key, as many as its algorithm takes.
pub(crate) fn handle(input: &EncryptRequest, ctx: &Context<'_>) -> Result<EncryptResponse, ServiceError> {
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let key = authorized_key(&input.key_id, ctx.operation(), ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    require_encryption(key.subject(), algorithm, ctx)?;
    require_no_context(algorithm, &context, "encryptionContext")?;
    let encrypted = encrypt(&key, algorithm, &context, input.plaintext.expose(), ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(EncryptResponse {
        ciphertext_blob: Some(encrypted.ciphertext),
        key_id: Some(key.subject().arn_text.to_string()),
        encryption_algorithm: Some(algorithm),
    })
}
